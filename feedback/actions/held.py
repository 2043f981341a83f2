"""Which meetings of reps' calendars were held with clients, and which of them somebody was asked about."""

from datetime import datetime
from uuid import UUID

from feedback.actions.scoring.recompute import recount
from feedback.db.change import Change
from feedback.db.locks import locked_or_new
from feedback.models import HeldMeeting
from feedback.store.held import held_in_meeting


def note_held(c: Change, rep_id: UUID, starts_at: datetime, meeting_id: UUID | None) -> None:
    """Note that a meeting of a rep's calendar was held with somebody from outside. meeting_id: the meeting in which
    somebody was asked about it, if any; that stays known."""
    key = {"organisation_id": c.organisation_id, "rep_id": rep_id, "starts_at": starts_at}
    held = locked_or_new(c.session, HeldMeeting, key, {"created_at": c.now, "meeting_id": meeting_id})
    held.meeting_id = held.meeting_id or meeting_id
    recount(c, rep_id, starts_at)


def unlink_held(c: Change, meeting_id: UUID) -> None:
    """Note that nobody was asked in this meeting, which is taken back."""
    for held in held_in_meeting(c.session, c.organisation_id, meeting_id):
        held.meeting_id = None
        recount(c, held.rep_id, held.starts_at)
