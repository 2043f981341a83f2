"""Working days, and when an alert and a reminder are due."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from feedback.core.alerts.reasons import due_at
from feedback.core.asking import reminder_due
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


@pytest.mark.parametrize(
    ("asked", "zone", "reminded"),
    [
        ("2026-11-18T15:00", "Europe/Berlin", "2026-11-20T15:00"),  # Wednesday to Friday
        ("2026-11-20T15:00", "Europe/Berlin", "2026-11-24T15:00"),  # over a weekend
        ("2026-11-21T09:00", "Europe/Berlin", "2026-11-24T09:00"),  # asked on a Saturday
        (
            "2026-12-24T10:00",
            "Europe/Berlin",
            "2026-12-29T10:00",
        ),  # over Christmas, on a Friday, and a weekend
        (
            "2026-10-23T12:00",
            "Europe/Berlin",
            "2026-10-27T12:00",
        ),  # the clocks change between: the same time of day
        ("2026-11-20T08:00", "Pacific/Auckland", "2026-11-24T08:00"),  # Thursday in Greenwich
        ("2026-11-20T22:00", "America/Los_Angeles", "2026-11-24T22:00"),  # Saturday in Greenwich
    ],
)
def test_reminder_is_due_after_two_working_days(asked, zone, reminded):
    here = ZoneInfo(zone)
    days = WorkingDays(off={date(2026, 12, 25), date(2026, 12, 26)})
    at = datetime.fromisoformat(asked).replace(tzinfo=here).astimezone(UTC)
    assert reminder_due(at, here, days) == datetime.fromisoformat(reminded).replace(tzinfo=here)
