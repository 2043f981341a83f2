"""Whether a meeting can still be corrected."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, true
from sqlmodel import Session, col

from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side


def contacts_of_meeting(session: Session, organisation_id: UUID, meeting_id: UUID) -> Sequence[UUID]:
    """Return the ids of who was asked about a meeting, in the order in which their relationships are locked."""
    found = select(col(Invitation.contact_id)).where(
        col(Invitation.organisation_id) == organisation_id, col(Invitation.meeting_id) == meeting_id
    )
    return session.scalars(found.order_by(col(Invitation.contact_id))).all()


def was_answered_about(
    session: Session, organisation_id: UUID, meeting_id: UUID, contact_id: UUID | None = None
) -> bool:
    """Tell whether a client has tapped anything about a meeting, even if it was taken back. contact_id: this one alone."""
    found = (
        exists()
        .where(
            references(Feedback, Feedback.invitation_id, Invitation),
            col(Feedback.side) == Side.CLIENT,
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.meeting_id) == meeting_id,
            col(Invitation.contact_id) == contact_id if contact_id else true(),
        )
        .select_from(Feedback, Invitation)
    )
    return bool(session.scalar(select(found)))


def made_at(session: Session, organisation_id: UUID, meeting_id: UUID) -> datetime:
    """Return when the code of a meeting was made."""
    found = select(col(Meeting.created_at)).where(
        col(Meeting.organisation_id) == organisation_id, col(Meeting.id) == meeting_id
    )
    return session.scalars(found).one()
