"""Rows of history become meetings, invitations and feedback, as if they had been recorded by this app."""

from dataclasses import field
from typing import Any
from uuid import UUID

from feedback.core.dimensions import DIMENSIONS, count_rated
from feedback.core.records import record
from feedback.core.tokens import RANDOM_LENGTH, new_random
from feedback.db.bulk import insert_all
from feedback.db.change import Change
from feedback.imports.directory import FoundContact
from feedback.imports.history.row import PastMeeting
from feedback.imports.ledger import Deed
from feedback.models import Feedback, Invitation, Meeting, Side
from feedback.models.columns import new_id
from feedback.models.encrypted import stand_in
from feedback.store.imports import Key


@record
class MatchedMeeting:
    """A row whose rep and contact are found."""

    number: int  # of the row, as a spreadsheet counts
    meeting: PastMeeting
    rep_id: UUID
    contact: FoundContact
    says: list[str]  # what the row adds beside the meeting
    deeds: list[Deed]  # likewise
    meeting_id: UUID = field(default_factory=new_id)  # if it is written

    @property
    def contact_id(self) -> UUID:
        """Return the contact's id."""
        return self.contact.id

    @property
    def new_contact(self) -> bool:
        """Tell whether this file added the contact."""
        return self.contact.new

    @property
    def key(self) -> Key:
        """Return what tells meetings apart: rep, contact and time."""
        return self.rep_id, self.contact_id, self.meeting.held_at


def write_meetings(c: Change, batch: list[MatchedMeeting]) -> None:
    """Write a meeting and a closed invitation for each row, and what either side said. No alert is opened,
    because it is the past. The numbers are not calculated yet."""
    meetings: list[dict[str, Any]] = []
    invitations: list[dict[str, Any]] = []
    clients: list[dict[str, Any]] = []
    mirrors: list[dict[str, Any]] = []
    made = {"organisation_id": c.organisation_id, "created_at": c.now}
    for row in batch:
        held_at, said = row.meeting.held_at, row.meeting.said
        meeting_id, invitation_id = row.meeting_id, new_id()
        meetings.append({**made, "id": meeting_id, "rep_id": row.rep_id, "held_at": held_at})
        invitations.append(
            {
                **made,
                "id": invitation_id,
                "meeting_id": meeting_id,
                "contact_id": row.contact_id,
                "token": stand_in(new_random(RANDOM_LENGTH)),  # it is closed: nobody has a use for one
                "closes_at": held_at,
                "opened_at": held_at if said.client_answered else None,
                "sealed_at": held_at if count_rated(said.rep) else None,
            }
        )
        feedback = {**made, "invitation_id": invitation_id, "updated_at": c.now}
        if said.client_answered:
            clients.append({**feedback, **_client(row.meeting)})
        if count_rated(said.rep) or said.rep_stage:
            mirrors.append({**feedback, **_mirror(row.meeting)})
    insert_all(c.session, Meeting, meetings)
    insert_all(c.session, Invitation, invitations)
    insert_all(c.session, Feedback, clients)
    insert_all(c.session, Feedback, mirrors)


def _client(meeting: PastMeeting) -> dict[str, Any]:
    said = meeting.said
    return {
        "id": new_id(),
        "side": Side.CLIENT,
        **dict(zip(DIMENSIONS, said.client, strict=True)),
        "nps": said.nps,
        "comment": said.comment,
        "stage": said.stage,
        **dict.fromkeys(("done_at", "settles_at", "settled_at", "told_at"), meeting.held_at),
    }


def _mirror(meeting: PastMeeting) -> dict[str, Any]:
    """Return the row of a mirror. With any rating it is sealed, and its gap card counts as seen: nobody shall
    be asked to look at every meeting of the last years."""
    sealed_at = meeting.held_at if count_rated(meeting.said.rep) else None
    return {
        "id": new_id(),
        "side": Side.REP,
        **dict(zip(DIMENSIONS, meeting.said.rep, strict=True)),
        "stage": meeting.said.rep_stage,
        "sealed_at": sealed_at,
        "seen_at": sealed_at,
    }
