"""The rows of an answer, held for a write and made where they are missing."""

from uuid import UUID

from feedback.db.change import Change
from feedback.db.locks import locked_or_new
from feedback.models import Feedback, Side
from feedback.models.feedback import Counts
from feedback.store.answers import AnswerRows, find_answer, relationship_of_invitation


def locked_answer(c: Change, invitation_id: UUID, key: str | None = None) -> AnswerRows:
    """Hold the relationship until the transaction ends: whoever else writes to the same one waits, and then sees what
    we wrote. Makes the row if the client has said nothing yet."""
    found = find_answer(c.session, c.organisation_id, invitation_id, key)
    if found is None:
        relationship_of_invitation(c.session, c.organisation_id, invitation_id)
        locked_side(c, invitation_id, Side.CLIENT)
        found = find_answer(c.session, c.organisation_id, invitation_id, key)
    assert found is not None  # noqa: S101 (made above)
    return found


def locked_side(c: Change, invitation_id: UUID, side: Side) -> Feedback:
    """Hold one side's row, made if it is new. The unique constraint keeps it the only one."""
    return locked_or_new(
        c.session,
        Feedback,
        {"organisation_id": c.organisation_id, "invitation_id": invitation_id, "side": side},
        {
            "visibility": "rep", "counts": Counts.COUNTED, "sequence": 0, "created_at": c.now, "updated_at": c.now,
            "handed_over": False, "scripted": False, "signals": "",
        },
    )  # fmt: skip
