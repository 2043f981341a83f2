"""Stored numbers, calculated as a whole from the history in the transaction that changed it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.quadrants import map_place, quadrant_point, urgency
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.db.change import Change
from feedback.db.locks import locked_or_new
from feedback.models import Activity, Relationship
from feedback.models.columns import new_id
from feedback.store.activity import WeekCounts, count_week
from feedback.store.relationships import Pair, PastInvitation, history_of
from feedback.store.settling import AS_STORED

# The columns that name one row, for db.bulk.
RELATIONSHIP = ("organisation_id", "rep_id", "contact_id")
WEEK = ("organisation_id", "rep_id", "monday")
_CLIENT_MEANS = [f"client_{name}" for name in DIMENSIONS]
_MIRROR_MEANS = [f"mirror_{name}" for name in DIMENSIONS]


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
    write_numbers(c, relationship, relationship_numbers((p.moment() for p in past), c.scoring))
    relationship.last_meeting_at = max((p.held_at for p in past), default=None)
    c.session.flush()
    return past


def write_numbers(c: Change, relationship: Relationship, numbers: Numbers) -> None:
    """Copy the numbers into the relationship's row. The sums of its rep follow when the change ends."""
    c.rescored.add(relationship.rep_id)
    for name, value in columns_of(numbers).items():
        setattr(relationship, name, value)


def relationship_row(c: Change, pair: Pair, numbers: Numbers) -> dict[str, Any]:
    """Return a row of a relationship, for writing many at once."""
    key = {"organisation_id": c.organisation_id, "rep_id": pair[0], "contact_id": pair[1]}
    return {**key, "id": new_id(), "created_at": c.now, **columns_of(numbers)}


def columns_of(numbers: Numbers) -> dict[str, Any]:
    """Return the numbers by the columns of a relationship."""
    point = quadrant_point(numbers.client, numbers.mirror)
    return {
        "loyalty": numbers.loyalty,
        "vote": numbers.vote,
        "answers": numbers.answers,
        "both": numbers.both,
        "last_client_at": numbers.last_client_at,
        "distance": numbers.distance,
        "bias": numbers.bias,
        "real_gap": numbers.real_gap,
        "quarter_loyalty": numbers.quarter_loyalty,
        "lukewarm": numbers.lukewarm,
        "place": map_place(numbers.client, numbers.mirror),
        "urgency": urgency(point) if point else None,
        "guessed": point.guessed if point else None,
        "said": point.said if point else None,
        **dict(zip(_CLIENT_MEANS, numbers.client, strict=True)),
        **dict(zip(_MIRROR_MEANS, numbers.mirror, strict=True)),
    }


def recount(c: Change, rep_id: UUID, held_at: datetime) -> None:
    """Count a rep's activity in the week of a meeting anew."""
    monday = week_of(held_at, c.zone).monday
    row = _locked_week(c, rep_id, monday)
    write_counts(row, count_week(c.session, c.organisation_id, rep_id, monday, c.zone, AS_STORED))
    c.session.flush()


def write_counts(row: Activity, counts: WeekCounts) -> None:
    """Copy the counts into the week's row."""
    for name, value in columns_of_counts(counts).items():
        setattr(row, name, value)


def activity_row(c: Change, week: tuple[UUID, date], counts: WeekCounts) -> dict[str, Any]:
    """Return a row of a rep's week (rep_id, Monday), for writing many at once."""
    key = {"organisation_id": c.organisation_id, "rep_id": week[0], "monday": week[1]}
    return {**key, "id": new_id(), **columns_of_counts(counts)}


def columns_of_counts(counts: WeekCounts) -> dict[str, int]:
    """Return the counts by the columns of a week."""
    return {
        "meetings": counts.meetings,
        "opened": counts.opened,
        "invitations": counts.invitations,
        "answered": counts.answered,
    }


def _locked_week(c: Change, rep_id: UUID, monday: date) -> Activity:
    return locked_or_new(
        c.session,
        Activity,
        {"organisation_id": c.organisation_id, "rep_id": rep_id, "monday": monday},
        {"meetings": 0, "opened": 0, "invitations": 0, "answered": 0},
    )
