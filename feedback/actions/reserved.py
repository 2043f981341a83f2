"""Meetings that begin without a network: codes are reserved on the phone before, and the meeting arrives later."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete
from sqlmodel import col

from feedback.actions.meetings import NewMeeting, bring_back, contacts_of, invite, new_meeting, set_token
from feedback.actions.scoring.recompute import locked_relationship, recount
from feedback.actions.trust import Fingerprint
from feedback.core.reserved import KNOWN_FOR, USABLE_FOR, how_many, when_held
from feedback.core.tokens import new_token
from feedback.db.change import Change
from feedback.db.locks import advisory_lock
from feedback.models import Meeting, ReservedCode
from feedback.models.encrypted import box_of
from feedback.pages.meetings import meeting_by_form_key
from feedback.store.contacts import contacts_meant
from feedback.store.reserved import count_reserved, held_reserved, invitation_of, meeting_of_token
from feedback.store.taken_back import was_begun


class CodeUnknown(Exception):
    """Raised for a code that this rep has not reserved, or that is too old, or was taken back."""


@dataclass(frozen=True, slots=True)
class LateMeeting:
    """A meeting with one person that began without a network."""

    token: str  # normalised
    who: NewMeeting  # with one contact; its form_key names the other codes of the same meeting
    ago: timedelta  # by the phone's clock


def reserve_codes(c: Change, rep_id: UUID, session_id: UUID, on_the_phone: int) -> list[str]:
    """Return new tokens for a phone, as many as it may have (core.reserved). What is stored of them is a keyed hash."""
    advisory_lock(c.session, f"meetings of {rep_id}")
    usable = count_reserved(c.session, c.organisation_id, rep_id, c.now - USABLE_FOR)
    box = box_of(c.session.connection().dialect)
    tokens = [new_token(c.organisation.code) for _ in range(how_many(on_the_phone, usable))]
    c.session.add_all(
        ReservedCode(
            organisation_id=c.organisation_id,
            rep_id=rep_id,
            session_id=session_id,
            token=box.hash_token(token),
            created_at=c.now,
        )
        for token in tokens
    )
    return tokens


def start_late(c: Change, rep_id: UUID, late: LateMeeting, fingerprint: Fingerprint | None = None) -> UUID:
    """Make the meeting of a reserved code and return its id; sent again, the one that was made. Held when the phone says
    it was, but not before the code was reserved; the page is open from now on for as long as any. Where the form that
    failed on the phone had reached the server all the same, the code belongs to the meeting that it made. Raises
    CodeUnknown, and Invalid."""
    advisory_lock(c.session, f"meetings of {rep_id}")
    made = meeting_of_token(c.session, c.organisation_id, rep_id, late.token)
    if made:
        return made
    reserved = held_reserved(c.session, c.organisation_id, rep_id, late.token, c.now)
    if reserved is None:
        raise CodeUnknown
    [contact_id] = contacts_of(c, _meant(c, late.who))
    relationship = locked_relationship(c, rep_id, contact_id)
    bring_back(c, rep_id, [contact_id])
    begun = _meeting_of_form(c, rep_id, late)
    there = invitation_of(c.session, c.organisation_id, begun.id, contact_id) if begun else None
    if begun and begun.held_at >= reserved.created_at and not (there and was_begun(c.session, there)):
        meeting = begun
    else:
        held_at = when_held(reserved.created_at, late.ago, c.now)
        said = replace(late.who, held_at=held_at, form_key=None if begun else late.who.form_key)
        meeting, there = new_meeting(c, rep_id, said, fingerprint), None
    if there:
        set_token(c, there, late.token)
    else:
        invite(c, meeting, relationship, late.token)
    c.session.delete(reserved)
    recount(c, rep_id, meeting.held_at)
    return meeting.id


def _meant(c: Change, who: NewMeeting) -> NewMeeting:
    """Return the same with who is meant by now, where the phone waited while two contacts were joined."""
    meant = contacts_meant(c.session, c.organisation_id, who.contact_ids)
    return replace(who, contact_ids=[meant[each] for each in who.contact_ids])


def _meeting_of_form(c: Change, rep_id: UUID, late: LateMeeting) -> Meeting | None:
    found = late.who.form_key and meeting_by_form_key(c.session, c.organisation_id, rep_id, late.who.form_key)
    return c.session.get_one(Meeting, (c.organisation_id, found)) if found else None


def release_codes(c: Change, session_id: UUID) -> None:
    """Delete the unused codes of a phone that is signed out of."""
    _delete(c, col(ReservedCode.session_id) == session_id)


def forget_reserved(c: Change) -> None:
    """Delete the codes whose meeting never arrived."""
    _delete(c, col(ReservedCode.created_at) <= c.now - KNOWN_FOR)


def _delete(c: Change, which: ColumnElement[bool]) -> None:
    c.session.execute(
        delete(ReservedCode).where(col(ReservedCode.organisation_id) == c.organisation_id, which)
    )
