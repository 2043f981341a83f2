"""When an answer settles. Before that it counts nowhere; from then on it counts everywhere."""

from datetime import datetime, timedelta
from enum import StrEnum

IDLE = timedelta(minutes=10)  # so long after the last tap an answer is taken as complete


class AnswerState(StrEnum):
    """How far an answer has come."""

    OPEN = "open"  # nothing was rated yet
    TAPPING = "tapping"  # something was rated, and the answer has not settled
    SETTLED = "settled"  # the answer counts


def settles_at(
    rated: int, last_tap_at: datetime, done_at: datetime | None, closes_at: datetime
) -> datetime | None:
    """Return the moment from which an answer counts: when Done was tapped; else ten minutes after the last
    tap, or when the page closes, if that comes first. None while nothing was rated (rated: how many
    dimensions, 0..6)."""
    if not rated:
        return None
    return done_at or min(last_tap_at + IDLE, closes_at)


def state_at(due: datetime | None, settled_at: datetime | None, now: datetime) -> AnswerState:
    """Return the state of an answer.

    due: its settles_at; from then on the answer is settled, even before settled_at is stored. settled_at:
    when the settling was processed, None before; from then on the answer stays settled, even if the clock is
    set back.
    """
    if settled_at is not None:
        return AnswerState.SETTLED
    if due is None:
        return AnswerState.OPEN
    return AnswerState.SETTLED if due <= now else AnswerState.TAPPING


def notify_at(
    settled: datetime, last_change_at: datetime, extras_at: datetime | None, closes_at: datetime
) -> datetime:
    """Return from when on other systems are told of a settled answer: when the extras were sent (extras_at);
    else ten minutes after the client's last change or when the page closes, whichever comes first, but not
    before the answer has settled."""
    return extras_at or max(settled, min(last_change_at + IDLE, closes_at))
