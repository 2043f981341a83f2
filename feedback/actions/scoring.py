"""Stored numbers, recomputed whole from their own history in the transaction that changed it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy import select as pick
from sqlmodel import Session, col, select

from feedback.actions.change import Change
from feedback.core.dimensions import DIMENSIONS
from feedback.core.relationships import Numbers, relate
from feedback.core.weeks import week_of
from feedback.models import Activity, Invitation, Meeting, Relationship
from feedback.models.columns import new_id
from feedback.store.database import insert_if_new
from feedback.store.joins import points_at
from feedback.store.relationships import history_of, was_answered


def locked_relationship(change: Change, rep_id: UUID, contact_id: UUID) -> Relationship:
    """The relationship's row, made if it is new, and held by this transaction until its end: whoever else
    writes to the same relationship waits, and then sees what we wrote."""
    insert_if_new(
        change.session,
        Relationship,
        {
            "organisation_id": change.organisation_id,
            "id": new_id(),
            "created_at": change.now,
            "rep_id": rep_id,
            "contact_id": contact_id,
            "vote": 0.0,
            "answers": 0,
            "both": 0,
        },
    )
    return change.session.exec(
        select(Relationship)
        .where(
            col(Relationship.organisation_id) == change.organisation_id,
            col(Relationship.rep_id) == rep_id,
            col(Relationship.contact_id) == contact_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def recompute(change: Change, relationship: Relationship) -> Numbers:
    """The relationship's numbers from its whole history, written into its row."""
    change.session.flush()
    past = history_of(change.session, change.organisation_id, relationship.rep_id, relationship.contact_id)
    numbers = relate((p.moment() for p in past), change.organisation.half_life_days)
    write_numbers(relationship, numbers)
    relationship.last_meeting_at = max((p.held_at for p in past), default=None)
    change.session.flush()
    return numbers


def write_numbers(relationship: Relationship, numbers: Numbers) -> None:
    relationship.loyalty = numbers.loyalty
    relationship.vote = numbers.vote
    relationship.answers = numbers.answers
    relationship.both = numbers.both
    relationship.last_client_at = numbers.last_client_at
    for kind, means in (("points", numbers.points), ("client", numbers.client), ("mirror", numbers.mirror)):
        for name, mean in zip(DIMENSIONS, means, strict=True):
            setattr(relationship, f"{kind}_{name}", mean)


def recount(change: Change, rep_id: UUID, held_at: datetime) -> None:
    """A rep's activity in the week of a meeting, counted anew."""
    monday = week_of(held_at, change.zone).monday
    insert_if_new(
        change.session,
        Activity,
        {
            "organisation_id": change.organisation_id, "id": new_id(), "rep_id": rep_id, "monday": monday,
            "meetings": 0, "opened": 0, "invitations": 0, "answered": 0,
        },
    )  # fmt: skip
    row = change.session.exec(
        select(Activity)
        .where(
            col(Activity.organisation_id) == change.organisation_id,
            col(Activity.rep_id) == rep_id,
            col(Activity.monday) == monday,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.meetings, row.opened, row.invitations, row.answered = count_week(
        change.session, change.organisation_id, rep_id, held_at, change.zone
    )
    change.session.flush()


def count_week(
    session: Session, organisation_id: UUID, rep_id: UUID, held_at: datetime, zone: ZoneInfo
) -> tuple[int, int, int, int]:
    """Meetings, meetings with an invitation opened, invitations, answered ones: of one rep's week."""
    week = week_of(held_at, zone)
    mine = (
        col(Meeting.organisation_id) == organisation_id,
        col(Meeting.rep_id) == rep_id,
        col(Meeting.held_at) >= week.starts(zone),
        col(Meeting.held_at) < week.ends(zone),
    )
    counts = session.execute(
        pick(
            func.count(func.distinct(col(Meeting.id))),
            func.count(func.distinct(col(Meeting.id))).filter(col(Invitation.opened_at).is_not(None)),
            func.count(col(Invitation.id)),
            func.count(col(Invitation.id)).filter(was_answered()),
        )
        .select_from(Meeting)
        .outerjoin(Invitation, points_at(Invitation, Invitation.meeting_id, Meeting))
        .where(*mine)
    ).one()
    return counts[0], counts[1], counts[2], counts[3]
