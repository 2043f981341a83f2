"""Frozen weeks are there, and stay as they were."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select

from feedback.core.calendar.weeks import week_of, week_on
from feedback.models import (
    FrozenWeek,
    Meeting,
    Organisation,
    Standing,
)
from simulation.invariants.plain import holds
from simulation.organisation import SimulatedOrganisation
from simulation.world import Broken

Frozen = dict[UUID, tuple[Any, ...]]  # rows of frozen weeks, as they were first seen


def frozen_weeks(session: Any, o: SimulatedOrganisation, seen: Frozen) -> None:
    """Frozen weeks are there, one after the other, up to the last change, and never change."""
    days = []
    for table in (FrozenWeek, Standing):
        for row in session.execute(table.__table__.select().where(table.organisation_id == o.id)):
            holds(
                seen.setdefault(row.id, tuple(row)) == tuple(row),
                f"a frozen week has changed: {row}",
            )
            if table is FrozenWeek:
                days.append(row.monday)
    kept = {each for each in seen if seen[each][0] == o.id}
    there = set(session.scalars(select(Standing.id).where(Standing.organisation_id == o.id)))
    there |= set(session.scalars(select(FrozenWeek.id).where(FrozenWeek.organisation_id == o.id)))
    holds(kept <= there, "a frozen week is gone")
    _none_left_out(session, o, sorted(days))


def _none_left_out(session: Any, o: SimulatedOrganisation, days: list[date]) -> None:
    holds(
        all(b - a == timedelta(days=7) for a, b in pairwise(days)),
        "a week was left out",
    )
    latest = session.scalar(
        select(Meeting.created_at).where(Meeting.organisation_id == o.id).order_by(Meeting.created_at.desc())
    )
    if latest is not None and week_of(latest, o.zone).monday > (
        days[-1] + timedelta(days=7) if days else _first(session, o)
    ):
        raise Broken(
            f"the week before {latest} was not frozen when something was written; frozen are {days[-2:]}"
        )
    for monday in days[-1:]:
        frozen = session.scalars(
            select(FrozenWeek).where(FrozenWeek.organisation_id == o.id, FrozenWeek.monday == monday)
        ).one()
        holds(frozen.frozen_at >= week_on(monday).ends(o.zone), "a week was frozen before it ended")


def _first(session: Any, o: SimulatedOrganisation) -> Any:
    return week_of(
        session.scalar(select(Organisation.created_at).where(Organisation.id == o.id)), o.zone
    ).monday
