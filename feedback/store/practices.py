"""What a rep works on, by relationship."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from feedback.db.rows import view_or_none
from feedback.db.tenancy import references
from feedback.models import PracticeChoice, Relationship


@dataclass(frozen=True, slots=True)
class ChosenPractice:
    """A practice in one relationship."""

    dimension: str
    number: int  # from 1
    chosen_at: datetime
    assigned: bool  # by a manager, not chosen by the rep


def running_practices(
    session: Session, organisation_id: UUID, rep_id: UUID
) -> list[tuple[PracticeChoice, UUID]]:
    """Return what a rep works on with whom (the contact's id), the latest chosen first."""
    rows = session.execute(
        select(PracticeChoice, col(Relationship.contact_id))
        .join(Relationship, references(PracticeChoice, PracticeChoice.relationship_id, Relationship))
        .where(
            col(PracticeChoice.organisation_id) == organisation_id,
            col(PracticeChoice.ended_at).is_(None),
            col(Relationship.rep_id) == rep_id,
        )
        .order_by(col(PracticeChoice.created_at).desc(), col(PracticeChoice.id).desc())
    )
    return [(row[0], row[1]) for row in rows]


def chosen_practice(
    session: Session,
    organisation_id: UUID,
    rep_id: UUID,
    contact_id: UUID,
    *,
    before: datetime | None = None,
) -> ChosenPractice | None:
    """Return the practice a rep has chosen, or was assigned, for a contact; None without one.

    before: for a rep who may still be guessing an answer of that moment. What a manager assigned since then
    would reveal where the client was unhappy, so it is left out; the one before it is returned as if nothing
    had happened.
    """
    current: ColumnElement[bool] = col(PracticeChoice.ended_at).is_(None)
    if before is not None:
        current = col(PracticeChoice.assigned_by_id).is_(None) | (col(PracticeChoice.created_at) < before)
    rows = session.execute(
        select(
            col(PracticeChoice.dimension),
            col(PracticeChoice.number),
            col(PracticeChoice.created_at).label("chosen_at"),
            col(PracticeChoice.assigned_by_id).is_not(None).label("assigned"),
        )
        .join(Relationship, references(PracticeChoice, PracticeChoice.relationship_id, Relationship))
        .where(
            col(PracticeChoice.organisation_id) == organisation_id,
            current,
            col(Relationship.rep_id) == rep_id,
            col(Relationship.contact_id) == contact_id,
        )
        .order_by(col(PracticeChoice.created_at).desc(), col(PracticeChoice.id).desc())
        .limit(1)
    )
    return view_or_none(ChosenPractice, rows)
