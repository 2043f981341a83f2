"""Working days, and when an alert is due."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.core.alerts.reasons import due_at
from feedback.core.calendar.workdays import WorkingDays

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY_TO_THURSDAY = WorkingDays(frozenset({7, 1, 2, 3, 4}))


@pytest.mark.parametrize(
    ("opened", "days", "expected"),
    [
        (datetime(2026, 11, 18, 11, tzinfo=UTC), WorkingDays(), date(2026, 11, 20)),  # Wednesday
        (datetime(2026, 11, 19, 23, 30, tzinfo=UTC), WorkingDays(), date(2026, 11, 24)),  # Friday there
        (datetime(2026, 11, 20, 11, tzinfo=UTC), WorkingDays(), date(2026, 11, 24)),  # Friday
        (datetime(2026, 11, 19, 11, tzinfo=UTC), SUNDAY_TO_THURSDAY, date(2026, 11, 23)),  # Thursday
        (datetime(2026, 12, 23, 11, tzinfo=UTC), WorkingDays(off={date(2026, 12, 25)}), date(2026, 12, 28)),
        (
            datetime(2026, 11, 18, 11, tzinfo=UTC),
            WorkingDays(frozenset()),
            date(2026, 11, 20),
        ),  # nobody works
    ],
)
def test_due_end_of_second_working_day(opened, days, expected):
    last_moment = due_at(opened, BERLIN, 2, days).astimezone(BERLIN)
    assert (last_moment.date() - expected).days == 1
    assert last_moment.hour == 0
