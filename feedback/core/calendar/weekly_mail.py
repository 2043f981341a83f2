"""When the weekly mail is due, and what moved a score."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feedback.core.calendar.weeks import Week
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, relationship_numbers

AT = time(7)
LATE = timedelta(hours=1)
TOLD = 2  # relationships named for each rep


@dataclass(frozen=True, slots=True)
class Shift:
    """One relationship in one week. loyalty before and after it, 0..100; before is None when it was first heard."""

    key: Any
    before: float | None
    after: float

    def size(self, score: float) -> float:
        """Points gained or lost; of one first heard, how far it lies from the rep's score before it (0..100)."""
        return self.after - (score if self.before is None else self.before)


def weekly_mail_due_at(week: Week, zone: ZoneInfo) -> datetime:
    """When the mail about `week` goes out: Monday after it, 07:00 by the clocks of `zone`."""
    return datetime.combine(week.plus(1).monday, AT, zone)


def score_shift(
    key: Any, history: Iterable[Moment], scoring: Scoring, starts: datetime, ends: datetime
) -> Shift | None:
    """How a relationship moved between two moments, by the meetings held; None when nothing was heard by then."""
    known = [moment for moment in history if moment.held_at < ends]
    before = relationship_numbers((m for m in known if m.held_at < starts), scoring).loyalty
    after = relationship_numbers(known, scoring).loyalty
    return None if after is None else Shift(key, before, after)


def shift_reasons(shifts: Iterable[Shift], move: float, score: float) -> list[Shift]:
    """The relationships that carried a score the way it went, the widest first, at most two. score: before."""
    same_way = [shift for shift in shifts if shift.size(score) * move > 0]
    return sorted(same_way, key=lambda shift: -abs(shift.size(score)))[:TOLD]
