"""The way to write: a transaction that first freezes the weeks that have ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from feedback.actions.scoring.rep_sums import write_sums
from feedback.core.calendar.weeks import Week, week_of, week_on
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.drift import certainty
from feedback.core.scoring.leaderboard import with_rank_ranges
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.db.version import bump_version
from feedback.models import FrozenWeek as WeekRow
from feedback.models import Standing
from feedback.models.webhook import Event
from feedback.pages.leaderboard import ScoringCalendar, live_standings
from feedback.store.drift import changes_by_rep, votes_now
from feedback.store.forecasts import usual_now
from feedback.store.organisations import locked_organisation
from feedback.store.people import all_reps
from feedback.webhooks.events import enqueue_event


@contextmanager
def change(
    db: Database, organisation_id: UUID, now: datetime, *, nothing_due: bool = False
) -> Iterator[Change]:
    """Open a transaction on one organisation.

    Before anything is changed, every week that has ended is frozen. Nothing can have been written since, so a
    freeze that was missed is made up exactly as the history was. It is a transaction of its own: it holds the
    organisation, for which whoever inserts a row waits, and so must wait for no answer that they hold. After
    the change, `finish`. nothing_due: of `is_due`, for whoever has read a moment ago when the next week is to be frozen,
    which is never sooner than it was.
    """
    frozen = True
    while frozen:
        with db.writing() as session:
            c = Change(session, organisation_id, now)
            frozen = not nothing_due and bool(freeze_due(c))
            if not frozen:
                yield c
            finish(c)


@contextmanager
def tap(db: Database, organisation_id: UUID, now: datetime) -> Iterator[Change]:
    """Open a transaction for a write that no number follows from: it freezes nothing, and reads nothing
    first."""
    with db.writing() as session:
        yield Change(session, organisation_id, now)


def finish(c: Change) -> None:
    """Write what follows from everything that was written: the sums of each rep whose numbers changed, and that
    something was. They are locked last by every change, in this order: nobody who holds them waits for a
    relationship, an answer, a week or an alert."""
    if c.rescored:
        write_sums(c, c.rescored)
    c.session.flush()
    if c.session.wrote:
        bump_version(c.session, c.organisation_id)


def is_due(next_freeze: date, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether a week has ended and is not frozen. next_freeze: of the organisation."""
    return week_on(next_freeze) < week_of(now, zone)


def freeze_due(c: Change) -> list[Week]:
    """Freeze every week that has ended and is not frozen yet; return them, usually none."""
    if not is_due(c.calendar.next_freeze, c.zone, c.now):
        return []
    current = week_of(c.now, c.zone)
    locked = locked_organisation(c.session, c.organisation_id)
    frozen = []
    while (week := week_on(locked.next_freeze)) < current:
        _freeze(c, week)
        locked.next_freeze = week.plus(1).monday
        c.session.flush()
        frozen.append(week)
    return frozen


def _freeze(c: Change, week: Week) -> None:
    calendar = ScoringCalendar(c.scoring, week, c.organisation.least_asked)
    rows, field = live_standings(c.session, c.organisation_id, calendar, week, c.now)
    end = min(c.now, week.ends(c.zone))
    votes = votes_now(c.session, c.organisation_id, c.scoring.weight(end))
    reps = {rep.id: rep for rep in all_reps(c.session, c.organisation_id)}
    changes = changes_by_rep(c.session, c.organisation_id, end, reps)
    known = certainty(votes, changes, field.sigma, c.scoring.half_life)
    rows = with_rank_ranges(rows, field, known)
    usual = usual_now(c.session, c.organisation_id, c.scoring, end)
    frozen = WeekRow(
        organisation_id=c.organisation_id,
        monday=week.monday,
        frozen_at=c.now,
        mu=field.mu,
        sigma=field.sigma,
        worth=known.worth,
        drift=known.drift,
        widening=known.widening,
    )
    for name, value in zip(DIMENSIONS, usual, strict=True):
        setattr(frozen, f"usual_{name}", value)
    c.session.add(frozen)
    c.session.add_all(
        Standing(
            organisation_id=c.organisation_id,
            monday=week.monday,
            rep_id=row.rep_id,
            team_id=reps[row.rep_id].team_id,
            team=reps[row.rep_id].team,
            rank=row.rank,
            rank_low=row.rank_low,
            rank_high=row.rank_high,
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
    enqueue_event(c, Event.STANDINGS_FROZEN, frozen.id)
    c.session.flush()
