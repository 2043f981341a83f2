"""Stored numbers, calculated as a whole from the history in the transaction that changed it."""

from datetime import date, datetime
from uuid import UUID

from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.quadrants import map_place, quadrant_point, urgency
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.db.change import Change
from feedback.db.locks import locked_or_new
from feedback.models import Activity, Relationship
from feedback.store.activity import WeekCounts, count_weeks
from feedback.store.relationships import PastInvitation, history_of
from feedback.store.settling import AS_STORED


def locked_relationship(c: Change, rep_id: UUID, contact_id: UUID) -> Relationship:
    """Return the relationship's row, locked, and made if it is new: anybody else who writes to the same
    relationship waits, and then sees what we wrote."""
    return locked_or_new(
        c.session,
        Relationship,
        {"organisation_id": c.organisation_id, "rep_id": rep_id, "contact_id": contact_id},
        {"created_at": c.now, "vote": 0.0, "answers": 0, "both": 0},
    )


def recompute(c: Change, relationship: Relationship) -> list[PastInvitation]:
    """Calculate the relationship's numbers from its whole history, write them into its row, and return that
    history."""
    c.session.flush()
    past = history_of(c.session, c.organisation_id, relationship.rep_id, relationship.contact_id, AS_STORED)
    write_numbers(relationship, relationship_numbers((p.moment() for p in past), c.scoring))
    relationship.last_meeting_at = max((p.held_at for p in past), default=None)
    c.session.flush()
    return past


def write_numbers(relationship: Relationship, numbers: Numbers) -> None:
    """Copy the numbers into the relationship's row."""
    relationship.loyalty = numbers.loyalty
    relationship.vote = numbers.vote
    relationship.answers = numbers.answers
    relationship.both = numbers.both
    relationship.last_client_at = numbers.last_client_at
    relationship.quarter_loyalty, relationship.lukewarm = numbers.quarter_loyalty, numbers.lukewarm
    point = quadrant_point(numbers.client, numbers.mirror)
    relationship.place = map_place(numbers.client, numbers.mirror)
    relationship.urgency = urgency(point) if point else None
    relationship.guessed, relationship.said = (point.guessed, point.said) if point else (None, None)
    for kind, means in (("client", numbers.client), ("mirror", numbers.mirror)):
        for name, mean in zip(DIMENSIONS, means, strict=True):
            setattr(relationship, f"{kind}_{name}", mean)


def recount(c: Change, rep_id: UUID, held_at: datetime) -> None:
    """Count a rep's activity in the week of a meeting anew."""
    monday = week_of(held_at, c.zone).monday
    row = _locked_week(c, rep_id, monday)
    counted = count_weeks(c.session, c.organisation_id, rep_id, [monday], c.zone, AS_STORED)
    write_counts(row, counted.get(monday, WeekCounts()))
    c.session.flush()


def write_counts(row: Activity, counts: WeekCounts) -> None:
    """Copy the counts into the week's row."""
    row.meetings, row.opened = counts.meetings, counts.opened
    row.invitations, row.answered = counts.invitations, counts.answered


def _locked_week(c: Change, rep_id: UUID, monday: date) -> Activity:
    return locked_or_new(
        c.session,
        Activity,
        {"organisation_id": c.organisation_id, "rep_id": rep_id, "monday": monday},
        {"meetings": 0, "opened": 0, "invitations": 0, "answered": 0},
    )
