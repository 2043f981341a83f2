"""What the client's page asks besides the six ratings: promises, stage, recommendation."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.extras import Extra
from feedback.db.tenancy import references
from feedback.models import Contact, Feedback, Invitation, Meeting, Organisation, Promise, Side, Verdict

MOST_PROMISES = 5
_Other, _Asked = aliased(Invitation, name="other"), aliased(Feedback, name="asked")
_Mirror = aliased(Feedback, name="its_mirror")


@dataclass(frozen=True, slots=True)
class DuePromise:
    """A promise of the rep that the client is asked about."""

    id: UUID
    words: str
    due_on: date | None
    verdict: Verdict | None  # what the client said of it in this invitation; None before


def promises_due(
    session: Session, organisation_id: UUID, invitation_id: UUID, now: datetime
) -> list[DuePromise]:
    """Return what the rep promised this contact in earlier meetings and should have done by this one, if the
    client has not judged it for good yet, or judged it in this very invitation. The oldest first, at most
    MOST_PROMISES.

    Left out while another answer was asked about it that the rep can still guess: a rep who plays the client
    with a second code would see there what was judged in the first.
    """
    mine, earlier = aliased(Meeting, name="mine"), aliased(Meeting, name="earlier")
    rows = session.execute(
        select(
            col(Promise.id), col(Promise.words), col(Promise.due_on), col(Promise.verdict), col(mine.held_at),
            col(Organisation.timezone), col(Promise.judged_in_id),
        )
        .select_from(Invitation)
        .join(Organisation, col(Organisation.id) == col(Invitation.organisation_id))
        .join(mine, references(Invitation, Invitation.meeting_id, mine))
        .join(
            Promise,
            (col(Promise.organisation_id) == col(Invitation.organisation_id))
            & (col(Promise.contact_id) == col(Invitation.contact_id)),
        )
        .join(earlier, references(Promise, Promise.meeting_id, earlier))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.id) == invitation_id,
            col(Promise.side) == Side.REP,
            col(earlier.rep_id) == col(mine.rep_id),
            col(earlier.held_at) < col(mine.held_at),
            _to_judge(invitation_id, now),
        )
        .order_by(col(Promise.due_on), col(Promise.created_at))
    ).all()  # fmt: skip
    due = [
        DuePromise(
            id=row.id,
            words=row.words,
            due_on=row.due_on,
            verdict=row.verdict if row.judged_in_id == invitation_id else None,
        )
        for row in rows
        if row.due_on is None or row.due_on <= row.held_at.astimezone(ZoneInfo(row.timezone)).date()
    ]
    return due[:MOST_PROMISES]


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """What this contact was asked before, in other answers than this one."""

    promises_due: int  # how many promises are due in this one
    # when this contact last named the stage; for an answer that the rep can still guess, when it was asked
    stage_at: datetime | None
    # when this contact was last asked whether they would recommend, answered or not
    recommend_at: datetime | None


def asked_before(
    session: Session, invitation: Invitation, meeting: Meeting, zone: ZoneInfo, now: datetime
) -> AskedBefore:
    """Return what decides the next question of this invitation, in one statement."""
    guessed = (col(Invitation.closes_at) <= now) | _sealed(Invitation)
    due = (
        select(func.count())
        .select_from(Promise)
        .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
        .where(
            col(Promise.organisation_id) == invitation.organisation_id,
            col(Promise.contact_id) == invitation.contact_id,
            col(Promise.side) == Side.REP,
            col(Meeting.rep_id) == meeting.rep_id,
            col(Meeting.held_at) < meeting.held_at,
            _to_judge(invitation.id, now),
            col(Promise.due_on).is_(None) | (col(Promise.due_on) <= meeting.held_at.astimezone(zone).date()),
        )
    )
    stage_at, recommend_at = [
        select(func.max(col(Feedback.updated_at)))
        .select_from(Feedback)
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Feedback.organisation_id) == invitation.organisation_id,
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.invitation_id) != invitation.id,
            col(Invitation.contact_id) == invitation.contact_id,
            where,
        )
        for where in (
            case((guessed, col(Feedback.stage).is_not(None)), else_=col(Feedback.extra) == Extra.STAGE),
            col(Feedback.extra) == Extra.RECOMMEND,
        )
    ]
    row = session.execute(
        select(
            due.scalar_subquery().label("promises_due"),
            stage_at.scalar_subquery().label("stage_at"),
            recommend_at.scalar_subquery().label("recommend_at"),
        )
    ).one()
    return AskedBefore(**row._asdict())


def _to_judge(invitation_id: UUID, now: datetime) -> ColumnElement[bool]:
    """Return the condition on a Promise: judged in this answer; or not judged for good in any, and not asked
    about in another that can still be guessed."""
    asked = (
        exists()
        .where(
            references(Promise, Promise.contact_id, Contact), references(_Other, _Other.contact_id, Contact)
        )
        .where(col(_Other.id) != invitation_id, col(_Other.closes_at) > now, ~_sealed(_Other))
        .where(references(_Asked, _Asked.invitation_id, _Other), col(_Asked.extra) == Extra.PROMISES)
    )
    open_ = col(Promise.verdict).is_(None) | (col(Promise.verdict) == Verdict.NOT_YET)
    return (col(Promise.judged_in_id) == invitation_id) | (open_ & ~asked)


def _sealed(invitation: Any) -> ColumnElement[bool]:
    return exists().where(
        references(_Mirror, _Mirror.invitation_id, invitation),
        col(_Mirror.side) == Side.REP,
        col(_Mirror.sealed_at).is_not(None),
    )
