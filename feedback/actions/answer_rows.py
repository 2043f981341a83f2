"""One answer with all that follows from it, locked for a write."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as pick
from sqlmodel import Session, col, select

from feedback.core.answer_key import KeyKind, hash_key
from feedback.core.settling import AnswerState, state_at
from feedback.db.locks import insert_if_new
from feedback.db.tenancy import references
from feedback.models import AnswerKey, Contact, Feedback, Invitation, Meeting, Relationship, Side
from feedback.models.columns import new_id
from feedback.models.feedback import Counts


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """The client's side of an invitation, and what it belongs to. key: the kind of the key that was asked for, None
    when there is none such that lives."""

    relationship: Relationship
    invitation: Invitation
    meeting: Meeting
    contact: Contact
    row: Feedback
    key: KeyKind | None = None

    def state(self, now: datetime) -> AnswerState:
        return state_of(self.row, now)


def state_of(row: Feedback, now: datetime) -> AnswerState:
    return state_at(row.settles_at, row.settled_at, now)


def locked_answer(
    session: Session, organisation_id: UUID, invitation_id: UUID, now: datetime, key: str | None = None
) -> AnswerRows:
    """Holds the relationship until the transaction ends: whoever else writes to the same one waits, and then sees what
    we wrote. The relationship before the row, as every write locks them. Makes the row if the client has said
    nothing yet."""
    found = session.execute(_answer(organisation_id, invitation_id, key)).first()
    if found is None:
        relationship_of(session, organisation_id, invitation_id)
        locked_side(session, organisation_id, invitation_id, Side.CLIENT, now)
        found = session.execute(_answer(organisation_id, invitation_id, key)).one()
    *rows, kind = found
    relationship, invitation, meeting, contact, row = rows
    return AnswerRows(relationship, invitation, meeting, contact, row, KeyKind(kind) if kind else None)


def known_answer(session: Session, organisation_id: UUID, invitation_id: UUID) -> AnswerRows | None:
    """The same, where the client has said something."""
    found = session.execute(_answer(organisation_id, invitation_id, None)).first()
    return AnswerRows(*found[:-1]) if found else None


def relationship_of(session: Session, organisation_id: UUID, invitation_id: UUID) -> Relationship:
    """The relationship that an invitation belongs to, locked."""
    found: Relationship = session.execute(_relationship_of(organisation_id, invitation_id)).scalar_one()
    return found


def locked_side(
    session: Session, organisation_id: UUID, invitation_id: UUID, side: Side, now: datetime
) -> Feedback:
    """One side's row, locked, and made if it is new. The unique constraint keeps it the only one."""
    statement = (
        select(Feedback)
        .where(
            col(Feedback.organisation_id) == organisation_id,
            col(Feedback.invitation_id) == invitation_id,
            col(Feedback.side) == side,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.exec(statement).first()
    if found is not None:
        return found
    insert_if_new(
        session,
        Feedback,
        {
            "organisation_id": organisation_id, "id": new_id(), "invitation_id": invitation_id, "side": side,
            "visibility": "rep", "counts": Counts.COUNTED, "sequence": 0, "created_at": now, "updated_at": now,
            "handed_over": False, "scripted": False, "signals": (),
        },
    )  # fmt: skip
    return session.exec(statement).one()


def key_kind(organisation_id: UUID, invitation_id: Any, key: str | None) -> Any:
    """A column: the kind of a key of this invitation that lives, else NULL."""
    return (
        pick(col(AnswerKey.kind))
        .where(
            col(AnswerKey.organisation_id) == organisation_id,
            col(AnswerKey.invitation_id) == invitation_id,
            col(AnswerKey.hash) == (hash_key(key) if key else None),
            col(AnswerKey.ended_at).is_(None),
        )
        .scalar_subquery()
    )


def _answer(organisation_id: UUID, invitation_id: UUID, key: str | None) -> Any:
    return (
        pick(
            Relationship,
            Invitation,
            Meeting,
            Contact,
            Feedback,
            key_kind(organisation_id, invitation_id, key),
        )
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(
            Relationship,
            references(Relationship, Relationship.contact_id, Contact)
            & (col(Relationship.rep_id) == col(Meeting.rep_id)),
        )
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.id) == invitation_id,
            col(Feedback.side) == Side.CLIENT,
        )
        .with_for_update(of=[Relationship, Feedback])
        .execution_options(populate_existing=True)
    )


def _relationship_of(organisation_id: UUID, invitation_id: UUID) -> Any:
    return (
        pick(Relationship)
        .join(
            Invitation,
            (col(Invitation.organisation_id) == col(Relationship.organisation_id))
            & (col(Invitation.contact_id) == col(Relationship.contact_id)),
        )
        .join(
            Meeting,
            references(Invitation, Invitation.meeting_id, Meeting)
            & (col(Meeting.rep_id) == col(Relationship.rep_id)),
        )
        .where(col(Invitation.organisation_id) == organisation_id, col(Invitation.id) == invitation_id)
        .with_for_update(of=Relationship)
        .execution_options(populate_existing=True)
    )
