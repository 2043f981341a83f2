"""The rows of an answer, locked for a write and made where they are missing."""

from uuid import UUID

from feedback.db.change import Change
from feedback.db.locks import locked_or_new
from feedback.models import Feedback, Side
from feedback.models.feedback import Counts
from feedback.store.answers import AnswerRows, find_answer, relationship_of_invitation


def locked_answer(c: Change, invitation_id: UUID, key: str | None = None) -> AnswerRows:
    """Return an answer and all that it belongs to, with the relationship locked until the transaction ends:
    anybody else who writes to the same one waits, and then sees what we wrote. The row is made if the client
    has said nothing yet. key: an answer key, whose kind is looked up."""
    found = find_answer(c.session, c.organisation_id, invitation_id, key)
    if found is None:
        relationship_of_invitation(c.session, c.organisation_id, invitation_id)
        locked_side(c, invitation_id, Side.CLIENT)
        found = find_answer(c.session, c.organisation_id, invitation_id, key)
    assert found is not None  # noqa: S101 (made above)
    c.know(found.calendar)
    return found


def locked_side(c: Change, invitation_id: UUID, side: Side) -> Feedback:
    """Return one side's row, locked, and made if it is new. The unique constraint keeps it the only one."""
    return locked_or_new(
        c.session,
        Feedback,
        {"organisation_id": c.organisation_id, "invitation_id": invitation_id, "side": side},
        {
            "visibility": "rep", "counts": Counts.COUNTED, "sequence": 0, "created_at": c.now, "updated_at": c.now,
            "handed_over": False, "scripted": False, "signals": (),
        },
    )  # fmt: skip
