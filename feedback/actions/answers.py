"""What the client taps, saved as it is tapped."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from feedback.actions.alerts import look_at
from feedback.actions.change import Change, change
from feedback.actions.scoring import locked_relationship, recompute, recount
from feedback.core.dimensions import DIMENSIONS, rated
from feedback.models import Feedback, Invitation, Meeting, Side
from feedback.models.columns import new_id
from feedback.models.feedback import Counts, ratings_of
from feedback.store.database import Database, insert_if_new


class Closed(Exception):
    """The invitation does not take answers any more."""


@dataclass(frozen=True, slots=True)
class State:
    """What a client's page sends: everything it knows. ratings: by dimension name, 1..5, absent when not
    tapped (and then left as saved). extras: of comment, visibility, nps, worth_it and stage those that the
    form held, None to take one back. sequence: orders what one phone sent; None counts as the newest."""

    ratings: dict[str, int] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    sequence: int | None = None
    done: bool = False
    language: str | None = None


def save(db: Database, organisation_id: UUID, invitation_id: UUID, state: State, now: datetime) -> None:
    """Saves the state of a client's page. The same state twice is saved once; an older one that arrives
    late only fills in what is missing. Raises Closed."""
    with change(db, organisation_id, now) as c:
        invitation, meeting = _open_invitation(c, invitation_id)
        relationship = locked_relationship(c, meeting.rep_id, invitation.contact_id)
        row = side_of(c, invitation_id, Side.CLIENT)
        _merge(row, state, now)
        invitation.opened_at = invitation.opened_at or now
        recompute(c, relationship)
        recount(c, meeting.rep_id, meeting.held_at)
        if row.done_at or rated(ratings_of(row)) == len(DIMENSIONS):
            look_at(c, relationship, invitation_id)


def opened(db: Database, organisation_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """The page says that it is in front of somebody. Raises Closed."""
    with change(db, organisation_id, now) as c:
        invitation, meeting = _open_invitation(c, invitation_id)
        if invitation.opened_at is None:
            invitation.opened_at = now
            recount(c, meeting.rep_id, meeting.held_at)


def side_of(c: Change, invitation_id: UUID, side: Side) -> Feedback:
    """One side's row, made if it is new. The unique constraint keeps it the only one."""
    insert_if_new(
        c.session,
        Feedback,
        {
            "organisation_id": c.organisation_id, "id": new_id(), "invitation_id": invitation_id, "side": side,
            "visibility": "rep", "counts": Counts.COUNTED, "sequence": 0, "created_at": c.now,
            "updated_at": c.now,
        },
    )  # fmt: skip
    return c.session.exec(
        select(Feedback)
        .where(
            col(Feedback.organisation_id) == c.organisation_id,
            col(Feedback.invitation_id) == invitation_id,
            col(Feedback.side) == side,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def invitation_and_meeting(
    session: Session, organisation_id: UUID, invitation_id: UUID
) -> tuple[Invitation, Meeting]:
    invitation = session.get_one(Invitation, (organisation_id, invitation_id))
    return invitation, session.get_one(Meeting, (organisation_id, invitation.meeting_id))


def _open_invitation(c: Change, invitation_id: UUID) -> tuple[Invitation, Meeting]:
    invitation, meeting = invitation_and_meeting(c.session, c.organisation_id, invitation_id)
    if c.now >= invitation.closes_at:
        raise Closed
    return invitation, meeting


def _merge(row: Feedback, state: State, now: datetime) -> None:
    newest = state.sequence is None or state.sequence >= row.sequence
    for name, value in {**state.ratings, **state.extras}.items():
        if newest or getattr(row, name) is None:
            setattr(row, name, value)
    if newest:
        row.sequence = state.sequence if state.sequence is not None else row.sequence + 1
    row.language = state.language or row.language
    row.updated_at = now
    if state.done and row.done_at is None:
        row.done_at = now
