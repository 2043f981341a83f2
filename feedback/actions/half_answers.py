"""Clients who tapped, and never came to the end."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from feedback.actions.alerts import look_at
from feedback.actions.change import change
from feedback.actions.scoring import locked_relationship
from feedback.models import Feedback, Invitation, Meeting, Side
from feedback.store.database import Database
from feedback.store.joins import points_at


def look_at_half_answers(db: Database, organisation_id: UUID, since: datetime, now: datetime) -> None:
    """While a page is open more taps may come. Once it has closed (after `since`, until `now`) what was tapped is the
    answer, and a manager hears of it like of any other."""
    with db.reading() as session:
        found = _just_closed(session, organisation_id, since, now)
    for invitation_id, rep_id, contact_id in found:
        with change(db, organisation_id, now) as c:
            look_at(c, locked_relationship(c, rep_id, contact_id), invitation_id)


def _just_closed(
    session: Session, organisation_id: UUID, since: datetime, now: datetime
) -> list[tuple[UUID, UUID, UUID]]:
    rows = session.exec(
        select(Invitation.id, Meeting.rep_id, Invitation.contact_id)
        .join(Meeting, points_at(Invitation, Invitation.meeting_id, Meeting))
        .join(Feedback, points_at(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.closes_at) > since,
            col(Invitation.closes_at) <= now,
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.done_at).is_(None),
            col(Feedback.erased_at).is_(None),
        )
    )
    return list(rows)
