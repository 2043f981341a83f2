"""Weeks as they were frozen: their standings, of the reps and teams of then."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, true
from sqlmodel import Session, col

from feedback.core.calendar.weeks import Week, week_on
from feedback.core.scoring.drift import TAKEN_FOR_VOICES, Certainty
from feedback.core.scoring.leaderboard import AskedAnswered, RepStanding
from feedback.core.scoring.reps import Field, Score
from feedback.core.shares import Share
from feedback.db.rows import view_or_none
from feedback.db.tenancy import references
from feedback.models import FrozenWeek as WeekRow
from feedback.models import Standing as StandingRow
from feedback.models import User
from feedback.store.people import Rep, RepScope

STANDING_COLUMNS = tuple(
    col(getattr(StandingRow, name))
    for name in (
        "rep_id", "score", "low", "high", "voices", "loyalty", "answered", "invitations", "opened", "meetings",
        "real_gaps", "could_have_gaps", "reads_the_room", "calibration", "doughnuts", "value", "badge", "rank",
        "rank_low", "rank_high",
    )
)  # fmt: skip


def frozen_weeks(session: Session, organisation_id: UUID) -> list[Week]:
    """Return every frozen week, the latest first."""
    days = session.scalars(
        select(col(WeekRow.monday))
        .where(col(WeekRow.organisation_id) == organisation_id)
        .order_by(col(WeekRow.monday).desc())
    )
    return [week_on(day) for day in days]


def is_frozen(session: Session, organisation_id: UUID, week: Week) -> bool:
    """Tell whether this week was frozen."""
    return (
        session.execute(
            select(col(WeekRow.id)).where(
                col(WeekRow.organisation_id) == organisation_id, col(WeekRow.monday) == week.monday
            )
        ).first()
        is not None
    )


def frozen_within(scope: RepScope) -> ColumnElement[bool]:
    """Return the condition on a frozen standing that it is of `scope`: by the team that the rep was in then."""
    if scope.rep_id:
        return col(StandingRow.rep_id) == scope.rep_id
    return true() if scope.team_ids is None else col(StandingRow.team_id).in_(scope.team_ids)


def frozen_standings(
    session: Session, organisation_id: UUID, scope: RepScope, monday: date
) -> tuple[dict[UUID, Rep], list[RepStanding], Field] | None:
    """Return the reps of `scope` in a frozen week, their standings without an order, and the field; None where the week was
    not recorded."""
    fields = session.execute(
        select(col(WeekRow.mu), col(WeekRow.sigma)).where(
            col(WeekRow.organisation_id) == organisation_id, col(WeekRow.monday) == monday
        )
    )
    field = view_or_none(Field, fields)
    if field is None:
        return None
    rows = session.execute(
        select(
            *STANDING_COLUMNS,
            col(StandingRow.team_id),
            col(StandingRow.team),
            col(User.name),
            col(User.email),
        )
        .join(User, references(StandingRow, StandingRow.rep_id, User))
        .where(
            col(StandingRow.organisation_id) == organisation_id,
            col(StandingRow.monday) == monday,
            frozen_within(scope),
        )
    ).all()
    reps = {row.rep_id: Rep(row.rep_id, row.name, row.email, row.team_id, row.team) for row in rows}
    return reps, [standing_of(row, row.name) for row in rows], field


def frozen_certainty(session: Session, organisation_id: UUID, week: Week) -> Certainty:
    """Return how well scores of a week tell where reps stand, as it was frozen with it, or with the week before while it
    runs; that of the beginning where neither was worked out."""
    rows = session.execute(
        select(col(WeekRow.worth), col(WeekRow.drift), col(WeekRow.widening))
        .where(
            col(WeekRow.organisation_id) == organisation_id,
            col(WeekRow.monday) <= week.monday,
            col(WeekRow.worth).is_not(None),
        )
        .order_by(col(WeekRow.monday).desc())
        .limit(1)
    )
    return view_or_none(Certainty, rows) or TAKEN_FOR_VOICES


def standing_of(row: Row[*tuple[Any, ...]], name: str) -> RepStanding:
    """Return the standing in a row of STANDING_COLUMNS."""
    return RepStanding(
        rep_id=row.rep_id,
        name=name,
        score=Score(row.score, row.low, row.high, row.voices),
        loyalty=row.loyalty,
        activity=AskedAnswered(Share(row.answered, row.invitations), Share(row.opened, row.meetings)),
        gaps=Share(row.real_gaps, row.could_have_gaps),
        reads_the_room=row.reads_the_room,
        calibration=row.calibration,
        doughnuts=row.doughnuts,
        value=row.value,
        badge=row.badge,
        seldom=row.rank is None,  # as it was ranked then; whoever had too few voices has too few voices still
        rank=row.rank,
        rank_low=row.rank_low,
        rank_high=row.rank_high,
    )
