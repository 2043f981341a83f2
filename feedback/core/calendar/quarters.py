"""Calendar quarters, by the clocks of an organisation."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quarter_began(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment, as UTC, of the calendar quarter that an aware moment falls into: the end of the
    quarter before."""
    day = moment.astimezone(zone).date()
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return datetime.combine(first, time(), zone).astimezone(UTC)


def last_day_before(began: datetime, zone: ZoneInfo) -> date:
    """The last day of the quarter that ended then."""
    return began.astimezone(zone).date() - timedelta(days=1)
