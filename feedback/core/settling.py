"""When an answer counts. A half-made tap counts nowhere; what has settled counts everywhere."""

from datetime import datetime, timedelta
from enum import StrEnum

IDLE = timedelta(minutes=10)  # after the last tap nothing more is waited for


class AnswerState(StrEnum):
    """open: nothing was rated yet. tapping: something was. settled: it counts."""

    OPEN = "open"
    TAPPING = "tapping"
    SETTLED = "settled"


def settles_at(
    rated: int, last_tap_at: datetime, done_at: datetime | None, closes_at: datetime
) -> datetime | None:
    """The moment from which an answer counts: when Done was tapped; else ten minutes after the last tap, or
    when the page closes, if that comes first. None while nothing was rated (rated: 0..6)."""
    if not rated:
        return None
    return done_at or min(last_tap_at + IDLE, closes_at)


def state_at(due: datetime | None, settled_at: datetime | None, now: datetime) -> AnswerState:
    """The state of an answer. due: its settles_at. settled_at: when somebody noticed, None before; from then
    on it stays settled, whatever the clock does. Ten idle minutes count before anybody has noticed them."""
    if settled_at is not None:
        return AnswerState.SETTLED
    if due is None:
        return AnswerState.OPEN
    return AnswerState.SETTLED if due <= now else AnswerState.TAPPING


def tell_at(
    settled: datetime, last_change_at: datetime, extras_at: datetime | None, closes_at: datetime
) -> datetime:
    """From when on other systems are told of a settled answer: once the extras were sent (extras_at), or ten
    minutes after the client's last change, or when the page closes; never before it has settled."""
    return extras_at or max(settled, min(last_change_at + IDLE, closes_at))
