"""A rep's meetings. The only door to one of them is meeting_for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.access import Forbidden, NotFound
from feedback.models import Meeting
from feedback.store.invitations import InvitationView, invitations_of_meeting, invitations_of_rep
from feedback.store.people import Viewer

SHOWN_DAYS = 28


@dataclass(frozen=True, slots=True)
class MeetingView:
    id: UUID
    held_at: datetime
    topic: str | None
    invitations: list[InvitationView]

    def invitation(self, invitation_id: UUID | None) -> InvitationView:
        """The named one; without a name the first that still wants a guess, else the first."""
        if invitation_id is None:
            return next((i for i in self.invitations if not i.sealed), self.invitations[0])
        found = next((i for i in self.invitations if i.id == invitation_id), None)
        if found is None:
            raise NotFound("invitation")
        return found

    def over(self, now: datetime) -> bool:
        """Does nothing more come in: is every client done, or their page closed?"""
        return all(i.progress.done or i.closed(now) for i in self.invitations)


def meeting_for(session: Session, viewer: Viewer, meeting_id: UUID, now: datetime) -> MeetingView:
    """A rep's own meeting. Anybody else's is NotFound; whoever is no rep is Forbidden."""
    if not viewer.is_rep:
        raise Forbidden("meetings are the rep's own")
    row = session.execute(
        select(col(Meeting.id), col(Meeting.held_at), col(Meeting.topic)).where(
            col(Meeting.organisation_id) == viewer.organisation_id,
            col(Meeting.id) == meeting_id,
            col(Meeting.rep_id) == viewer.id,
        )
    ).first()
    if row is None:
        raise NotFound("meeting")
    invitations = invitations_of_meeting(session, viewer.organisation_id, meeting_id, viewer.reader, now)
    return MeetingView(id=row.id, held_at=row.held_at, topic=row.topic, invitations=invitations)


def recent_invitations(session: Session, viewer: Viewer, now: datetime) -> list[InvitationView]:
    """The invitations of the rep's last four weeks, the latest first."""
    since = now - timedelta(days=SHOWN_DAYS)
    return invitations_of_rep(session, viewer.organisation_id, viewer.id, since, viewer.reader, now)


def meeting_by_form_key(session: Session, organisation_id: UUID, rep_id: UUID, form_key: str) -> UUID | None:
    """The meeting this very form made already, if it did."""
    return session.scalar(
        select(col(Meeting.id)).where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.form_key) == form_key,
        )
    )
