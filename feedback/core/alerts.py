"""When a manager should look. Urgent is mailed at once; watch is listed and goes into the weekly mail."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from feedback.core.dimensions import FINE, NO_RATINGS, Ratings, mean
from feedback.core.lukewarm import is_fine
from feedback.core.points import points
from feedback.core.stages import runs_ahead
from feedback.core.workdays import MONDAY_TO_FRIDAY, WorkingDays

DUE_WORKING_DAYS = 2
REVIEW_DAYS = 90
DROP_POINTS = 25.0


class Kind(StrEnum):
    LOW = "low"
    DROP = "drop"
    BLIND_SPOT = "blind_spot"
    BROKEN_PROMISE = "broken_promise"
    DISPUTED = "disputed"
    DOUBTFUL = "doubtful"
    FINE = "fine"
    AHEAD = "ahead"
    SILENCE = "silence"
    UNUSUAL = "unusual"


class Severity(StrEnum):
    URGENT = "urgent"
    WATCH = "watch"


class Outcome(StrEnum):
    RECOVERED = "recovered"
    ACCEPTED = "accepted"
    LOST = "lost"
    MISTAKEN = "mistaken"


class Done(StrEnum):
    """What people do about an alert."""

    TAKEN = "taken"
    ASSIGNED = "assigned"
    NOTED = "noted"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason to look at a relationship."""

    kind: Kind
    severity: Severity


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules look at. client, mirror: 1..5 each, or None. loyalty_before: the relationship's
    loyalty without this answer, 0..100, None when it is the first."""

    client: Ratings
    mirror: Ratings = NO_RATINGS
    loyalty_before: float | None = None
    comment: str | None = None
    client_stage: str | None = None
    rep_stage: str | None = None
    promise_broken: bool = False


def causes_of(answer: Answer) -> list[Cause]:
    """Every reason this answer gives, one per kind."""
    found = (
        _low(answer.client),
        _drop(answer),
        _blind_spot(answer),
        Cause(Kind.BROKEN_PROMISE, Severity.URGENT) if answer.promise_broken else None,
        Cause(Kind.FINE, Severity.WATCH) if is_fine(answer.client, answer.comment) else None,
        Cause(Kind.AHEAD, Severity.WATCH) if runs_ahead(answer.rep_stage, answer.client_stage) else None,
    )
    return [cause for cause in found if cause]


def meeting_loyalty(client: Ratings) -> float | None:
    """The plain mean of one answer's points, 0..100; None when nothing was rated."""
    return mean(points(r) for r in client if r is not None)


def _low(client: Ratings) -> Cause | None:
    """Urgent: a rating of 1, or two or more of at most 2. Watch: a single 2."""
    poor = sum(1 for r in client if r == 1)
    weak = sum(1 for r in client if r is not None and r <= 2)
    if poor or weak >= 2:
        return Cause(Kind.LOW, Severity.URGENT)
    return Cause(Kind.LOW, Severity.WATCH) if weak else None


def _drop(answer: Answer) -> Cause | None:
    """The meeting's loyalty 25 or more below the relationship's loyalty before it."""
    now = meeting_loyalty(answer.client)
    if now is None or answer.loyalty_before is None or answer.loyalty_before - now < DROP_POINTS:
        return None
    return Cause(Kind.DROP, Severity.URGENT)


def _blind_spot(answer: Answer) -> Cause | None:
    """Urgent: rep - client >= 3 in a dimension, or >= 2 in two where the client's is at most 3.
    Watch: 2 in one dimension, client at most 3."""
    both = [
        (c, m) for c, m in zip(answer.client, answer.mirror, strict=True) if c is not None and m is not None
    ]
    wide = sum(1 for c, m in both if m - c >= 2 and c <= FINE)
    if any(m - c >= 3 for c, m in both) or wide >= 2:
        return Cause(Kind.BLIND_SPOT, Severity.URGENT)
    return Cause(Kind.BLIND_SPOT, Severity.WATCH) if wide else None


def silent(
    last_meeting: datetime, review_days: int, now: datetime, looked_at: datetime | None = None
) -> bool:
    """No meeting for longer than the review interval, in days. looked_at: when a manager last closed an alert
    about it; then silence counts from there, so that what was accepted is not told again the next day."""
    return now - max(last_meeting, looked_at or last_meeting) > timedelta(days=review_days)


def heavier(one: Severity, other: Severity) -> Severity:
    """Urgent when either is: a further cause can raise a severity and never lowers it (design, alerts)."""
    return Severity.URGENT if Severity.URGENT in (one, other) else Severity.WATCH


def due(
    opened: datetime,
    zone: ZoneInfo,
    working_days: int = DUE_WORKING_DAYS,
    days: WorkingDays = MONDAY_TO_FRIDAY,
) -> datetime:
    """The end of the n-th working day after `opened`, by the clocks of `zone`."""
    day = opened.astimezone(zone).date()
    for _ in range(working_days):
        day = days.after(day)
    return datetime.combine(day + timedelta(days=1), time(), zone)
