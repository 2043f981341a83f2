"""A manager's decision about an answer in doubt."""

from uuid import UUID

from feedback.actions.alerts.handle import Closing
from feedback.actions.answer_rows import locked_answer
from feedback.actions.settling import propagate_change, settle
from feedback.core.alerts.reasons import Outcome
from feedback.core.audit import AuditKind
from feedback.core.settling import AnswerState
from feedback.core.trust import unusual
from feedback.db.change import Change, Invalid
from feedback.models import Feedback
from feedback.models.feedback import Counts
from feedback.wording.i18n import lazy_app_text

NOBODY_DOUBTS = lazy_app_text("Nobody doubts this answer; there is nothing to decide.")


def decide_answer(c: Change, invitation_id: UUID, user_id: UUID, *, accept: bool, reason: str) -> None:
    """Accept an answer in doubt, or set it aside, with a reason. The score follows at once, and the doubt is
    struck out of the relationship's alert, which closes when no other reason holds: as mistaken when the
    answer was accepted, as accepted when it was set aside. Raises Invalid for an answer that is not in doubt:
    a manager may not drop one that is merely unwelcome."""
    answer = locked_answer(c, invitation_id)
    row = answer.row
    if answer.state(c.now) is not AnswerState.SETTLED or not _doubted(row):
        raise Invalid(decision=NOBODY_DOUBTS)
    if row.settled_at is None:
        settle(c, answer, None)
    decided = Counts.COUNTED if accept else Counts.SET_ASIDE
    if row.decided_at is not None and row.counts == decided:
        return  # a double click
    before = {"counts": row.counts.value}
    row.counts, row.decided_at = decided, c.now
    what = AuditKind.ANSWER_ACCEPTED if accept else AuditKind.ANSWER_SET_ASIDE
    c.audit(user_id, what, invitation_id, reason, before=before, after={"counts": decided.value})
    propagate_change(
        c, answer, closing=Closing(Outcome.MISTAKEN if accept else Outcome.ACCEPTED, reason, user_id)
    )


def _doubted(row: Feedback) -> bool:
    """Tell whether it is quarantined or set aside, disputed, decided before, or has a weak signal."""
    return (
        row.counts != Counts.COUNTED
        or row.disputed_at is not None
        or row.decided_at is not None
        or unusual(row.signals)
    )
