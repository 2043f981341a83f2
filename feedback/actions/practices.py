"""Choosing the one thing to work on."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.actions.change import change
from feedback.core.gaps.practices import practice
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.models import PracticeChoice, Relationship


def choose_practice(
    db: Database,
    organisation_id: UUID,
    relationship_id: UUID,
    *,
    dimension: str,
    number: int,
    assigned_by_id: UUID | None = None,
    now: datetime,
) -> None:
    """The practice to try next in a relationship; it takes the place of the one before. Choosing the same
    again changes nothing. Raises Invalid for a practice there is not."""
    with change(db, organisation_id, now) as c:
        choose_now(c, relationship_id, dimension, number, assigned_by_id)


def choose_now(
    c: Change, relationship_id: UUID, dimension: str, number: int, assigned_by_id: UUID | None
) -> PracticeChoice:
    """`choose` as a part of another write."""
    try:
        practice(dimension, number, "")
    except (KeyError, IndexError):
        raise Invalid(practice="There is no such practice.") from None
    c.session.exec(  # two who choose at once take turns
        select(Relationship.id)
        .where(
            col(Relationship.organisation_id) == c.organisation_id, col(Relationship.id) == relationship_id
        )
        .with_for_update()
    )
    current = c.session.exec(
        select(PracticeChoice)
        .where(
            col(PracticeChoice.organisation_id) == c.organisation_id,
            col(PracticeChoice.relationship_id) == relationship_id,
            col(PracticeChoice.ended_at).is_(None),
        )
        .with_for_update()
    ).first()
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
