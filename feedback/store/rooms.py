"""The one code of a room: whom it asks, and who came in by it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select
from sqlmodel import Session, col

from feedback.core.asking import Way
from feedback.core.tokens import code_of
from feedback.db.tenancy import references
from feedback.db.tokens import found_by_any, ways_to_find
from feedback.models import Account, Contact, GroupCode, Invitation, Meeting, Organisation, User
from feedback.models.encrypted import EncryptedText
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class RoomView:
    """A code for a room, as whoever scans it may know it."""

    organisation_id: UUID
    organisation: str
    organisation_language: str
    timezone: str
    look: str
    meeting_id: UUID
    held_at: datetime
    closes_at: datetime
    rep: str
    token: str  # as it was scanned
    begun: bool = False  # nobody sees of anybody in the room whether they have

    @property
    def rep_first(self) -> str:
        """The rep's first name."""
        return first_name(self.rep)

    @property
    def organisation_code(self) -> str:
        """The public code of the organisation."""
        return code_of(self.token)

    @property
    def looks_unbegun(self) -> bool:
        """As of an invitation in a room: always."""
        return True

    def closed(self, now: datetime) -> bool:
        """Tell whether the code takes nobody in any more."""
        return now >= self.closes_at


@dataclass(frozen=True, slots=True)
class NameInRoom:
    """Somebody whom a code for a room asks."""

    invitation_id: UUID
    name: str
    account: str
    encrypted_token: EncryptedText | None
    stored_token: str
    apart: str | None = None  # the company, where two have one name, and what else tells them apart

    @property
    def token(self) -> str:
        """The token of the person's own page. Raises UnreadableSecret."""
        return self.encrypted_token.text if self.encrypted_token else self.stored_token


def room_by_token(connection: Connection, token: str) -> RoomView | None:
    """Return the room of a normalised token; None when there is none."""
    found_by = ways_to_find(connection, token)
    asked: Select[*tuple[Any, ...]] = (
        select(
            col(Organisation.id).label("organisation_id"), col(Organisation.name).label("organisation"),
            col(Organisation.language).label("organisation_language"), col(Organisation.timezone), col(Organisation.look),
            col(Meeting.id).label("meeting_id"), col(Meeting.held_at), col(GroupCode.closes_at), col(User.name).label("rep"),
        )
        .select_from(GroupCode)
        .join(Organisation, col(Organisation.id) == col(GroupCode.organisation_id))
        .join(Meeting, references(GroupCode, GroupCode.meeting_id, Meeting))
        .join(User, references(Meeting, Meeting.rep_id, User))
        .where(col(Organisation.code) == code_of(token), found_by_any(GroupCode.token, len(found_by)))
    )  # fmt: skip
    row = connection.execute(asked, found_by).mappings().first()
    return RoomView(**row, token=token) if row else None


def names_in_room(session: Session, organisation_id: UUID, meeting_id: UUID) -> list[NameInRoom]:
    """Return whom a rep chose for a room, by name; without those who were erased since, and without guests. Nothing in it
    tells who has come in or answered: not even the order."""
    rows = session.execute(
        select(
            col(Invitation.id).label("invitation_id"), col(Contact.name), col(Account.name).label("account"),
            col(Invitation.encrypted_token), col(Invitation.token).label("stored_token"), col(Contact.role), col(Contact.email),
        )
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.meeting_id) == meeting_id,
            col(Invitation.guest).is_(False),
            col(Contact.erased_at).is_(None),
        )
        .order_by(col(Contact.name), col(Account.name), col(Invitation.id))
    ).all()  # fmt: skip
    names = Counter(row.name for row in rows)
    places = Counter((row.name, row.account) for row in rows)
    found = []
    for invitation_id, name, account, encrypted_token, stored_token, role, email in rows:
        more = (role or (f"{email[:3]}…" if email else "")) if places[name, account] > 1 else ""
        apart = f"{account}, {more}" if more else account
        found.append(
            NameInRoom(
                invitation_id,
                name,
                account,
                encrypted_token,
                stored_token,
                apart if names[name] > 1 else None,
            )
        )
    return found


def in_one_room(session: Session, organisation_id: UUID, meeting_id: UUID) -> list[Invitation]:
    """Return the invitations of a meeting that share its one code."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                col(Invitation.organisation_id) == organisation_id,
                col(Invitation.meeting_id) == meeting_id,
                col(Invitation.way) == Way.GROUP,
            )
            .order_by(col(Invitation.id))
        )
    )


def code_of_room(session: Session, organisation_id: UUID, meeting_id: UUID) -> GroupCode | None:
    """Return the code of a meeting in a room, as a row to be written; None for any other meeting."""
    return session.scalars(
        select(GroupCode).where(
            col(GroupCode.organisation_id) == organisation_id, col(GroupCode.meeting_id) == meeting_id
        )
    ).first()


def token_of_room(session: Session, organisation_id: UUID, meeting_id: UUID) -> str | None:
    """Return the token of a meeting in a room; None for any other meeting. Raises UnreadableSecret when it was encrypted
    with a key that is missing."""
    found = code_of_room(session, organisation_id, meeting_id)
    return found.encrypted_token.text if found and found.encrypted_token else None


def guest_with_token(session: Session, organisation_id: UUID, token: str) -> UUID | None:
    """Return the invitation with this normalised token; None when there is none."""
    found_by = ways_to_find(session.connection(), token)
    asked = select(col(Invitation.id)).where(
        col(Invitation.organisation_id) == organisation_id, found_by_any(Invitation.token, len(found_by))
    )
    return session.scalar(asked, found_by)


def count_guests(session: Session, organisation_id: UUID, meeting_id: UUID) -> int:
    """Count who came in under a name of their own."""
    return (
        session.scalar(
            select(func.count()).where(
                col(Invitation.organisation_id) == organisation_id,
                col(Invitation.meeting_id) == meeting_id,
                col(Invitation.guest).is_(True),
            )
        )
        or 0
    )


def closing_of_meeting(session: Session, organisation_id: UUID, meeting_id: UUID) -> datetime:
    """Return when the last page of a meeting closes."""
    found: datetime = session.execute(
        select(func.max(col(Invitation.closes_at))).where(
            col(Invitation.organisation_id) == organisation_id, col(Invitation.meeting_id) == meeting_id
        )
    ).scalar_one()
    return found


def account_of_room(session: Session, organisation_id: UUID, meeting_id: UUID) -> UUID:
    """Return the account of whom the rep chose first: where somebody else in the room is from, as far as we know."""
    found: UUID = session.execute(
        select(col(Contact.account_id))
        .join(Invitation, references(Invitation, Invitation.contact_id, Contact))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.meeting_id) == meeting_id,
        )
        .order_by(col(Invitation.guest), col(Invitation.id))
        .limit(1)
    ).scalar_one()
    return found
