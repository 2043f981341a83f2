"""What the client's page asks about besides the six: promises, stage, recommending."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.extras import Extra
from feedback.models import Feedback, Invitation, Meeting, Organisation, Promise, Side, Verdict
from feedback.store.joins import points_at

MOST_PROMISES = 5


@dataclass(frozen=True, slots=True)
class DuePromise:
    id: UUID
    words: str
    due_on: date | None
    verdict: str | None


def promises_due(session: Session, organisation_id: UUID, invitation_id: UUID) -> list[DuePromise]:
    """What the rep promised this contact in earlier meetings and should have done by this one, as far as
    the client has not judged it yet, or judged it in this very invitation. The oldest first."""
    mine, earlier = aliased(Meeting, name="mine"), aliased(Meeting, name="earlier")
    rows = session.execute(
        select(
            col(Promise.id), col(Promise.words), col(Promise.due_on), col(Promise.verdict), col(mine.held_at),
            col(Organisation.timezone), col(Promise.judged_in_id),
        )
        .select_from(Invitation)
        .join(Organisation, col(Organisation.id) == col(Invitation.organisation_id))
        .join(mine, points_at(Invitation, Invitation.meeting_id, mine))
        .join(
            Promise,
            (col(Promise.organisation_id) == col(Invitation.organisation_id))
            & (col(Promise.contact_id) == col(Invitation.contact_id)),
        )
        .join(earlier, points_at(Promise, Promise.meeting_id, earlier))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.id) == invitation_id,
            col(Promise.side) == Side.REP,
            col(earlier.rep_id) == col(mine.rep_id),
            col(earlier.held_at) < col(mine.held_at),
            _not_judged_elsewhere(invitation_id),
        )
        .order_by(col(Promise.due_on), col(Promise.created_at))
    ).all()  # fmt: skip
    due = [
        DuePromise(row[0], row[1], row[2], row[3] if row[6] == invitation_id else None)
        for row in rows
        if row[2] is None or row[2] <= row[4].astimezone(ZoneInfo(row[5])).date()
    ]
    return due[:MOST_PROMISES]


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """promises_due: how many. stage_at: when this contact last said where they stand. recommend_at: when this contact
    was last asked whether they would recommend, answered or not. In other answers than this."""

    promises_due: int
    stage_at: datetime | None
    recommend_at: datetime | None


def asked_before(session: Session, invitation: Invitation, meeting: Meeting, zone: ZoneInfo) -> AskedBefore:
    """In one statement."""
    due = (
        select(func.count())
        .select_from(Promise)
        .join(Meeting, points_at(Promise, Promise.meeting_id, Meeting))
        .where(
            col(Promise.organisation_id) == invitation.organisation_id,
            col(Promise.contact_id) == invitation.contact_id,
            col(Promise.side) == Side.REP,
            col(Meeting.rep_id) == meeting.rep_id,
            col(Meeting.held_at) < meeting.held_at,
            _not_judged_elsewhere(invitation.id),
            col(Promise.due_on).is_(None) | (col(Promise.due_on) <= meeting.held_at.astimezone(zone).date()),
        )
    )
    latest = [
        select(func.max(col(Feedback.updated_at)))
        .select_from(Feedback)
        .join(Invitation, points_at(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Feedback.organisation_id) == invitation.organisation_id,
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.invitation_id) != invitation.id,
            col(Invitation.contact_id) == invitation.contact_id,
            where,
        )
        for where in (col(Feedback.stage).is_not(None), col(Feedback.extra) == Extra.RECOMMEND)
    ]
    row = session.execute(select(due.scalar_subquery(), *(each.scalar_subquery() for each in latest))).one()
    return AskedBefore(row[0], row[1], row[2])


def _not_judged_elsewhere(invitation_id: UUID) -> ColumnElement[bool]:
    return (
        col(Promise.verdict).is_(None)
        | (col(Promise.verdict) == Verdict.NOT_YET)
        | (col(Promise.judged_in_id) == invitation_id)
    )
