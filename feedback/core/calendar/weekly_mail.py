"""When the weekly mail is due, and which relationships moved a score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feedback.core.calendar.weeks import Week
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, days_of, loyalty_before

SENT_AT = time(7)  # of day, in the organisation's time zone
LATE_AFTER = timedelta(hours=1)  # so long after it was due a mail that has not gone out is late
MOST_SHIFTS = 2  # relationships named for each rep


@dataclass(frozen=True, slots=True)
class Shift:
    """How the loyalty of one relationship changed in one week."""

    key: Any  # whatever the caller knows the relationship by
    before: float | None  # loyalty before the week, 0..100; None when this week brought the first answer
    after: float  # loyalty after the week, 0..100

    def size(self, score: float) -> float:
        """Return the points gained or lost. A relationship first heard this week counts from the rep's score
        before it (0..100)."""
        return self.after - (score if self.before is None else self.before)


def weekly_mail_due_at(week: Week, zone: ZoneInfo) -> datetime:
    """Return when the mail about `week` goes out: 07:00 in `zone` on the Monday after it."""
    return datetime.combine(week.plus(1).monday, SENT_AT, zone)


def score_shift(
    key: Any, history: Iterable[Moment], scoring: Scoring, starts: datetime, ends: datetime
) -> Shift | None:
    """Return how a relationship's loyalty changed from `starts` to `ends`, by when meetings were held; None
    without any answer before `ends`. A week begins and ends with days of the organisation."""
    days = days_of((moment for moment in history if moment.held_at < ends), scoring, lambda m: m.client)
    after = loyalty_before(ends, days, scoring)
    return None if after is None else Shift(key, loyalty_before(starts, days, scoring), after)


def shift_reasons(shifts: Iterable[Shift], move: float, score: float) -> list[Shift]:
    """Return the relationships that moved a score in the direction it went, the largest shift first, at most
    two.

    move: the change of the score. score: before it, 0..100.
    """
    same_way = [shift for shift in shifts if shift.size(score) * move > 0]
    return sorted(same_way, key=lambda shift: -abs(shift.size(score)))[:MOST_SHIFTS]
