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
            col(Organisation.timezone),
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
            col(Promise.verdict).is_(None)
            | (col(Promise.verdict) == Verdict.NOT_YET)
            | (col(Promise.judged_in_id) == invitation_id),
        )
        .order_by(col(Promise.due_on), col(Promise.created_at))
    ).all()  # fmt: skip
    due = [
        DuePromise(row[0], row[1], row[2], row[3])
        for row in rows
        if row[2] is None or row[2] <= row[4].astimezone(ZoneInfo(row[5])).date()
    ]
    return due[:MOST_PROMISES]


def latest_stage(session: Session, organisation_id: UUID, contact_id: UUID) -> datetime | None:
    """When this contact last said where they stand."""
    return _latest(session, organisation_id, contact_id, col(Feedback.stage).is_not(None))


def latest_recommend(session: Session, organisation_id: UUID, contact_id: UUID) -> datetime | None:
    """When this contact was last asked whether they would recommend, answered or not."""
    return _latest(session, organisation_id, contact_id, col(Feedback.extra) == Extra.RECOMMEND)


def _latest(
    session: Session, organisation_id: UUID, contact_id: UUID, *where: ColumnElement[bool]
) -> datetime | None:
    return session.scalar(
        select(func.max(col(Feedback.updated_at)))
        .select_from(Feedback)
        .join(Invitation, points_at(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Feedback.organisation_id) == organisation_id,
            col(Feedback.side) == Side.CLIENT,
            col(Invitation.contact_id) == contact_id,
            *where,
        )
    )
