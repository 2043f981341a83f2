"""What core.scoring.drift looks at, of a whole organisation: its voices, and what clients changed by; added up by the database."""

from collections.abc import Collection
from datetime import datetime
from functools import reduce
from math import ceil
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, true
from sqlmodel import Session, col

from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.drift import HALF_YEAR, HALF_YEARS, ChangesOfRep, VotesNow
from feedback.core.scoring.points import points
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Relationship, Side
from feedback.models.feedback import Counts

MOST_MEETINGS = 100_000  # that are looked at to tell how levels move
_SIX = reduce(add, (col(getattr(Feedback, name)) for name in DIMENSIONS))  # NULL unless all are rated
_POINTS = (points(2) - points(1)) / len(DIMENSIONS)  # of one more in the sum of the six


def votes_now(session: Session, organisation_id: UUID, weight_now: float) -> VotesNow:
    """Return the voices as they are stored; weight_now: g(now)."""
    vote = col(Relationship.vote)
    heard, reps, voices, squares = (
        session.connection()
        .execute(
            select(
                func.count(), func.count(col(Relationship.rep_id).distinct()), func.sum(vote), func.sum(vote * vote)
            ).where(
                col(Relationship.organisation_id) == organisation_id,
                col(Relationship.loyalty).is_not(None),
                vote > 0,
            )
        )
        .one()
    )  # fmt: skip
    return VotesNow(heard, reps, (voices or 0.0) / weight_now, (squares or 0.0) / weight_now / weight_now)


def changes_by_rep(
    session: Session, organisation_id: UUID, at: datetime, rep_ids: Collection[UUID]
) -> list[ChangesOfRep]:
    """Return by rep what clients changed by from one half-year before `at` to the next, in their complete answers that count
    and had settled by then. Of more than MOST_MEETINGS in that time every second rep is looked at, or every third and so on,
    so that a week is frozen as quickly in the largest organisation; they tell enough."""
    met = session.scalar(
        select(func.count())
        .select_from(Meeting)
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.held_at) >= at - HALF_YEAR * HALF_YEARS,
            col(Meeting.held_at) < at,
        )
    )
    share = ceil((met or 0) / MOST_MEETINGS)
    said = _said_in_half_years(organisation_id, at, sorted(rep_ids)[::share] if share > 1 else None)
    change = said.c.six - _before(said, said.c.six)
    changed = select(
        said.c.rep_id,
        said.c.half_year,
        change.label("change"),
        _before(said, said.c.half_year).label("before"),
    ).subquery()
    rows = session.connection().execute(
        select(
            changed.c.rep_id, changed.c.half_year, func.count(), func.sum(changed.c.change),
            func.sum(changed.c.change * changed.c.change),
        )
        .where(changed.c.before == changed.c.half_year + 1)
        .group_by(changed.c.rep_id, changed.c.half_year)
        .order_by(changed.c.rep_id, changed.c.half_year)
    )  # fmt: skip
    return [
        ChangesOfRep(rep_id, half_year, clients, _POINTS * float(total), _POINTS**2 * float(squares))
        for rep_id, half_year, clients, total, squares in rows
    ]


def _before(said: Subquery, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what a column was the last time that a client said something of the same rep before."""
    return func.lag(column).over(
        partition_by=(said.c.rep_id, said.c.contact_id), order_by=said.c.half_year.desc()
    )


def _said_in_half_years(organisation_id: UUID, at: datetime, rep_ids: Collection[UUID] | None) -> Subquery:
    """Return the statement of what each client said of each rep, or each of some, within each half-year: the mean of the sums
    of six."""
    began = [at - HALF_YEAR * (n + 1) for n in range(HALF_YEARS)]
    held_at = col(Meeting.held_at)
    half_year = case(*((held_at >= each, n) for n, each in enumerate(began)))
    settled = or_(
        col(Feedback.settled_at) <= at,
        and_(col(Feedback.settled_at).is_(None), col(Feedback.settles_at) <= at),
    )
    return (
        select(
            col(Meeting.rep_id), col(Invitation.contact_id), half_year.label("half_year"),
            (func.sum(_SIX) * 1.0 / func.count()).label("six"),
        )
        .select_from(Meeting)
        .join(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id).in_(rep_ids) if rep_ids is not None else true(),
            held_at >= began[-1],
            held_at < at,
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.counts) == Counts.COUNTED,
            settled,
            _SIX.is_not(None),
        )
        .group_by(col(Meeting.rep_id), col(Invitation.contact_id), "half_year")
        .subquery()
    )  # fmt: skip
