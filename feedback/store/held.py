"""Meetings of reps' calendars that were held with clients."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.db.tenancy import references
from feedback.models import HeldMeeting, Invitation, Meeting


def held_in_meeting(session: Session, organisation_id: UUID, meeting_id: UUID) -> list[HeldMeeting]:
    """Return what was held of calendars, and asked about in this meeting, as rows to be written."""
    rows = select(HeldMeeting).where(
        col(HeldMeeting.organisation_id) == organisation_id, col(HeldMeeting.meeting_id) == meeting_id
    )
    return list(session.scalars(rows.order_by(col(HeldMeeting.id))))


def met_between(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID], begins: datetime, ends: datetime
) -> list[tuple[UUID, UUID, datetime, UUID]]:
    """Return (rep_id, meeting_id, held_at, contact_id) of everybody whom these reps met, by time."""
    rows = session.execute(
        select(
            col(Meeting.rep_id), col(Meeting.id), col(Meeting.held_at), col(Invitation.contact_id)
        )
        .join(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id).in_(rep_ids),
            col(Meeting.held_at) >= begins,
            col(Meeting.held_at) < ends,
        )
        .order_by(col(Meeting.held_at), col(Meeting.id), col(Invitation.id))
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3]) for row in rows]
