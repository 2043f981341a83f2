"""The choice of the one practice to work on."""

from uuid import UUID

from feedback.core.gaps.practices import practice
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import PracticeChoice, Relationship
from feedback.wording.i18n import app_text


def choose_practice(
    c: Change, relationship_id: UUID, dimension: str, number: int, assigned_by_id: UUID | None = None
) -> PracticeChoice:
    """Choose the practice to try next in a relationship; it replaces the one before. Choosing the same again
    changes nothing. assigned_by_id: the manager; None when the rep chooses. Raises Invalid for a practice
    that does not exist."""
    try:
        practice(dimension, number, "")
    except (KeyError, IndexError):
        raise Invalid(practice=app_text("There is no such practice.")) from None
    ours = c.organisation_id
    locked(
        c.session, Relationship, organisation_id=ours, id=relationship_id
    )  # two who choose at once take turns
    current = locked(
        c.session, PracticeChoice, organisation_id=ours, relationship_id=relationship_id, ended_at=None
    )
    if current and (current.dimension, current.number) == (dimension, number):
        return current
    if current:
        current.ended_at = c.now
        c.session.flush()
    chosen = PracticeChoice(
        organisation_id=c.organisation_id,
        relationship_id=relationship_id,
        dimension=dimension,
        number=number,
        assigned_by_id=assigned_by_id,
        created_at=c.now,
    )
    c.session.add(chosen)
    c.session.flush()
    return chosen
