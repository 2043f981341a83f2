"""One answer with all that it belongs to, as rows to be written. Locked in the order of every write: the
relationship before the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import load_only
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
    where = {
        "organisation": organisation_id,
        "invitation": invitation_id,
        "key_hash": hash_key(key) if key else None,
    }
    found = session.execute(_FIND_ANSWER, where).first()
    if found is None:
        return None
    relationship, invitation, meeting, contact, row, kind = found
    return AnswerRows(relationship, invitation, meeting, contact, row, kind)


def closing_time(session: Session, organisation_id: UUID, invitation_id: UUID) -> datetime:
    """Return when the page of an invitation takes no more input."""
    asked = {"organisation": organisation_id, "invitation": invitation_id}
    return session.connection().execute(_CLOSING_TIME, asked).scalar_one()


def opening(session: Session, organisation_id: UUID, invitation_id: UUID) -> Any:
    """Return closes_at and opened_at of an invitation, and rep_id and held_at of its meeting."""
    asked = {"organisation": organisation_id, "invitation": invitation_id}
    return session.connection().execute(_OPENING, asked).one()


def kind_of_key(
    session: Session, organisation_id: UUID, invitation_id: UUID, key: str | None
) -> KeyKind | None:
    """Return the kind of a key of this invitation; None when there is no such key in use."""
    where = {
        "organisation": organisation_id,
        "invitation": invitation_id,
        "key_hash": hash_key(key) if key else None,
    }
    return session.connection().scalar(_KIND_OF_KEY, where)


def relationship_of_invitation(session: Session, organisation_id: UUID, invitation_id: UUID) -> Relationship:
    """Return the relationship that an invitation belongs to, locked. One that was joined with another while this waited
    for its row is looked for once more."""
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
    return session.scalars(statement).first() or session.scalars(statement).one()


def key_exists(session: Session, organisation_id: UUID, key: str) -> bool:
    """Tell whether this key was ever bound to an answer, even if it has ended."""
    asked = {"organisation": organisation_id, "key_hash": hash_key(key)}
    return session.connection().execute(_KEY_EXISTS, asked).first() is not None


def promises_judged_in(session: Session, organisation_id: UUID, invitation_id: UUID) -> list[Promise]:
    """Return the promises whose verdict was given in this answer."""
    return list(
        session.scalars(
            select(Promise).where(
                col(Promise.organisation_id) == organisation_id, col(Promise.judged_in_id) == invitation_id
            )
        )
    )


_OPENING = (
    select(col(Invitation.closes_at), col(Invitation.opened_at), col(Meeting.rep_id), col(Meeting.held_at))
    .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
    .where(
        col(Invitation.organisation_id) == bindparam("organisation"),
        col(Invitation.id) == bindparam("invitation"),
    )
)
_CLOSING_TIME = select(col(Invitation.closes_at)).where(
    col(Invitation.organisation_id) == bindparam("organisation"),
    col(Invitation.id) == bindparam("invitation"),
)
_KEY_EXISTS = select(col(AnswerKey.id)).where(
    col(AnswerKey.organisation_id) == bindparam("organisation"), col(AnswerKey.hash) == bindparam("key_hash")
)
_KIND_OF_KEY = select(col(AnswerKey.kind)).where(
    col(AnswerKey.organisation_id) == bindparam("organisation"),
    col(AnswerKey.invitation_id) == bindparam("invitation"),
    col(AnswerKey.hash) == bindparam("key_hash"),
    col(AnswerKey.ended_at).is_(None),
)
# Its numbers are worked out anew, whatever they were.
_OF_RELATIONSHIP: Any = (Relationship.rep_id, Relationship.contact_id)
_FIND_ANSWER = (
    select(Relationship, Invitation, Meeting, Contact, Feedback, _KIND_OF_KEY.scalar_subquery())
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
        col(Invitation.organisation_id) == bindparam("organisation"),
        col(Invitation.id) == bindparam("invitation"),
        col(Feedback.side) == Side.CLIENT,
    )
    .options(load_only(*_OF_RELATIONSHIP))
    .with_for_update(of=[Relationship, Feedback])
    .execution_options(populate_existing=True)
)
