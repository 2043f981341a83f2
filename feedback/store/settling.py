"""Answers that have settled by the clock alone, and those that webhooks are to be notified of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlmodel import Session, col

from feedback.core.scoring.points import EPOCH
from feedback.core.settling import notify_at
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side

AT_A_TIME = 200
# As of this moment no answer has settled by the clock alone: stored numbers hold what was processed, and readers
# add what has settled since (store.relationships.fresh_numbers, store.activity).
AS_STORED = EPOCH


def has_settled(now: Any, answer: type[Feedback] = Feedback) -> ColumnElement[bool]:
    """Return the condition on an answer that it has settled by `now` (a moment, or a parameter), as core.settling.state_at has
    it; NULL where nothing was rated."""
    return or_(col(answer.settled_at).is_not(None), col(answer.settles_at) <= now)


@dataclass(frozen=True, slots=True)
class DueSettling:
    """An answer that has settled by the clock and was not processed yet."""

    invitation_id: UUID
    rep_id: UUID
    contact_id: UUID
    held_at: datetime


@dataclass(frozen=True, slots=True)
class DueAnswer:
    """An answer to be settled."""

    organisation_id: UUID
    invitation_id: UUID
    device: str | None  # the mark of the device it came from; None when it is not known


def settled_by_clock(session: Session, organisation_id: UUID, now: datetime) -> list[DueSettling]:
    """Return the answers of one organisation that have settled by the clock and were not processed yet:
    nearly always none, for the worker looks every two seconds."""
    return views(
        DueSettling, session.execute(_SETTLED_BY_CLOCK, {"organisation": organisation_id, "now": now})
    )


def due_to_settle(session: Session, now: datetime) -> list[DueAnswer]:
    """Return the answers of all organisations that are due to be settled, the oldest first, at most
    AT_A_TIME."""
    return views(DueAnswer, session.execute(_TO_SETTLE, {"now": now}))


def due_to_notify(session: Session, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return (organisation, invitation) of settled answers whose client is through with them, and that no
    webhook was notified of yet; at most AT_A_TIME are looked at."""
    return [
        (row.organisation_id, row.invitation_id)
        for row in session.execute(_TO_NOTIFY)
        if notify_at(row.settled_at, row.updated_at, row.extras_at, row.closes_at) <= now
    ]


# Built once, for the worker asks every two seconds, and nearly always for nothing.
_SETTLED_BY_CLOCK: Select[*tuple[Any, ...]] = (
    select(
        col(Invitation.id).label("invitation_id"),
        col(Meeting.rep_id),
        col(Invitation.contact_id),
        col(Meeting.held_at),
    )
    .select_from(Feedback)
    .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
    .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
    .where(
        col(Feedback.organisation_id) == bindparam("organisation"),
        col(Feedback.side) == Side.CLIENT,
        col(Feedback.settled_at).is_(None),
        col(Feedback.settles_at) <= bindparam("now"),
    )
    .order_by(col(Feedback.settles_at), col(Feedback.id))
)
_TO_SETTLE: Select[*tuple[Any, ...]] = (
    select(
        col(Feedback.organisation_id),
        col(Feedback.invitation_id),
        col(Feedback.device_hash).label("device"),
    )
    .where(
        col(Feedback.settled_at).is_(None),
        col(Feedback.settles_at) <= bindparam("now"),
        col(Feedback.side) == Side.CLIENT,
    )
    .order_by(col(Feedback.settles_at), col(Feedback.id))
    .limit(AT_A_TIME)
    .execution_options(across_organisations=True)
)
_TO_NOTIFY = (
    select(
        col(Feedback.organisation_id), col(Feedback.invitation_id), col(Feedback.settled_at),
        col(Feedback.updated_at), col(Feedback.extras_at), col(Invitation.closes_at),
    )
    .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
    .where(
        col(Feedback.told_at).is_(None),
        col(Feedback.settled_at).is_not(None),
        col(Feedback.side) == Side.CLIENT,
    )
    .order_by(col(Feedback.settled_at), col(Feedback.id))
    .limit(AT_A_TIME)
    .execution_options(across_organisations=True)
)  # fmt: skip
