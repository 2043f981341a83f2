"""Stored numbers, calculated as a whole from the history in the transaction that changed it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, update
from sqlmodel import col

from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.quadrants import map_place, quadrant_point, urgency
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.db.change import Change
from feedback.db.locks import insert_if_new, locked_or_new
from feedback.models import Activity, Relationship
from feedback.models.columns import new_id
from feedback.store.activity import COUNT_WEEK, WeekCounts, counted_week, hold_week
from feedback.store.answers import HeldRelationship
from feedback.store.history import Pair, PastInvitation, history_of
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
    past = write_numbers(c, relationship)
    c.session.expire(relationship, _WRITTEN)
    return past


def write_numbers(c: Change, relationship: HeldRelationship | Relationship) -> list[PastInvitation]:
    """Do what `recompute` does; what the session holds of the relationship is left as it was."""
    c.session.flush()
    past = history_of(c.session, c.organisation_id, relationship.rep_id, relationship.contact_id, AS_STORED)
    numbers = columns_of(relationship_numbers((p.moment() for p in past), c.scoring))
    last = max((p.held_at for p in past), default=None)
    row = {"organisation": c.organisation_id, "row": relationship.id}
    c.execute(_WRITE_NUMBERS, {**row, **numbers, "last_meeting_at": last})
    c.rescored.add(relationship.rep_id)  # whose sums follow when the change ends
    return past


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
        "week_loyalty": numbers.week_loyalty,
        "lukewarm": numbers.lukewarm,
        "place": map_place(numbers.client, numbers.mirror),
        "urgency": urgency(point) if point else None,
        "guessed": point.guessed if point else None,
        "said": point.said if point else None,
        **dict(zip(_CLIENT_MEANS, numbers.client, strict=True)),
        **dict(zip(_MIRROR_MEANS, numbers.mirror, strict=True)),
    }


def recount(c: Change, rep_id: UUID, held_at: datetime) -> None:
    """Count a rep's activity in the week of a meeting anew. The row is locked first and counted by a later statement,
    which sees what whoever held it before has written."""
    c.session.flush()
    week = week_of(held_at, c.zone)
    key: dict[str, Any] = {"organisation_id": c.organisation_id, "rep_id": rep_id, "monday": week.monday}
    counted = {**counted_week(c.organisation_id, rep_id, week, c.zone, AS_STORED), "week": week.monday}
    hold_week(c.session, **key)
    if not c.execute(_COUNT_UP, counted):
        insert_if_new(c.session, Activity, {"id": new_id(), **key, **columns_of_counts(WeekCounts())})
        hold_week(c.session, **key)
        c.execute(_COUNT_UP, counted)


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
        "unasked": counts.unasked,
    }


_WRITTEN = (*columns_of(Numbers()), "last_meeting_at")
# Built once: to build them took longer than to execute them.
_WRITE_NUMBERS = (
    update(Relationship)
    .where(
        col(Relationship.organisation_id) == bindparam("organisation"),
        col(Relationship.id) == bindparam("row"),
    )
    .values({name: bindparam(name) for name in _WRITTEN})
)
_REP: Any = bindparam("rep", type_=Uuid())
_COUNTED = COUNT_WEEK.add_columns(_REP.label("rep_id")).subquery("counted")
_COUNT_UP = (
    update(Activity)
    .where(
        col(Activity.organisation_id) == bindparam("organisation"),
        col(Activity.rep_id) == _COUNTED.c.rep_id,
        col(Activity.monday) == bindparam("week"),
    )
    .values({name: _COUNTED.c[name] for name in columns_of_counts(WeekCounts())})
)
