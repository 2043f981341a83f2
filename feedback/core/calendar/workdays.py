"""Which days are working days."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_BREAK = 366  # days; a longer search for a working day would find none either


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of an organisation."""

    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})  # ISO numbers, Monday is 1
    off: Container[date] = frozenset()  # public holidays and the organisation's own days off

    def works_on(self, day: date) -> bool:
        """Tell whether `day` is a working day."""
        return day.isoweekday() in self.weekdays and day not in self.off

    def after(self, day: date) -> date:
        """Return the next working day after `day`; the next day when a whole year has no working day."""
        return next(
            (later for n in range(1, LONGEST_BREAK) if self.works_on(later := day + timedelta(days=n))),
            day + timedelta(days=1),
        )


MONDAY_TO_FRIDAY = WorkingDays()
