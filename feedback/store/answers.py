"""One answer with all that it belongs to, as rows to be written. Locked in the order of every write: the
relationship before the answer."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from feedback.core.answer_key import KeyKind, hash_key
from feedback.core.settling import AnswerState, state_at
from feedback.db.change import Calendar
from feedback.db.rows import ViewColumns
from feedback.db.tenancy import references
from feedback.models import (
    AnswerKey,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Organisation,
    Promise,
    Relationship,
    Side,
)


@dataclass(frozen=True, slots=True)
class HeldRelationship:
    """The key of a relationship whose row is held until the transaction ends."""

    id: UUID
    rep_id: UUID
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class AskedInvitation:
    """What follows from an answer reads this of its invitation."""

    id: UUID
    contact_id: UUID
    closes_at: datetime
    opened_at: datetime | None
    guest: bool


@dataclass(frozen=True, slots=True)
class MeetingOfAnswer:
    """Likewise, of its meeting."""

    rep_id: UUID
    held_at: datetime
    network_hash: str | None
    browser_hash: str | None


@dataclass(frozen=True, slots=True)
class ContactOfAnswer:
    """Likewise, of its contact."""

    email: str | None
    email_typed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """The client's side of an invitation, which is written, and what is read of all that it belongs to."""

    relationship: HeldRelationship
    invitation: AskedInvitation
    meeting: MeetingOfAnswer
    contact: ContactOfAnswer
    calendar: Calendar
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
    return AnswerRows(*found)


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


class _RelationshipColumns(ViewColumns):
    view = HeldRelationship


class _InvitationColumns(ViewColumns):
    view = AskedInvitation


class _MeetingColumns(ViewColumns):
    view = MeetingOfAnswer


class _ContactColumns(ViewColumns):
    view = ContactOfAnswer


class _CalendarColumns(ViewColumns):
    view = Calendar


def _columns(bundle: type[ViewColumns], table: Any) -> ViewColumns:
    """Return the columns of a table that a view has fields for."""
    return bundle(bundle.__name__, *(getattr(table, field.name) for field in fields(bundle.view)))


# In the order of AnswerRows. To make objects of all five tables took twice as long.
_FIND_ANSWER = (
    select(
        _columns(_RelationshipColumns, Relationship),
        _columns(_InvitationColumns, Invitation),
        _columns(_MeetingColumns, Meeting),
        _columns(_ContactColumns, Contact),
        _columns(_CalendarColumns, Organisation),
        Feedback,
        _KIND_OF_KEY.scalar_subquery(),
    )
    .select_from(Invitation)
    .join(Organisation, col(Organisation.id) == col(Invitation.organisation_id))
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
    .with_for_update(of=[Relationship, Feedback])
    .execution_options(populate_existing=True)
)
