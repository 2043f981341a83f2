"""What a manager makes of an answer under doubt."""

from datetime import datetime
from uuid import UUID

from feedback.actions.alerts.evaluate import Closing
from feedback.actions.answer_rows import locked_answer
from feedback.actions.change import change
from feedback.actions.settling import propagate_change, settle
from feedback.core.alerts.reasons import Outcome
from feedback.core.settling import AnswerState
from feedback.core.trust import unusual
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.models import Audit, Feedback
from feedback.models.feedback import Counts

NOBODY_DOUBTS = "Nobody doubts this answer; there is nothing to decide."


def decide_answer(
    db: Database,
    organisation_id: UUID,
    invitation_id: UUID,
    user_id: UUID,
    *,
    accept: bool,
    reason: str,
    now: datetime,
) -> None:
    """A manager accepts an answer under doubt, or sets it aside, and says why. The score follows at once, and the doubt
    is struck out of the relationship's alert, which closes when nothing else stands: as mistaken when the answer was
    accepted, as accepted when it was set aside. Raises Invalid for an answer that nobody doubts: a manager may not
    drop one that is merely unwelcome."""
    with change(db, organisation_id, now) as c:
        answer = locked_answer(c.session, organisation_id, invitation_id, now)
        row = answer.row
        if answer.state(now) is not AnswerState.SETTLED or not _doubted(row):
            raise Invalid(decision=NOBODY_DOUBTS)
        if row.settled_at is None:
            settle(c, answer, None)
        decided = Counts.COUNTED if accept else Counts.SET_ASIDE
        if row.decided_at is not None and row.counts == decided:
            return  # a double click
        row.counts, row.decided_at = decided, now
        c.session.add(
            Audit(
                organisation_id=organisation_id,
                user_id=user_id,
                what="answer.accepted" if accept else "answer.set_aside",
                about_id=invitation_id,
                reason=reason,
                created_at=now,
            )
        )
        propagate_change(
            c, answer, ending=Closing(Outcome.MISTAKEN if accept else Outcome.ACCEPTED, reason, user_id)
        )


def _doubted(row: Feedback) -> bool:
    """Set apart, disputed, decided before, or with a weak signal."""
    return (
        row.counts != Counts.COUNTED
        or row.disputed_at is not None
        or row.decided_at is not None
        or unusual(row.signals)
    )
