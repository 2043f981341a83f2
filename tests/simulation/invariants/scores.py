"""Scores: by a formula of our own; and the same in a twin world without what can still be guessed."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from feedback.actions.scoring.recompute import recompute
from feedback.actions.scoring.rep_sums import write_sums
from feedback.core.calendar.weeks import week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.leaderboard import rep_standings
from feedback.db.change import Change
from feedback.models import (
    Feedback,
    Invitation,
    Meeting,
    Organisation,
    Relationship,
    Side,
)
from feedback.pages.leaderboard import _live, scoring_calendar
from feedback.store.answered import can_still_guess
from feedback.store.people import all_reps
from simulation.invariants.answers import SIDES_OF_ALL
from simulation.invariants.plain import holds
from simulation.organisation import SimulatedOrganisation
from simulation.phones import ExpectedAnswer
from simulation.world import World


def loyalties(session: Any, o: SimulatedOrganisation) -> None:
    """Work loyalty out anew from what the clients said, by a formula of our own."""
    half_life = session.scalar(select(Organisation.half_life_days).where(Organisation.id == o.id))
    counts = {
        row.invitation_id: row
        for row in session.execute(SIDES_OF_ALL, {"organisation": o.id})
        if row.side == Side.CLIENT
    }
    said: defaultdict[tuple[UUID, UUID], list[ExpectedAnswer]] = defaultdict(list)
    for answer in o.answers:
        row = counts.get(answer.invitation_id)
        if row and row.settled_at and row.counts == "counted" and any(answer.ratings):
            said[answer.rep_id, answer.contact_id].append(answer)
    stored = session.execute(
        select(
            Relationship.rep_id, Relationship.contact_id, Relationship.loyalty, Relationship.answers
        ).where(Relationship.organisation_id == o.id)
    )
    for row in stored:
        heard = said[row.rep_id, row.contact_id]
        holds(row.answers == len(heard), f"{row.answers} answers count, {len(heard)} should")
        expected = loyalty(heard, o.zone, half_life)
        same = row.loyalty == expected or abs((row.loyalty or -1) - (expected or -1)) < 1e-6
        holds(same, f"loyalty is {row.loyalty}, and should be {expected}")


def loyalty(heard: list[ExpectedAnswer], zone: Any, half_life: int) -> float | None:
    """Return the loyalty that these answers make, as design has it."""
    days: defaultdict[Any, list[ExpectedAnswer]] = defaultdict(list)
    for answer in heard:
        days[answer.held_at.astimezone(zone).date()].append(answer)
    points = []
    for name in DIMENSIONS:
        above = below = 0.0
        for each in days.values():
            ratings = [answer.said[name] for answer in each if answer.said.get(name)]
            if ratings:
                latest = max(answer.held_at for answer in each)
                weight = 2 ** ((latest - datetime(2026, 1, 1, tzinfo=UTC)) / timedelta(days=half_life))
                above, below = above + weight * sum(ratings) / len(ratings), below + weight
        if below:
            points.append(25 * (above / below - 1))
    return sum(points) / len(points) if points else None


class _BackAgain(Exception):
    """Raised to leave a transaction without a trace."""


def twin(o: SimulatedOrganisation, world: World) -> None:
    """What reps see of scores is the same in a world where answers that can still be guessed do not exist."""
    now, part = world.now(), world.db.part
    world.db.part = 0.0
    try:
        with world.db.writing() as session:
            here = _scores(session, o, now)
            open_ones = session.execute(
                select(Invitation.id, Meeting.rep_id, Invitation.contact_id)
                .join(
                    Meeting,
                    (Meeting.organisation_id == Invitation.organisation_id)
                    & (Meeting.id == Invitation.meeting_id),
                )
                .where(Invitation.organisation_id == o.id, can_still_guess(now))
            ).all()
            c = Change(session, o.id, now)
            session.execute(
                update(Feedback)
                .where(
                    Feedback.organisation_id == o.id,
                    Feedback.side == Side.CLIENT,
                    Feedback.invitation_id.in_([row.id for row in open_ones]),
                )
                .values(dict.fromkeys((*DIMENSIONS, "settles_at", "settled_at")))
            )
            for rep_id, contact_id in {(row.rep_id, row.contact_id) for row in open_ones}:
                recompute(c, session.scalars(select(Relationship).where(
                    Relationship.organisation_id == o.id, Relationship.rep_id == rep_id,
                    Relationship.contact_id == contact_id)).one())  # fmt: skip
            write_sums(c, c.rescored)
            there = _scores(session, o, now)
            raise _BackAgain
    except _BackAgain:
        pass
    finally:
        world.db.part = part
    holds(here == there, f"a score that reps see moves by an unsealed answer: {here} and {there}")


def _scores(session: Any, o: SimulatedOrganisation, now: datetime) -> dict[Any, Any]:
    calendar = scoring_calendar(session, o.id)
    names = {rep.id: rep.name for rep in all_reps(session, o.id)}
    live = _live(session, o.id, names, calendar, week_of(now, o.zone), now, True)
    rows, field = rep_standings(*live, least_asked=calendar.least_asked)
    return {row.rep_id: (row.score, row.loyalty, row.doughnuts, row.value) for row in rows} | {"field": field}
