"""Calendar quarters in an organisation's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quarter_began(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment, as UTC, of the calendar quarter that an aware moment falls into; it is also
    the end of the quarter before."""
    day = moment.astimezone(zone).date()
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return datetime.combine(first, time(), zone).astimezone(UTC)


def last_day_before(began: datetime, zone: ZoneInfo) -> date:
    """Return the last day of the quarter before the one that began at `began`."""
    return began.astimezone(zone).date() - timedelta(days=1)
