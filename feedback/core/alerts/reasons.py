"""When an alert is opened. Urgent is mailed at once; watch is listed and goes into the weekly mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from feedback.core.calendar.workdays import MONDAY_TO_FRIDAY, WorkingDays
from feedback.core.dimensions import FINE, NO_RATINGS, Ratings
from feedback.core.gaps.stages import runs_ahead
from feedback.core.lukewarm.detection import is_fine
from feedback.core.scoring.relationships import loyalty_of
from feedback.core.trust import Signal, unusual

DUE_WORKING_DAYS = 2
REVIEW_DAYS = 90
DROP_POINTS = 25.0

# The note with which an alert closes by itself, as it is stored.
TAKEN_BACK = "The client changed the answer, or took it back."


class Kind(StrEnum):
    """Why an alert was opened, the most important kind first."""

    LOW = "low"
    BROKEN_PROMISE = "broken_promise"
    DROP = "drop"
    BLIND_SPOT = "blind_spot"
    DISPUTED = "disputed"
    DOUBTFUL = "doubtful"
    FINE = "fine"
    AHEAD = "ahead"
    SILENCE = "silence"
    UNUSUAL = "unusual"


ABOUT_TRUST = frozenset({Kind.DISPUTED, Kind.DOUBTFUL, Kind.UNUSUAL})
# All other reasons are given by what the client said: erasing such an answer strikes them out.
KINDS_FROM_ANSWER = frozenset(Kind) - ABOUT_TRUST - {Kind.SILENCE}


# Both compare what the client said with what the rep thought.
KINDS_FROM_GUESS = frozenset({Kind.BLIND_SPOT, Kind.AHEAD})


class Severity(StrEnum):
    URGENT = "urgent"
    WATCH = "watch"


class Outcome(StrEnum):
    RECOVERED = "recovered"
    ACCEPTED = "accepted"
    LOST = "lost"
    MISTAKEN = "mistaken"


class AlertAction(StrEnum):
    """An action that people take on an alert."""

    TAKEN = "taken"
    ASSIGNED = "assigned"
    NOTED = "noted"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for an alert about a relationship."""

    kind: Kind
    severity: Severity


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What the alert rules are applied to."""

    client: Ratings  # 1..5 each, or None
    mirror: Ratings = NO_RATINGS  # likewise
    loyalty_before: float | None = None  # the relationship's without this answer, 0..100; None for the first
    comment: str | None = None
    client_stage: str | None = None  # one of stages.STAGES
    rep_stage: str | None = None  # likewise
    promise_broken: bool = False  # the client says that a promise was not kept


def reasons_of(answer: AnswerFacts) -> list[Reason]:
    """Return every reason for an alert that this answer gives, at most one per kind."""
    found = (
        _low_reason(answer.client),
        _drop_reason(answer),
        _blind_spot_reason(answer),
        Reason(Kind.BROKEN_PROMISE, Severity.URGENT) if answer.promise_broken else None,
        Reason(Kind.FINE, Severity.WATCH) if is_fine(answer.client, answer.comment) else None,
        Reason(Kind.AHEAD, Severity.WATCH) if runs_ahead(answer.rep_stage, answer.client_stage) else None,
    )
    return [reason for reason in found if reason]


def reasons_of_trust(
    signals: Iterable[Signal], *, disputed: bool, quarantined: bool, decided: bool
) -> list[Reason]:
    """Return the reasons to doubt an answer; none once a manager has decided whether it counts (decided)."""
    if decided:
        return []
    found = (
        Reason(Kind.DISPUTED, Severity.URGENT) if disputed else None,
        Reason(Kind.DOUBTFUL, Severity.URGENT) if quarantined and not disputed else None,
        Reason(Kind.UNUSUAL, Severity.WATCH) if unusual(signals) else None,
    )
    return [reason for reason in found if reason]


def leading(reasons: Iterable[Reason]) -> Reason | None:
    """Return the reason that an alert is filed under: the highest severity first, then the most important
    kind; None without reasons."""
    return min(
        reasons, key=lambda r: (r.severity is not Severity.URGENT, list(Kind).index(r.kind)), default=None
    )


def meeting_loyalty(client: Ratings) -> float | None:
    """Return the plain mean of one answer's points, 0..100; None when nothing was rated."""
    return loyalty_of(client)


def _low_reason(client: Ratings) -> Reason | None:
    """Return the low-rating reason. Urgent: a rating of 1, or two or more of at most 2. Watch: a single 2."""
    poor = sum(1 for r in client if r == 1)
    weak = sum(1 for r in client if r is not None and r <= 2)
    if poor or weak >= 2:
        return Reason(Kind.LOW, Severity.URGENT)
    return Reason(Kind.LOW, Severity.WATCH) if weak else None


def _drop_reason(answer: AnswerFacts) -> Reason | None:
    """Return the drop reason: the meeting's loyalty is 25 or more below the relationship's loyalty before
    it."""
    now = meeting_loyalty(answer.client)
    if now is None or answer.loyalty_before is None or answer.loyalty_before - now < DROP_POINTS:
        return None
    return Reason(Kind.DROP, Severity.URGENT)


def _blind_spot_reason(answer: AnswerFacts) -> Reason | None:
    """Return the blind-spot reason. Urgent: rep - client >= 3 in a dimension, or >= 2 in two where the
    client's is at most 3. Watch: 2 in one dimension, client at most 3."""
    both = [
        (c, m) for c, m in zip(answer.client, answer.mirror, strict=True) if c is not None and m is not None
    ]
    wide = sum(1 for c, m in both if m - c >= 2 and c <= FINE)
    if any(m - c >= 3 for c, m in both) or wide >= 2:
        return Reason(Kind.BLIND_SPOT, Severity.URGENT)
    return Reason(Kind.BLIND_SPOT, Severity.WATCH) if wide else None


def is_silent(
    last_meeting: datetime, review_days: int, now: datetime, looked_at: datetime | None = None
) -> bool:
    """Tell whether there was no meeting for longer than the review interval, in days.

    looked_at: when a manager last closed an alert about the silence. It is then counted from there, so that a
    silence that was accepted does not open an alert again the next day.
    """
    return now - max(last_meeting, looked_at or last_meeting) > timedelta(days=review_days)


def due_at(
    opened: datetime,
    zone: ZoneInfo,
    working_days: int = DUE_WORKING_DAYS,
    days: WorkingDays = MONDAY_TO_FRIDAY,
) -> datetime:
    """Return the end of the n-th working day (n = working_days) after `opened`, in the time zone `zone`."""
    day = opened.astimezone(zone).date()
    for _ in range(working_days):
        day = days.after(day)
    return datetime.combine(day + timedelta(days=1), time(), zone)
