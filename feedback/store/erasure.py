"""Where somebody is named, for erasing; and what is told about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, false, func, or_, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.core.audit import AuditKind
from feedback.core.erasure import without
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Alert,
    Audit,
    CalendarEntry,
    Contact,
    Invitation,
    Meeting,
    Merge,
    Relationship,
    User,
)

KINDS = (AuditKind.CONTACT_ERASED, AuditKind.PERSON_ERASED)


@dataclass(frozen=True, slots=True)
class ErasableView:
    """Somebody who may be erased, or was."""

    id: UUID
    name: str
    email: str | None
    account: str | None  # of a contact
    account_id: UUID | None
    meetings: int
    ended_at: datetime | None  # of somebody who signed in
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """That somebody was erased."""

    at: datetime
    by: str | None  # None: by the time that names are kept
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ContactTrail:
    """The ids of what belongs to a contact."""

    invitations: list[UUID]
    meetings: list[UUID]
    relationships: list[UUID]
    alerts: list[UUID]


def erasable_contact(session: Session, organisation_id: UUID, contact_id: UUID) -> ErasableView:
    """Return a contact. Raises NotFound."""
    met = select(func.count()).where(
        col(Invitation.organisation_id) == organisation_id, col(Invitation.contact_id) == contact_id
    )
    row = session.execute(
        select(Contact, col(Account.name), met.scalar_subquery())
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.id) == contact_id)
    ).first()
    if row is None:
        raise NotFound("contact")
    who, account, meetings = row
    return ErasableView(who.id, who.name, who.email, account, who.account_id, meetings, None, who.erased_at)


def erasable_person(session: Session, organisation_id: UUID, user_id: UUID) -> ErasableView:
    """Return somebody who signs in or did. Raises NotFound."""
    held = select(func.count()).where(
        col(Meeting.organisation_id) == organisation_id, col(Meeting.rep_id) == user_id
    )
    row = session.execute(
        select(User, held.scalar_subquery()).where(
            col(User.organisation_id) == organisation_id, col(User.id) == user_id
        )
    ).first()
    if row is None:
        raise NotFound("person")
    who, meetings = row
    return ErasableView(who.id, who.name, who.email, None, None, meetings, who.ended_at, who.erased_at)


def certificate(session: Session, organisation_id: UUID, about_id: UUID) -> Certificate | None:
    """Return what is known of an erasure; None where there was none."""
    row = session.execute(
        select(col(Audit.created_at), col(User.name), col(Audit.after))
        .outerjoin(User, references(Audit, Audit.user_id, User))
        .where(
            col(Audit.organisation_id) == organisation_id,
            col(Audit.about_id) == about_id,
            col(Audit.what).in_(KINDS),
        )
    ).first()
    return Certificate(row[0], row[1], row[2] or {}) if row else None


def contact_trail(session: Session, organisation_id: UUID, contact_id: UUID) -> ContactTrail:
    """Return the ids of a contact's invitations, meetings, relationships and alerts."""
    asked = session.execute(
        select(col(Invitation.id), col(Invitation.meeting_id)).where(
            col(Invitation.organisation_id) == organisation_id, col(Invitation.contact_id) == contact_id
        )
    ).all()
    between = select(col(Relationship.id)).where(
        col(Relationship.organisation_id) == organisation_id, col(Relationship.contact_id) == contact_id
    )
    relationships = sorted(session.scalars(between))
    alerts = select(col(Alert.id)).where(
        col(Alert.organisation_id) == organisation_id, col(Alert.relationship_id).in_(relationships)
    )
    return ContactTrail(
        [row.id for row in asked],
        [row.meeting_id for row in asked],
        relationships,
        list(session.scalars(alerts)),
    )


def texts_naming(
    session: Session, organisation_id: UUID, table: Any, column: str, words: Sequence[str]
) -> list[tuple[UUID, str]]:
    """Return (id, text) of the rows of a table whose text holds one of these words; all are gone through."""
    text = getattr(table, column)
    rows = session.execute(
        select(col(table.id), col(text)).where(
            col(table.organisation_id) == organisation_id, or_(false(), *(col(text).icontains(w, autoescape=True) for w in words))
        )
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def entries_naming(
    session: Session, organisation_id: UUID, name: str, words: Sequence[str], email: str | None
) -> list[UUID]:
    """Return the calendar entries in which somebody is, or is named."""
    rows = session.execute(
        select(col(CalendarEntry.id), col(CalendarEntry.title), col(CalendarEntry.emails)).where(
            col(CalendarEntry.organisation_id) == organisation_id
        )
    )
    return [row.id for row in rows if email in row.emails or without(row.title, [name, *words]) != row.title]


def merges_moving(session: Session, organisation_id: UUID, contact_id: UUID) -> Sequence[Merge]:
    """Return the merges of accounts that moved a contact."""
    return session.scalars(
        select(Merge).where(
            col(Merge.organisation_id) == organisation_id,
            col(Merge.account_id).is_not(None),
            cast(col(Merge.moved), String).contains(str(contact_id)),
        )
    ).all()


def audit_naming(words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that an entry of the audit log holds one of these words. JSON has letters beyond ASCII as
    numbers."""
    return or_(
        *(col(column).icontains(word, autoescape=True) for column in (Audit.about_name, Audit.reason) for word in words),
        *(
            cast(col(column), String).icontains(json.dumps(word)[1:-1], autoescape=True)
            for column in (Audit.before, Audit.after)
            for word in words
        ),
    )  # fmt: skip
