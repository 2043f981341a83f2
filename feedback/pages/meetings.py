"""A rep's meetings. One of them is loaded through meeting_for only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.access import Forbidden, NotFound
from feedback.db.tenancy import references
from feedback.models import Invitation, Meeting
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_of_meeting, invitations_of_rep
from feedback.store.people import Viewer
from feedback.store.taken_back import TakenBackView, taken_back_of_meeting

SHOWN_DAYS = 28
SAME_MEETING = timedelta(hours=1)


class MeetingTakenBack(NotFound):
    """Raised for a meeting that the rep took back; `what` says what is known of it."""

    def __init__(self, what: TakenBackView) -> None:
        super().__init__("meeting")
        self.what = what


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting with its invitations, as its rep may see them."""

    id: UUID
    held_at: datetime
    topic: str | None
    invitations: list[InvitationView]

    def invitation(self, invitation_id: UUID | None) -> InvitationView:
        """Return the invitation with this id; for None the first that is not sealed, else the first. Raises
        NotFound."""
        if invitation_id is None:
            return next((i for i in self.invitations if not i.sealed), self.invitations[0])
        found = next((i for i in self.invitations if i.id == invitation_id), None)
        if found is None:
            raise NotFound("invitation")
        return found

    def over(self, now: datetime) -> bool:
        """Tell whether no more answers can arrive: every client is done, or their page is closed."""
        return all(i.progress.done or i.closed(now) for i in self.invitations)


def meeting_for(session: Session, viewer: Viewer, meeting_id: UUID, now: datetime) -> MeetingView:
    """Return a rep's own meeting. Raises NotFound for anybody else's, MeetingTakenBack for one that the rep took back,
    and Forbidden for anybody but a rep."""
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
        gone = taken_back_of_meeting(session, viewer.organisation_id, viewer.id, meeting_id)
        raise MeetingTakenBack(gone[0]) if gone else NotFound("meeting")
    invitations = invitations_of_meeting(session, viewer.organisation_id, meeting_id, viewer.reader, now)
    return MeetingView(id=row.id, held_at=row.held_at, topic=row.topic, invitations=invitations)


def recent_invitations(session: Session, viewer: Viewer, now: datetime) -> list[InvitationView]:
    """Return the invitations of the rep's last four weeks, the latest first."""
    since = now - timedelta(days=SHOWN_DAYS)
    return invitations_of_rep(session, viewer.organisation_id, viewer.id, since, viewer.reader, now)


def meeting_by_form_key(session: Session, organisation_id: UUID, rep_id: UUID, form_key: str) -> UUID | None:
    """Return the meeting that this very form has made already; None if it has not."""
    return session.scalar(
        select(col(Meeting.id)).where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.form_key) == form_key,
        )
    )


def meeting_just_begun(
    session: Session, organisation_id: UUID, rep_id: UUID, contact_ids: set[UUID], now: datetime
) -> UUID | None:
    """Return the latest meeting of the last hour in which the rep met all of these contacts; None when there is none.
    Whoever has answered about it is not asked again."""
    found = session.execute(
        select(col(Meeting.id), func.count())
        .join(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.held_at) > now - SAME_MEETING,
            col(Meeting.held_at) <= now,
            col(Invitation.contact_id).in_(contact_ids),
        )
        .group_by(col(Meeting.id), col(Meeting.held_at))
        .order_by(col(Meeting.held_at).desc(), col(Meeting.id).desc())
    )
    return next((meeting_id for meeting_id, there in found if there == len(contact_ids)), None)
