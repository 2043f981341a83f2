"""Stored numbers, recomputed whole from their own history in the transaction that changed it."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.db.change import Change
from feedback.db.locks import insert_if_new
from feedback.models import Activity, Relationship
from feedback.models.columns import new_id
from feedback.store.activity import WeekCounts, count_weeks
from feedback.store.relationships import PastInvitation, history_of
from feedback.store.settling import AS_STORED


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


def recompute(change: Change, relationship: Relationship) -> list[PastInvitation]:
    """The relationship's numbers from its whole history, written into its row. Returns that history."""
    change.session.flush()
    past = history_of(
        change.session, change.organisation_id, relationship.rep_id, relationship.contact_id, AS_STORED
    )
    write_numbers(relationship, relationship_numbers((p.moment() for p in past), change.scoring))
    relationship.last_meeting_at = max((p.held_at for p in past), default=None)
    change.session.flush()
    return past


def write_numbers(relationship: Relationship, numbers: Numbers) -> None:
    relationship.loyalty = numbers.loyalty
    relationship.vote = numbers.vote
    relationship.answers = numbers.answers
    relationship.both = numbers.both
    relationship.last_client_at = numbers.last_client_at
    for kind, means in (("client", numbers.client), ("mirror", numbers.mirror)):
        for name, mean in zip(DIMENSIONS, means, strict=True):
            setattr(relationship, f"{kind}_{name}", mean)


def recount(change: Change, rep_id: UUID, held_at: datetime) -> None:
    """A rep's activity in the week of a meeting, counted anew."""
    monday = week_of(held_at, change.zone).monday
    row = _locked_week(change, rep_id, monday)
    counted = count_weeks(change.session, change.organisation_id, rep_id, [monday], change.zone, AS_STORED)
    write_counts(row, counted.get(monday, WeekCounts()))
    change.session.flush()


def write_counts(row: Activity, counts: WeekCounts) -> None:
    row.meetings, row.opened = counts.meetings, counts.opened
    row.invitations, row.answered = counts.invitations, counts.answered


def _locked_week(change: Change, rep_id: UUID, monday: date) -> Activity:
    statement = (
        select(Activity)
        .where(
            col(Activity.organisation_id) == change.organisation_id,
            col(Activity.rep_id) == rep_id,
            col(Activity.monday) == monday,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = change.session.exec(statement).first()
    if found is not None:
        return found
    insert_if_new(
        change.session,
        Activity,
        {
            "organisation_id": change.organisation_id, "id": new_id(), "rep_id": rep_id, "monday": monday,
            "meetings": 0, "opened": 0, "invitations": 0, "answered": 0,
        },
    )  # fmt: skip
    return change.session.exec(statement).one()
