"""What a rep corrects of a meeting that no client has answered about: when it was, and that a client declined."""

from datetime import datetime
from uuid import UUID

from feedback.actions.scoring.recompute import locked_relationship, recompute, recount
from feedback.core.access import is_sealed
from feedback.core.asking import Way
from feedback.core.audit import AuditKind
from feedback.core.moving import can_be_moved
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import Invitation, Meeting
from feedback.store.answers import relationship_of_invitation
from feedback.store.corrections import contacts_of_meeting, was_answered_about
from feedback.store.rooms import in_one_room
from feedback.wording.i18n import lazy_app_text

ANSWERED = lazy_app_text("The client has begun to answer. What was asked stays as it is.")
GUESS_FIRST = lazy_app_text(
    "Seal your guess first: before that nobody is told who in the room has answered, and a correction would tell."
)
OUT_OF_BOUNDS = lazy_app_text("A meeting is held before its code is made, at most seven days before.")


def move_meeting(c: Change, rep_id: UUID, meeting_id: UUID, held_at: datetime) -> None:
    """Say when a meeting was really held. Raises Invalid once a client has tapped, and for a time out of bounds."""
    contacts = contacts_of_meeting(c.session, c.organisation_id, meeting_id)
    relationships = [locked_relationship(c, rep_id, contact_id) for contact_id in contacts]
    meeting = locked(c.session, Meeting, organisation_id=c.organisation_id, id=meeting_id)
    assert meeting is not None  # noqa: S101 (its page was opened)
    if any(_kept_back(c, each) for each in in_one_room(c.session, c.organisation_id, meeting_id)):
        raise Invalid(held_at=GUESS_FIRST)
    if was_answered_about(c.session, c.organisation_id, meeting_id):
        raise Invalid(held_at=ANSWERED)
    if not can_be_moved(meeting.created_at, held_at):
        raise Invalid(held_at=OUT_OF_BOUNDS)
    before, meeting.held_at = meeting.held_at, held_at
    if before == held_at:
        return
    for each in relationships:
        recompute(c, each)
    for moment in (before, held_at):
        recount(c, rep_id, moment)
    c.audit(
        rep_id,
        AuditKind.MEETING_MOVED,
        meeting.id,
        before={"held_at": _local(c, before)},
        after={"held_at": _local(c, held_at)},
    )


def _kept_back(c: Change, invitation: Invitation) -> bool:
    """Tell whether the rep may not know yet if somebody of a room has answered, so that nothing may be refused for it."""
    return (
        invitation.way is Way.GROUP and not is_sealed(invitation.sealed_at) and c.now < invitation.closes_at
    )


def note_declined(c: Change, rep_id: UUID, invitation_id: UUID, *, declined: bool) -> None:
    """Note that a client does not want to answer, which counts as asked; or that this was a mistake. The page stays open
    for them. Raises Invalid once the client has tapped; twice is once."""
    relationship_of_invitation(c.session, c.organisation_id, invitation_id)
    invitation = locked(c.session, Invitation, organisation_id=c.organisation_id, id=invitation_id)
    assert invitation is not None  # noqa: S101 (its relationship was found, and is held)
    if _kept_back(c, invitation):
        raise Invalid(declined=GUESS_FIRST)
    if was_answered_about(c.session, c.organisation_id, invitation.meeting_id, invitation.contact_id):
        raise Invalid(declined=ANSWERED)
    if (invitation.declined_at is not None) == declined:
        return
    invitation.declined_at = c.now if declined else None
    meeting = c.session.get_one(Meeting, (c.organisation_id, invitation.meeting_id))
    recount(c, rep_id, meeting.held_at)
    c.audit(rep_id, AuditKind.DECLINED if declined else AuditKind.NOT_DECLINED, meeting.id)


def _local(c: Change, moment: datetime) -> str:
    return moment.astimezone(c.zone).strftime("%Y-%m-%d %H:%M")
