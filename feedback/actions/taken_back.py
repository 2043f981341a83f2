"""Taking a code back that was made for the wrong person: as if the meeting had not been begun."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.actions.client_lines import take_off_pages
from feedback.actions.held import unlink_held
from feedback.actions.scoring.recompute import recompute, recount
from feedback.core.asking import Way
from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.db.locks import locked
from feedback.models import (
    CalendarEntry,
    Feedback,
    GroupCode,
    Invitation,
    Meeting,
    Outbox,
    PracticeChoice,
    Promise,
    Relationship,
    TakenBack,
)
from feedback.store.answers import relationship_of_invitation
from feedback.store.rooms import code_of_room, in_one_room
from feedback.store.taken_back import is_last_of_meeting, was_begun

KNOWN_FOR = timedelta(days=60)  # what was taken back: longer than a page may stay open


class AlreadyBegun(Exception):
    """Raised when the client has opened the page, or tapped: it stays."""


def take_back(c: Change, rep_id: UUID, invitation_id: UUID) -> None:
    """Delete an invitation that nobody has opened, with the guess and the promises noted for it, and with its meeting
    where it was the only one; it counts nowhere any more. Raises AlreadyBegun, and changes nothing."""
    relationship = relationship_of_invitation(c.session, c.organisation_id, invitation_id)
    invitation = locked(c.session, Invitation, organisation_id=c.organisation_id, id=invitation_id)
    assert invitation is not None  # noqa: S101 (its relationship was found, and is held)
    if _stays(c, invitation):
        raise AlreadyBegun
    meeting = c.session.get_one(Meeting, (c.organisation_id, invitation.meeting_id))
    alone = is_last_of_meeting(c.session, invitation)
    room = code_of_room(c.session, c.organisation_id, meeting.id) if alone else None
    c.session.add(
        TakenBack(
            organisation_id=c.organisation_id,
            id=invitation.id,
            rep_id=rep_id,
            contact_id=invitation.contact_id,
            meeting_id=meeting.id,
            token=room.token if room else invitation.token,  # what was shown
            created_at=c.now,
        )
    )
    c.session.flush()
    held_at = meeting.held_at
    take_off_pages(c, invitation_id=invitation.id)
    _delete(c, Feedback, invitation_id=invitation.id)
    _delete(c, Outbox, invitation_id=invitation.id)  # none was tried yet
    _delete(c, Promise, meeting_id=meeting.id, contact_id=invitation.contact_id)
    _delete(c, Invitation, id=invitation.id)
    if alone:
        _delete(c, GroupCode, meeting_id=meeting.id)
        of_it = (
            col(CalendarEntry.organisation_id) == c.organisation_id,
            col(CalendarEntry.meeting_id) == meeting.id,
        )
        c.session.execute(update(CalendarEntry).where(*of_it).values(meeting_id=None))
        unlink_held(c, meeting.id)
        _delete(c, Meeting, id=meeting.id)
    c.audit(rep_id, AuditKind.TAKEN_BACK, meeting.id)
    if not recompute(c, relationship):
        _delete(c, PracticeChoice, relationship_id=relationship.id)
        _delete(c, Relationship, id=relationship.id)
    recount(c, rep_id, held_at)


def _stays(c: Change, invitation: Invitation) -> bool:
    """Tell whether somebody has begun: of a room anybody, for a refusal must not tell who."""
    if invitation.way is not Way.GROUP:
        return was_begun(c.session, invitation)
    return any(
        was_begun(c.session, each)
        for each in in_one_room(c.session, c.organisation_id, invitation.meeting_id)
    )


def _delete(c: Change, table: Any, **where: UUID) -> None:
    these = (col(getattr(table, name)) == value for name, value in where.items())
    c.session.execute(delete(table).where(col(table.organisation_id) == c.organisation_id, *these))


def forget_taken_back(c: Change) -> None:
    """Delete what is known of codes that would have closed long ago."""
    old = (col(TakenBack.organisation_id) == c.organisation_id, col(TakenBack.created_at) < c.now - KNOWN_FOR)
    c.session.execute(delete(TakenBack).where(*old))
