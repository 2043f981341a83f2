"""What an organisation keeps no longer, by its settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session, col

from feedback.db.tenancy import references
from feedback.models import (
    AlertEvent,
    ClientLine,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    NotedOutcome,
    Relationship,
    User,
)
from feedback.store.contacts import is_live


@dataclass(frozen=True, slots=True)
class Expired:
    """How much is older than some months."""

    comments: int = 0  # and notes about alerts
    names: int = 0  # of contacts, and of people who left

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.comments or self.names)


def months_before(now: datetime, months: int) -> datetime:
    """Return the moment so many months ago, a month being a twelfth of a year."""
    return now - timedelta(days=round(months * 365.25 / 12))


def count_expired(
    session: Session, organisation_id: UUID, now: datetime, comments_months: int, names_months: int
) -> Expired:
    """Return how much would go if it was kept for so many months; 0 months keep for ever."""
    comments = names = 0
    if comments_months:
        before = months_before(now, comments_months)
        for table, where in (
            (Feedback, old_comments(organisation_id, before)),
            (AlertEvent, old_notes(organisation_id, before)),
            (NotedOutcome, old_reasons(organisation_id, before)),
            (ClientLine, old_lines(organisation_id, before)),
        ):
            comments += session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    if names_months:
        before = months_before(now, names_months)
        for who, gone in (
            (Contact, _not_met(organisation_id, before)),
            (User, _left(organisation_id, before)),
        ):
            names += session.execute(select(func.count()).select_from(who).where(*gone)).scalar_one()
    return Expired(comments, names)


def old_comments(organisation_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that an answer has words that are older."""
    return [
        col(Feedback.organisation_id) == organisation_id,
        col(Feedback.comment).is_not(None),
        col(Feedback.created_at) < before,
    ]


def old_notes(organisation_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that a note about an alert is older."""
    return [
        col(AlertEvent.organisation_id) == organisation_id,
        col(AlertEvent.note).is_not(None),
        col(AlertEvent.created_at) < before,
    ]


def old_reasons(organisation_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that an outcome has a reason that was noted earlier."""
    return [
        col(NotedOutcome.organisation_id) == organisation_id,
        col(NotedOutcome.reason).is_not(None),
        col(NotedOutcome.created_at) < before,
    ]


def old_lines(organisation_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that what a client was told is older."""
    return [col(ClientLine.organisation_id) == organisation_id, col(ClientLine.created_at) < before]


def expired_comments(
    session: Session, organisation_id: UUID, before: datetime, limit: int
) -> Sequence[tuple[UUID, UUID, bool]]:
    """Return (id of the answer, id of the relationship, whether that is lukewarm) of some that have older words."""
    rows = session.execute(
        select(col(Feedback.id), col(Relationship.id), col(Relationship.lukewarm))
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(
            Relationship,
            (col(Relationship.organisation_id) == col(Meeting.organisation_id))
            & (col(Relationship.rep_id) == col(Meeting.rep_id))
            & (col(Relationship.contact_id) == col(Invitation.contact_id)),
        )
        .where(*old_comments(organisation_id, before))
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def expired_contacts(session: Session, organisation_id: UUID, before: datetime, limit: int) -> list[UUID]:
    """Return some of the contacts whom nobody met since."""
    found = (
        select(col(Contact.id))
        .where(*_not_met(organisation_id, before))
        .order_by(col(Contact.id))
        .limit(limit)
    )
    return list(session.scalars(found))


def expired_people(session: Session, organisation_id: UUID, before: datetime, limit: int) -> list[UUID]:
    """Return some of the people who left before."""
    found = select(col(User.id)).where(*_left(organisation_id, before)).order_by(col(User.id)).limit(limit)
    return list(session.scalars(found))


def _not_met(organisation_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    met = exists().where(
        references(Relationship, Relationship.contact_id, Contact),
        col(Relationship.last_meeting_at) >= before,
    )
    return [
        col(Contact.organisation_id) == organisation_id,
        is_live(),
        col(Contact.created_at) < before,
        ~met,
    ]


def _left(organisation_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    return [
        col(User.organisation_id) == organisation_id,
        col(User.erased_at).is_(None),
        col(User.ended_at) < before,
    ]
