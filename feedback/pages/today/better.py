"""Who got better: whose clients' loyalty rose beyond chance over some weeks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.calendar.weeks import Week, week_on
from feedback.core.scoring.differences import moved
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.models import (
    Activity,
    FrozenWeek,
    Standing,
)
from feedback.store.people import Rep, Viewer

SHOWN = 7  # lines of the list
BETTER_OVER = 4  # weeks


@dataclass(frozen=True, slots=True)
class Better:
    """A rep whose clients' loyalty rose beyond chance. It is not the score, which moves with everybody's."""

    rep: Rep
    before: float  # 0..100
    loyalty: float
    voices: float
    answers: int  # in these weeks


def who_got_better(
    session: Session, viewer: Viewer, names: Mapping[UUID, Rep]
) -> tuple[list[Better], int, tuple[Week, Week] | None]:
    """Return whose clients' loyalty rose beyond chance from one frozen week to another, how many reps could have, and the weeks."""
    if not viewer.figures.by_person:
        return [], 0, None
    last = session.execute(
        select(col(FrozenWeek.monday), col(FrozenWeek.sigma))
        .where(col(FrozenWeek.organisation_id) == viewer.organisation_id)
        .order_by(col(FrozenWeek.monday).desc())
        .limit(1)
    ).first()
    if last is None:
        return [], 0, None
    until = week_on(last.monday)
    since = until.plus(-BETTER_OVER)
    before, after = (_loyalties(session, viewer, week, names) for week in (since, until))
    both = [rep_id for rep_id in after if rep_id in before and after[rep_id][1] >= VOICES_TO_RANK]
    if not both:
        return [], 0, None
    answers = _answers(session, viewer, since, until)
    found = [
        Better(names[each], before[each][0], *after[each], answers.get(each, 0))
        for each in both
        if after[each][0] > before[each][0]
        and moved(
            after[each][0] - before[each][0],
            answers.get(each, 0),
            after[each][1],
            last.sigma,
            among=len(both),
            prior=0.0,
        )
    ]
    found.sort(key=lambda one: (one.before - one.loyalty, one.rep.name, one.rep.id))
    return found[:SHOWN], len(both), (since, until)


def _loyalties(
    session: Session, viewer: Viewer, week: Week, names: Collection[UUID]
) -> dict[UUID, tuple[float, float]]:
    """Return (loyalty, voices) by rep of a frozen week."""
    rows = session.execute(
        select(col(Standing.rep_id), col(Standing.loyalty), col(Standing.voices)).where(
            col(Standing.organisation_id) == viewer.organisation_id, col(Standing.monday) == week.monday
        )
    )
    return {
        row.rep_id: (row.loyalty, row.voices)
        for row in rows
        if row.rep_id in names and row.loyalty is not None
    }


def _answers(session: Session, viewer: Viewer, since: Week, until: Week) -> dict[UUID, int]:
    rows = session.execute(
        select(col(Activity.rep_id), func.sum(col(Activity.answered)).label("answers"))
        .where(
            col(Activity.organisation_id) == viewer.organisation_id,
            col(Activity.monday) > since.monday,
            col(Activity.monday) <= until.monday,
        )
        .group_by(col(Activity.rep_id))
    )
    return {row.rep_id: row.answers for row in rows}
