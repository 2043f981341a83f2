"""What the client's page asks besides the six ratings: promises, stage, recommendation."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.extras import Extra
from feedback.db.tenancy import references
from feedback.models import Contact, Feedback, Invitation, Meeting, Organisation, Promise, Side, Verdict
from feedback.store.answers import AnswerRows
from feedback.store.traces import SIMILAR, Similar, asked_about_similar, similar_of

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
    asked = {"organisation": organisation_id, "invitation": invitation_id, "now": now}
    rows = session.execute(_DUE, asked).all()
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
    session: Session, answer: AnswerRows, zone: ZoneInfo, now: datetime
) -> tuple[AskedBefore, Similar]:
    """Return what decides the next question of this invitation, and what its answer has in common with others: Done asks
    both, in one statement."""
    invitation, meeting = answer.invitation, answer.meeting
    asked = {
        **asked_about_similar(answer, zone), "invitation": invitation.id, "held": meeting.held_at,
        "day": meeting.held_at.astimezone(zone).date(), "now": now,
    }  # fmt: skip
    found = session.connection().execute(_ASKED_BEFORE, asked).one()
    before = AskedBefore(found.promises_due, found.stage_at, found.recommend_at)
    return before, similar_of(answer, found)


def _to_judge() -> ColumnElement[bool]:
    """Return the condition on a Promise: judged in the answer to :invitation; or not judged for good in any,
    and not asked about in another that can still be guessed at :now."""
    asked = (
        exists()
        .where(
            references(Promise, Promise.contact_id, Contact), references(_Other, _Other.contact_id, Contact)
        )
        .where(
            col(_Other.id) != bindparam("invitation"),
            col(_Other.closes_at) > bindparam("now"),
            ~_sealed(_Other),
        )
        .where(references(_Asked, _Asked.invitation_id, _Other), col(_Asked.extra) == Extra.PROMISES)
    )
    open_ = col(Promise.verdict).is_(None) | (col(Promise.verdict) == Verdict.NOT_YET)
    return (col(Promise.judged_in_id) == bindparam("invitation")) | (open_ & ~asked)


def _sealed(invitation: Any) -> ColumnElement[bool]:
    return exists().where(
        references(_Mirror, _Mirror.invitation_id, invitation),
        col(_Mirror.side) == Side.REP,
        col(_Mirror.sealed_at).is_not(None),
    )


def _last(where: ColumnElement[bool]) -> Any:
    """Select when the contact last said something of this kind in another answer."""
    return (
        select(func.max(col(Feedback.updated_at)))
        .select_from(Feedback)
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Feedback.organisation_id) == bindparam("organisation"),
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.invitation_id) != bindparam("invitation"),
            col(Invitation.contact_id) == bindparam("contact"),
            where,
        )
        .scalar_subquery()
    )


_GUESSED = (col(Invitation.closes_at) <= bindparam("now")) | _sealed(Invitation)
_PROMISES_DUE = (
    select(func.count())
    .select_from(Promise)
    .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
    .where(
        col(Promise.organisation_id) == bindparam("organisation"),
        col(Promise.contact_id) == bindparam("contact"),
        col(Promise.side) == Side.REP,
        col(Meeting.rep_id) == bindparam("rep"),
        col(Meeting.held_at) < bindparam("held"),
        _to_judge(),
        col(Promise.due_on).is_(None) | (col(Promise.due_on) <= bindparam("day")),
    )
)
# Built once: to build it took longer than to execute it.
_ASKED_BEFORE = select(
    _PROMISES_DUE.scalar_subquery().label("promises_due"),
    _last(case((_GUESSED, col(Feedback.stage).is_not(None)), else_=col(Feedback.extra) == Extra.STAGE)).label(
        "stage_at"
    ),
    _last(col(Feedback.extra) == Extra.RECOMMEND).label("recommend_at"),
    *SIMILAR.selected_columns,
)
_Mine, _Earlier = aliased(Meeting, name="mine"), aliased(Meeting, name="earlier")
_DUE = (
    select(
        col(Promise.id), col(Promise.words), col(Promise.due_on), col(Promise.verdict), col(_Mine.held_at),
        col(Organisation.timezone), col(Promise.judged_in_id),
    )
    .select_from(Invitation)
    .join(Organisation, col(Organisation.id) == col(Invitation.organisation_id))
    .join(_Mine, references(Invitation, Invitation.meeting_id, _Mine))
    .join(
        Promise,
        (col(Promise.organisation_id) == col(Invitation.organisation_id))
        & (col(Promise.contact_id) == col(Invitation.contact_id)),
    )
    .join(_Earlier, references(Promise, Promise.meeting_id, _Earlier))
    .where(
        col(Invitation.organisation_id) == bindparam("organisation"),
        col(Invitation.id) == bindparam("invitation"),
        col(Promise.side) == Side.REP,
        col(_Earlier.rep_id) == col(_Mine.rep_id),
        col(_Earlier.held_at) < col(_Mine.held_at),
        _to_judge(),
    )
    .order_by(col(Promise.due_on).nulls_last(), col(Promise.created_at), col(Promise.id))
)  # fmt: skip
