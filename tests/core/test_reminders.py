"""When a client who was asked by mail is reminded."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.core.asking import reminder_due
from feedback.core.calendar.workdays import MONDAY_TO_FRIDAY

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("asked_at", "expected"),
    [
        (datetime(2026, 11, 18, 12, tzinfo=UTC), datetime(2026, 11, 20, 13, tzinfo=BERLIN)),
        (datetime(2026, 11, 19, 12, tzinfo=UTC), datetime(2026, 11, 23, 13, tzinfo=BERLIN)),
        # half past midnight of a Friday in Berlin
        (datetime(2026, 11, 19, 23, 30, tzinfo=UTC), datetime(2026, 11, 24, 0, 30, tzinfo=BERLIN)),
        # the clocks change meanwhile: the same time of day, not the same number of hours
        (datetime(2026, 10, 23, 12, tzinfo=UTC), datetime(2026, 10, 27, 14, tzinfo=BERLIN)),
    ],
)
def test_reminder_comes_two_working_days_later_at_the_same_time_of_day(asked_at, expected):
    assert reminder_due(asked_at, BERLIN, MONDAY_TO_FRIDAY) == expected
