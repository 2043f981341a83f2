"""Calendar quarters, by the clocks of an organisation."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.core.calendar.quarters import last_day_before, quarter_began

BERLIN, AUCKLAND, NEW_YORK = (ZoneInfo(z) for z in ("Europe/Berlin", "Pacific/Auckland", "America/New_York"))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "began", "last"),
    [
        # Berlin is two hours ahead in summer, one in winter
        (utc(2026, 11, 18, 11), BERLIN, utc(2026, 9, 30, 22), date(2026, 9, 30)),
        (utc(2026, 3, 31, 21, 59), BERLIN, utc(2025, 12, 31, 23), date(2025, 12, 31)),
        (utc(2026, 3, 31, 22), BERLIN, utc(2026, 3, 31, 22), date(2026, 3, 31)),
        (utc(2026, 3, 31, 21, 59, 59), BERLIN, utc(2025, 12, 31, 23), date(2025, 12, 31)),
        # the same moment is in two different quarters
        (utc(2026, 6, 30, 20), AUCKLAND, utc(2026, 6, 30, 12), date(2026, 6, 30)),
        (utc(2026, 6, 30, 20), NEW_YORK, utc(2026, 4, 1, 4), date(2026, 3, 31)),
        (utc(2026, 12, 31, 23, 59), ZoneInfo("UTC"), utc(2026, 10, 1), date(2026, 9, 30)),
    ],
)
def test_quarter_begins_at_local_midnight(moment, zone, began, last):
    found = quarter_began(moment, zone)
    assert found == began
    assert last_day_before(found, zone) == last
