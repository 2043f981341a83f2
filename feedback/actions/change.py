"""The one way to write: a transaction that first freezes the weeks that have ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from feedback.core.calendar.weeks import Week, week_of, week_on
from feedback.core.scoring.points import Scoring
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.models import Organisation, Standing
from feedback.models import Week as WeekRow
from feedback.models.webhook import Event
from feedback.pages.leaderboard import ScoringCalendar, live_standings
from feedback.store.people import all_reps
from feedback.webhooks import events


@contextmanager
def change(db: Database, organisation_id: UUID, now: datetime) -> Iterator[Change]:
    """A transaction on one organisation.

    Before it changes anything it freezes every week that has ended. Nothing can have been written since,
    so a freeze that was missed is made up exactly as the history stood.
    """
    with db.writing() as session:
        organisation = session.get_one(Organisation, organisation_id)
        freeze_due(session, organisation, now)
        yield Change(session, organisation, now)


def freeze_due(session: Session, organisation: Organisation, now: datetime) -> list[Week]:
    """Freeze every week that has ended and is not frozen yet; returns them, usually none."""
    zone = ZoneInfo(organisation.timezone)
    current = week_of(now, zone)
    if week_on(organisation.next_freeze) >= current:
        return []
    locked = session.exec(
        select(Organisation)
        .where(col(Organisation.id) == organisation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    frozen = []
    while (week := week_on(locked.next_freeze)) < current:
        _freeze(session, locked, week, now)
        locked.next_freeze = week.plus(1).monday
        session.flush()
        frozen.append(week)
    return frozen


def _freeze(session: Session, organisation: Organisation, week: Week, now: datetime) -> None:
    clock = ScoringCalendar(Scoring(organisation.half_life_days, ZoneInfo(organisation.timezone)), week)
    rows, field = live_standings(session, organisation.id, clock, week, now)
    reps = {rep.id: rep for rep in all_reps(session, organisation.id)}
    frozen = WeekRow(
        organisation_id=organisation.id, monday=week.monday, frozen_at=now, mu=field.mu, sigma=field.sigma
    )
    session.add(frozen)
    session.add_all(
        Standing(
            organisation_id=organisation.id,
            monday=week.monday,
            rep_id=row.rep_id,
            team_id=reps[row.rep_id].team_id,
            team=reps[row.rep_id].team,
            rank=row.rank,
            score=row.score.score,
            low=row.score.low,
            high=row.score.high,
            voices=row.score.voices,
            loyalty=row.loyalty,
            answered=row.activity.answered.part,
            invitations=row.activity.answered.whole,
            opened=row.activity.asked.part,
            meetings=row.activity.asked.whole,
            real_gaps=row.gaps.part,
            could_have_gaps=row.gaps.whole,
            reads_the_room=row.reads_the_room,
            calibration=row.calibration,
            doughnuts=row.doughnuts,
            value=row.value,
            badge=row.badge,
        )
        for row in rows
    )
    events.enqueue_event(session, organisation.id, Event.STANDINGS_FROZEN, frozen.id, now)
    session.flush()
