"""One answer with all that it belongs to, as rows to be written. Locked in the order of every write: the
relationship before the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.answer_key import KeyKind, hash_key
from feedback.core.settling import AnswerState, state_at
from feedback.db.tenancy import references
from feedback.models import AnswerKey, Contact, Feedback, Invitation, Meeting, Promise, Relationship, Side


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """The client's side of an invitation, and what it belongs to."""

    relationship: Relationship
    invitation: Invitation
    meeting: Meeting
    contact: Contact
    row: Feedback
    key: KeyKind | None = None  # of the key that was looked up; None when no such key is in use

    def state(self, now: datetime) -> AnswerState:
        """Return the answer's state at a moment."""
        return state_of(self.row, now)


def state_of(row: Feedback, now: datetime) -> AnswerState:
    """Return the state, at a moment, of a client's row."""
    return state_at(row.settles_at, row.settled_at, now)


def find_answer(
    session: Session, organisation_id: UUID, invitation_id: UUID, key: str | None = None
) -> AnswerRows | None:
    """Return an answer and its relationship, locked until the transaction ends; None while the client has
    said nothing. key: an answer key, whose kind is looked up."""
    statement = (
        select(
            Relationship,
            Invitation,
            Meeting,
            Contact,
            Feedback,
            _kind_of_key(organisation_id, invitation_id, key),
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
    found = session.execute(statement).first()
    if found is None:
        return None
    relationship, invitation, meeting, contact, row, kind = found
    return AnswerRows(relationship, invitation, meeting, contact, row, kind)


def find_tapped(
    session: Session, organisation_id: UUID, invitation_id: UUID, key: str | None
) -> tuple[Feedback, Invitation, KeyKind | None] | None:
    """Return the client's row alone, locked, in one statement, for a tap; None while the client has said
    nothing. The kind is that of `key`, None when there is no such key in use."""
    statement = (
        select(Feedback, Invitation, _kind_of_key(organisation_id, invitation_id, key))
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Feedback.organisation_id) == organisation_id,
            col(Feedback.invitation_id) == invitation_id,
            col(Feedback.side) == Side.CLIENT,
        )
        .with_for_update(of=Feedback)
        .execution_options(populate_existing=True)
    )
    found = session.execute(statement).first()
    if found is None:
        return None
    row, invitation, kind = found
    return row, invitation, kind


def relationship_of_invitation(session: Session, organisation_id: UUID, invitation_id: UUID) -> Relationship:
    """Return the relationship that an invitation belongs to, locked."""
    statement = (
        select(Relationship)
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
    return session.scalars(statement).one()


def key_exists(session: Session, organisation_id: UUID, key: str) -> bool:
    """Tell whether this key was ever bound to an answer, even if it has ended."""
    known = select(col(AnswerKey.id)).where(
        col(AnswerKey.organisation_id) == organisation_id, col(AnswerKey.hash) == hash_key(key)
    )
    return session.execute(known).first() is not None


def promises_judged_in(session: Session, organisation_id: UUID, invitation_id: UUID) -> list[Promise]:
    """Return the promises whose verdict was given in this answer."""
    return list(
        session.scalars(
            select(Promise).where(
                col(Promise.organisation_id) == organisation_id, col(Promise.judged_in_id) == invitation_id
            )
        )
    )


def _kind_of_key(organisation_id: UUID, invitation_id: UUID, key: str | None) -> Any:
    """Return a column: the kind of a key of this invitation that has not ended, else NULL."""
    return (
        select(col(AnswerKey.kind))
        .where(
            col(AnswerKey.organisation_id) == organisation_id,
            col(AnswerKey.invitation_id) == invitation_id,
            col(AnswerKey.hash) == (hash_key(key) if key else None),
            col(AnswerKey.ended_at).is_(None),
        )
        .scalar_subquery()
    )
