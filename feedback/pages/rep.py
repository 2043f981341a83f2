"""What a manager sees of a rep: dimensions, calibration, practices, promises, activity."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.calendar.weeks import Week
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.analysis import to_practise
from feedback.core.gaps.forecast import Forecast
from feedback.core.scoring.differences import ratings_apart
from feedback.core.scoring.leaderboard import AskedAnswered, calibration_by_dimension
from feedback.core.scoring.reps import SIGMA_UNKNOWN
from feedback.core.scoring.sums import RepSums, add_sides, side_means
from feedback.core.shares import Share, promises_kept
from feedback.db.tenancy import references
from feedback.models import Invitation, Meeting, Promise, Side, Verdict
from feedback.pages import leaderboard
from feedback.pages.calendar_source import calendar_read_at
from feedback.pages.coaching import WINDOW, PracticeInUse, practices_in_use
from feedback.store import people
from feedback.store.activity import activity_until
from feedback.store.answered import can_still_guess, was_answered
from feedback.store.calendars import addresses_of_rep, calendar_of
from feedback.store.forecasts import forecasts
from feedback.store.people import Rep, RepScope, Viewer
from feedback.store.relationships import numbers_of_rep
from feedback.store.rep_sums import sums_by_rep


@dataclass(frozen=True, slots=True)
class RepDimension:
    """One dimension over a rep's relationships."""

    dimension: str
    said: float | None  # the rep's clients' ratings, vote-weighted mean, 1..5
    guessed: float | None  # the rep's own guesses, likewise
    off: float | None  # guessed - said where both are known
    clients: int  # over how many relationships `off` is taken
    others: float | None  # what the clients of the rest of the team say, likewise
    clear: bool  # said and others differ beyond chance

    @property
    def against(self) -> float | None:
        """Return how far it is above the rest of the team, or below (negative); None where either is not
        known."""
        return None if self.said is None or self.others is None else self.said - self.others


@dataclass(frozen=True, slots=True)
class RepPage:
    """What a manager sees of a rep."""

    lines: list[RepDimension]  # one for each dimension
    rest: int  # how many colleagues `others` is the mean of; 0 where that would be none, or identify one
    practices: list[PracticeInUse]
    promises: Share  # how many of the judged ones were kept
    activity: AskedAnswered  # over 13 weeks
    week: tuple[float | None, ...]  # the scores of 13 weeks, 0..100, oldest first
    calendar_read_at: datetime | None  # when the rep's calendar was last read; None: there is none
    forecast: Forecast | None  # None below eight sealed meetings
    unguessed: int  # answers counted in `week` that the rep may still be guessing

    @property
    def worst_guess(self) -> RepDimension | None:
        """Return the dimension that the rep guesses furthest off, from half a point on; None without one."""
        known = [line for line in self.lines if line.off is not None and abs(line.off) >= 0.5]
        return max(known, key=lambda line: abs(line.off or 0.0), default=None)


def rep_page(session: Session, viewer: Viewer, rep: Rep, week: Week, now: datetime) -> RepPage:
    """Return what a manager sees of a rep, with the scores up to `week`. Raises WorksAgreement."""
    viewer.figures.require_by_person()
    all_reps = people.all_reps(session, viewer.organisation_id)
    team = [r.id for r in all_reps if r.id != rep.id and rep.team_id and r.team_id == rep.team_id]
    rest = team if len(team) > 1 else []  # the rest of a team of two would be one colleague's figures
    sums = sums_by_rep(session, viewer.organisation_id, viewer.scoring, now, [rep.id, *rest])
    mine = sums.get(rep.id, RepSums())
    said, guessed = side_means(mine.client), side_means(mine.mirror)
    theirs = add_sides(sums[r].client for r in rest if r in sums)
    others, weight = side_means(theirs), viewer.scoring.weight(now)
    numbers = numbers_of_rep(session, viewer.organisation_id, viewer.scoring, rep.id, now)
    off = calibration_by_dimension(numbers.values())
    board = leaderboard.leaderboard(session, viewer.organisation_id, RepScope(rep_id=rep.id), week, now)
    sigma = board.field.sigma if board else SIGMA_UNKNOWN

    def clear(d: int) -> bool:
        one, other = said[d], others[d]
        heard, theirs_heard = mine.client.votes[d] / weight, theirs.votes[d] / weight
        return one is not None and other is not None and ratings_apart(one, other, heard, theirs_heard, sigma)

    return RepPage(
        lines=[
            RepDimension(name, said[d], guessed[d], off[d][0], off[d][1], others[d], clear(d))
            for d, name in enumerate(DIMENSIONS)
        ],
        rest=len(rest),
        practices=practices_in_use(session, viewer.organisation_id, [rep.id], now, now - WINDOW),
        promises=_promises(session, viewer.organisation_id, rep.id, now),
        activity=_activity(session, viewer, rep, week, now),
        week=board.rows[0].line if board and board.rows else (),
        calendar_read_at=_calendar_read_at(session, viewer, rep),
        forecast=forecasts(session, viewer.organisation_id, viewer.scoring, [rep.id], now).get(rep.id),
        unguessed=_unguessed(session, viewer.organisation_id, rep.id, now),
    )


def weakest_of(session: Session, viewer: Viewer, reps: list[Rep], now: datetime) -> dict[UUID, str]:
    """Return, by rep, the dimension that this rep should work on first; reps without an answer are absent."""
    sums = sums_by_rep(session, viewer.organisation_id, viewer.scoring, now, [rep.id for rep in reps])
    return {
        rep.id: to_practise(side_means(mine.client), side_means(mine.mirror))
        for rep in reps
        if (mine := sums.get(rep.id)) and mine.voices.heard
    }


def _unguessed(session: Session, organisation_id: UUID, rep_id: UUID, now: datetime) -> int:
    found = session.scalar(
        select(func.count())
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            can_still_guess(now),
        )
    )
    return found or 0


def _calendar_read_at(session: Session, viewer: Viewer, rep: Rep) -> datetime | None:
    where = viewer.organisation_id
    return calendar_read_at(calendar_of(session, where, rep.id), addresses_of_rep(session, where, rep.id))


def _activity(session: Session, viewer: Viewer, rep: Rep, week: Week, now: datetime) -> AskedAnswered:
    found = activity_until(session, viewer.organisation_id, week, viewer.scoring.zone, now, [rep.id])
    return found.get(rep.id, AskedAnswered())


def _promises(session: Session, organisation_id: UUID, rep_id: UUID, now: datetime) -> Share:
    """Return how many of the rep's promises were kept, of those that clients judged in answers that have
    settled."""
    rows = session.execute(
        select(col(Promise.verdict), func.count().label("promises"))
        .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
        .outerjoin(Invitation, references(Promise, Promise.judged_in_id, Invitation))
        .where(
            col(Promise.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Promise.side) == Side.REP,
            col(Promise.judged_in_id).is_(None) | was_answered(now),
        )
        .group_by(col(Promise.verdict))
    )
    counts: dict[Verdict | None, int] = {row.verdict: row.promises for row in rows}
    return promises_kept(counts.get(Verdict.KEPT, 0), counts.get(Verdict.NOT_KEPT, 0))
