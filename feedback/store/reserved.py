"""Codes that reps' phones hold for meetings that begin without a network."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select
from sqlmodel import Session, col

from feedback.core.reserved import KNOWN_FOR
from feedback.core.tokens import code_of
from feedback.db.rows import view_or_none
from feedback.db.tenancy import references
from feedback.db.tokens import found_by_any, ways_to_find
from feedback.models import Invitation, Meeting, Organisation, ReservedCode, User
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class ReservedView:
    """A code whose meeting has not reached the server yet, as whoever scans it may know it."""

    organisation: str
    organisation_language: str
    rep: str

    @property
    def rep_first(self) -> str:
        """The rep's first name."""
        return first_name(self.rep)


def reserved_by_token(connection: Connection, token: str, now: datetime) -> ReservedView | None:
    """Return what is known of a normalised token that is reserved; None when it is not, or not any more."""
    found_by = ways_to_find(connection, token)
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(Organisation.name).label("organisation"),
            col(Organisation.language).label("organisation_language"),
            col(User.name).label("rep"),
        )
        .select_from(ReservedCode)
        .join(Organisation, col(Organisation.id) == col(ReservedCode.organisation_id))
        .join(User, references(ReservedCode, ReservedCode.rep_id, User))
        .where(
            col(Organisation.code) == code_of(token),
            found_by_any(ReservedCode.token, len(found_by)),
            col(ReservedCode.created_at) > now - KNOWN_FOR,
        )
    )
    return view_or_none(ReservedView, connection.execute(asked, found_by))


def held_reserved(
    session: Session, organisation_id: UUID, rep_id: UUID, token: str, now: datetime
) -> ReservedCode | None:
    """Return the row of a normalised token that this very rep has reserved, held until the transaction ends; None
    where there is none, or it is too old."""
    found_by = ways_to_find(session.connection(), token)
    asked = (
        select(ReservedCode)
        .where(
            col(ReservedCode.organisation_id) == organisation_id,
            col(ReservedCode.rep_id) == rep_id,
            found_by_any(ReservedCode.token, len(found_by)),
            col(ReservedCode.created_at) > now - KNOWN_FOR,
        )
        .with_for_update()
    )
    return session.scalars(asked, found_by).first()


def meeting_of_token(session: Session, organisation_id: UUID, rep_id: UUID, token: str) -> UUID | None:
    """Return the rep's own meeting that has an invitation with this normalised token; None when there is none."""
    found_by = ways_to_find(session.connection(), token)
    asked = (
        select(col(Invitation.meeting_id))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            found_by_any(Invitation.token, len(found_by)),
        )
    )
    return session.scalar(asked, found_by)


def invitation_of(
    session: Session, organisation_id: UUID, meeting_id: UUID, contact_id: UUID
) -> Invitation | None:
    """Return a contact's invitation to a meeting, held until the transaction ends; None when there is none."""
    return session.scalars(
        select(Invitation)
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.meeting_id) == meeting_id,
            col(Invitation.contact_id) == contact_id,
        )
        .with_for_update()
    ).first()


def count_reserved(session: Session, organisation_id: UUID, rep_id: UUID, since: datetime) -> int:
    """Count the unused codes that a rep has reserved since then, on all phones."""
    asked = (
        select(func.count())
        .select_from(ReservedCode)
        .where(
            col(ReservedCode.organisation_id) == organisation_id,
            col(ReservedCode.rep_id) == rep_id,
            col(ReservedCode.created_at) > since,
        )
    )
    return session.scalar(asked) or 0
