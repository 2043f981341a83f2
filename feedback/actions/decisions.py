"""What a manager makes of an answer under doubt."""

from uuid import UUID

from feedback.actions.alerts.handle import Closing
from feedback.actions.answer_rows import locked_answer
from feedback.actions.settling import propagate_change, settle
from feedback.core.alerts.reasons import Outcome
from feedback.core.settling import AnswerState
from feedback.core.trust import Signal, unusual
from feedback.db.change import Change, Invalid
from feedback.models import Feedback
from feedback.models.feedback import Counts

NOBODY_DOUBTS = "Nobody doubts this answer; there is nothing to decide."


def decide_answer(c: Change, invitation_id: UUID, user_id: UUID, *, accept: bool, reason: str) -> None:
    """A manager accepts an answer under doubt, or sets it aside, and says why. The score follows at once, and the doubt
    is struck out of the relationship's alert, which closes when nothing else stands: as mistaken when the answer was
    accepted, as accepted when it was set aside. Raises Invalid for an answer that nobody doubts: a manager may not
    drop one that is merely unwelcome."""
    answer = locked_answer(c, invitation_id)
    row = answer.row
    if answer.state(c.now) is not AnswerState.SETTLED or not _doubted(row):
        raise Invalid(decision=NOBODY_DOUBTS)
    if row.settled_at is None:
        settle(c, answer, None)
    decided = Counts.COUNTED if accept else Counts.SET_ASIDE
    if row.decided_at is not None and row.counts == decided:
        return  # a double click
    row.counts, row.decided_at = decided, c.now
    what = "answer.accepted" if accept else "answer.set_aside"
    c.audit(user_id, what, invitation_id, reason)
    propagate_change(
        c, answer, closing=Closing(Outcome.MISTAKEN if accept else Outcome.ACCEPTED, reason, user_id)
    )


def _doubted(row: Feedback) -> bool:
    """Set apart, disputed, decided before, or with a weak signal."""
    signals = [Signal(word) for word in row.signals.split()]
    return (
        row.counts != Counts.COUNTED
        or row.disputed_at is not None
        or row.decided_at is not None
        or unusual(signals)
    )
