"""ISO weeks in an organisation's own time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2999


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """An ISO week: 2026-W47. Weeks begin on Monday; a year has 52 or 53."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    def plus(self, weeks: int) -> "Week":
        """Return the week that many weeks later; earlier for a negative number."""
        return week_on(self.monday + timedelta(weeks=weeks))

    def starts(self, zone: ZoneInfo) -> datetime:
        """Return the first moment of the week in `zone`, as UTC. Where the clocks change at midnight on a
        Monday this is the first moment that exists."""
        return datetime.combine(self.monday, time(), zone).astimezone(UTC)

    def ends(self, zone: ZoneInfo) -> datetime:
        """Return the first moment after the week in `zone`, as UTC."""
        return self.plus(1).starts(zone)


def week_on(day: date) -> Week:
    """Return the ISO week of a date."""
    iso = day.isocalendar()
    return Week(iso.year, iso.week)


def week_of(moment: datetime, zone: ZoneInfo) -> Week:
    """Return the week that an aware moment falls into in the time zone `zone`."""
    return week_on(moment.astimezone(zone).date())


def monday_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the week that an aware moment falls into in the time zone `zone`."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def parse_week(text: str) -> Week:
    """Parse '2026-W47' into a week. Raises ValueError for anything else, and for a week the year does not
    have."""
    match = re.fullmatch(r"(\d{4})-W(\d{2})", text)
    if not match:
        raise ValueError(f"a week is written like 2026-W47, not {text!r}")
    week = Week(int(match[1]), int(match[2]))
    if not FIRST_YEAR <= week.year <= LAST_YEAR:
        raise ValueError(f"a year is {FIRST_YEAR} to {LAST_YEAR}, not {week.year}")
    _ = week.monday  # raises for week 53 of a year with 52
    return week
