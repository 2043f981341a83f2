"""Which days people work."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_BREAK = 366  # days; a calendar without any working day is nobody's


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """weekdays: ISO numbers, Monday is 1. off: public holidays and the organisation's own days off."""

    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    off: Container[date] = frozenset()

    def works_on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.off

    def after(self, day: date) -> date:
        """The next working day after `day`; plainly the next day where a whole year has none."""
        return next(
            (later for n in range(1, LONGEST_BREAK) if self.works_on(later := day + timedelta(days=n))),
            day + timedelta(days=1),
        )


MONDAY_TO_FRIDAY = WorkingDays()
