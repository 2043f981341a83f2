"""One code for everybody in a room: opened by the rep, and entered by people whom the rep did not choose."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.actions.client_lines import take_off_pages
from feedback.actions.meetings import LONGEST_NAME, invite
from feedback.actions.people import normal_email
from feedback.actions.scoring.recompute import locked_relationship, recount
from feedback.core.asking import MOST_GUESTS, Way
from feedback.core.finding import search_text
from feedback.core.tokens import ALPHABET, RANDOM_LENGTH, new_token
from feedback.db.change import Change, Invalid
from feedback.db.locks import advisory_lock
from feedback.models import Account, Contact, GroupCode, Invitation, Meeting
from feedback.models.encrypted import box_of
from feedback.store.rooms import (
    account_of_room,
    closing_of_meeting,
    code_of_room,
    count_guests,
    guest_with_token,
)
from feedback.store.search import free_key


class RoomClosed(Exception):
    """Raised when the code of a room takes nobody in any more."""


class TooManyGuests(Exception):
    """Raised when more people came in under names of their own than one code takes."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in a room whom the rep did not choose."""

    name: str
    email: str = ""
    once: str = ""  # of the form: sent twice it is one person


def open_room(c: Change, meeting_id: UUID) -> None:
    """Give a meeting one code for everybody, which ends with theirs. Who was asked in another way before is on its list,
    too, and of them nobody hears more than of the others."""
    advisory_lock(c.session, f"room {meeting_id}")
    here = (col(Invitation.organisation_id) == c.organisation_id, col(Invitation.meeting_id) == meeting_id)
    c.session.execute(update(Invitation).where(*here).values(way=Way.GROUP))
    take_off_pages(c, meeting_id=meeting_id)
    if code_of_room(c.session, c.organisation_id, meeting_id) is None:
        token = new_token(c.organisation.code)
        c.session.add(
            GroupCode(
                organisation_id=c.organisation_id,
                meeting_id=meeting_id,
                token=box_of(c.session.connection().dialect).hash_token(token),
                encrypted_token=token,
                closes_at=closing_of_meeting(c.session, c.organisation_id, meeting_id),
                created_at=c.now,
            )
        )
        c.session.flush()


def enter_room(c: Change, meeting_id: UUID, guest: Guest) -> str:
    """Ask somebody who is not among those that the rep chose: a contact of their own, never one of the same name, for
    whoever types a name need not be that person. Return the token of their page. Raises Invalid for a name that is missing
    or too long and for an address that is none, RoomClosed, and TooManyGuests."""
    advisory_lock(c.session, f"room {meeting_id}")
    code = code_of_room(c.session, c.organisation_id, meeting_id)
    if code is None or c.now >= code.closes_at:
        raise RoomClosed
    token = _token_of_guest(c, code, guest)
    if guest_with_token(c.session, c.organisation_id, token):
        return token
    if count_guests(c.session, c.organisation_id, meeting_id) >= MOST_GUESTS:
        raise TooManyGuests
    meeting = c.session.get_one(Meeting, (c.organisation_id, meeting_id))
    contact_id = _add_guest(c, meeting_id, guest)
    invite(c, meeting, locked_relationship(c, meeting.rep_id, contact_id), token)
    entered = (
        col(Invitation.organisation_id) == c.organisation_id,
        col(Invitation.meeting_id) == meeting_id,
        col(Invitation.contact_id) == contact_id,
    )
    ends = {"way": Way.GROUP, "guest": True, "closes_at": code.closes_at}
    c.session.execute(update(Invitation).where(*entered).values(**ends))
    recount(c, meeting.rep_id, meeting.held_at)
    return token


def _add_guest(c: Change, meeting_id: UUID, guest: Guest) -> UUID:
    name = " ".join(guest.name.split())
    if not any(letter.isprintable() for letter in name) or len(name) > LONGEST_NAME:
        raise Invalid(name="a name of at most 200 characters")
    email = normal_email(guest.email) if guest.email.strip() else None
    account_id = account_of_room(c.session, c.organisation_id, meeting_id)
    advisory_lock(c.session, f"names at {account_id}")
    account = c.session.get_one(Account, (c.organisation_id, account_id))
    contact = Contact(
        organisation_id=c.organisation_id,
        account_id=account_id,
        name=name,
        name_key=free_key(c.session, c.organisation_id, account_id, name),
        email=email,
        search=search_text(name, account.name, *([email] if email else [])),
        created_at=c.now,
    )
    c.session.add(contact)
    c.session.flush()
    return contact.id


def _token_of_guest(c: Change, code: GroupCode, guest: Guest) -> str:
    """Return the token that follows from the form: who sends it twice gets the same page. Whoever does not know the form's
    random letters cannot work it out."""
    made = hmac.digest(guest.once.encode(), f"{code.id} {guest.name}".encode(), "sha256")
    number, letters = int.from_bytes(made), []
    for _ in range(RANDOM_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return c.organisation.code + "".join(letters)
