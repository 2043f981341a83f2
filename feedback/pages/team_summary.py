"""A week in two or three sentences for whoever looks after reps, and how their teams compare."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session, col

from feedback.core.calendar.weekly_mail import Shift, shift_reasons
from feedback.core.calendar.weeks import Week, week_of
from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.differences import WeakDimension, apart, moved, weakest_dimension
from feedback.core.scoring.groups import groups_of_at_least
from feedback.core.scoring.leaderboard import RepStanding, team_loyalty
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.core.scoring.sums import RepSums, SideSums, side_means, side_of_at_least
from feedback.core.shares import Share, share_of_at_least
from feedback.models import Standing as StandingRow
from feedback.pages.leaderboard import Leaderboard, LeaderboardRow, leaderboard
from feedback.pages.week_shifts import week_shifts
from feedback.store.activity import answered_in_week
from feedback.store.frozen_weeks import frozen_within
from feedback.store.history import Pair
from feedback.store.people import ALL_REPS, RepScope, Viewer, board_scope
from feedback.store.relationships import RelationshipView, relationships_of_pairs
from feedback.store.rep_sums import sums_by_rep

TREND_WEEKS = 26
NO_TEAM = "No team"


@dataclass(frozen=True, slots=True)
class ScoreMove:
    """The rep whose score moved most in a week, beyond chance."""

    row: LeaderboardRow
    by: float  # points
    after: list[RelationshipView]  # the relationships that moved it most, at most two


@dataclass(frozen=True, slots=True)
class WeekTold:
    """What a week brought a team."""

    week: Week
    running: bool  # the week is not over yet
    loyalty: float | None  # of these reps' clients, 0..100; None without an answer
    before: float | None  # the same of the week before
    voices: float  # that loyalty is the mean of
    answers: int  # of this week
    clear: bool  # loyalty changed beyond chance
    fallen: ScoreMove | None  # None where chance explains every fall
    risen: ScoreMove | None


@dataclass(frozen=True, slots=True)
class TeamDimension:
    """What a team's clients say in one dimension."""

    dimension: str
    mean: float | None  # 1..5; None where it was not rated
    voices: float  # that rated it


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """A team beside the others, or several teams together."""

    name: str
    reps: int
    loyalty: float | None  # 0..100; None without an answer
    voices: float
    answered: Share
    asked: Share
    against: (
        float | None
    )  # loyalty minus that of the other teams together; None where one of them is not known
    clear: bool  # that difference is beyond chance
    dimensions: list[TeamDimension]


@dataclass(frozen=True, slots=True)
class TeamSummary:
    """What stands above and under a leaderboard."""

    told: WeekTold
    weak: WeakDimension[str] | None  # what to train; None for a week that is over
    everybody: list[TeamDimension]  # of all these reps together; empty for a week that is over
    teams: list[TeamStanding]  # by name; empty where the board itself says it
    trend: list[tuple[Week, float | None]]  # the team's loyalty of 26 weeks, the latest last


def team_summary(
    session: Session,
    viewer: Viewer,
    scope: RepScope,
    board: Leaderboard,
    now: datetime,
    *,
    to_train: bool = False,
) -> TeamSummary:
    """Return the summary of a board of `scope`. In a week without an answer so far it tells of the week before, so that
    a Monday morning has something to read. Figures are of as many people as the viewer may be shown (core.access).
    to_train: say what to train and what clients say now, also beside a week that is over."""
    running = board.week == week_of(now, ZoneInfo(viewer.timezone))
    told = _told(session, viewer, board, running, now)
    if running and not told.answers:
        last = leaderboard(session, viewer.organisation_id, scope, board.week.plus(-1), now, lines=0)
        told = _told(session, viewer, last, False, now) if last else told
    live = running or to_train
    sums = board.sums
    if live and (board.frozen or not running):
        sums = sums_by_rep(session, viewer.organisation_id, viewer.scoring, now)
    access, weight = viewer.figures, viewer.scoring.weight(now)
    groups = groups_of_rows(board.rows, access.least)
    sides = {name: _clients(sums, rows, access.least) for name, rows in groups.items()} if live else {}
    whole = _clients(sums, board.rows, 1) if access.by_person else next(iter(sides.values()), SideSums())
    listed = live and len(groups) > 1 if access.by_person else True
    return TeamSummary(
        told=told,
        weak=weakest_dimension(sides, board.field.sigma, weight),
        everybody=_dimensions(whole, weight)
        if running and board.voices and (access.by_person or len(groups) == 1)
        else [],
        teams=[
            _team(name, groups, sides.get(name, SideSums()), board.field.sigma, weight, access.least)
            for name in groups
            if listed
        ],
        trend=_trend(session, viewer.organisation_id, scope, board, access.least),
    )


def groups_of_rows(rows: Sequence[LeaderboardRow], least: int) -> dict[str, list[LeaderboardRow]]:
    """Return the rows by team, by name; teams from whose reps too few have been heard are together, and where all are
    too few there is none. least: reps to a group."""
    teams: defaultdict[str, list[LeaderboardRow]] = defaultdict(list)
    for row in rows:
        teams[row.rep.team or NO_TEAM].append(row)
    heard = {name: sum(row.standing.loyalty is not None for row in mine) for name, mine in teams.items()}
    return {
        ", ".join(names): [row for name in names for row in teams[name]]
        for names in groups_of_at_least(heard, least)
    }


def _told(session: Session, viewer: Viewer, board: Leaderboard, running: bool, now: datetime) -> WeekTold:
    ids = {row.rep.id for row in board.rows}
    counts = answered_in_week(session, viewer.organisation_id, board.week)
    answers = {rep_id: count for rep_id, count in counts.items() if rep_id in ids and count}
    by_person = viewer.figures.by_person
    changes = _changes(session, viewer.organisation_id, board, answers) if by_person else []
    loyalty, before = board.loyalty, board.before
    if not groups_of_rows(board.rows, viewer.figures.least):
        loyalty = None
    if not by_person:
        before = None  # who was heard then, and not now, would be between the two
    total, change = sum(answers.values()), (loyalty or 0.0) - (before or 0.0)
    known = loyalty is not None and before is not None
    fallen, risen = _furthest(session, viewer, board, changes, now)
    return WeekTold(
        week=board.week,
        running=running,
        loyalty=loyalty,
        before=before,
        voices=board.voices,
        answers=total,
        clear=known and moved(change, total, board.voices, board.field.sigma, prior=0.0),
        fallen=fallen,
        risen=risen,
    )


def _changes(
    session: Session, organisation_id: UUID, board: Leaderboard, answers: Mapping[UUID, int]
) -> list[tuple[float, LeaderboardRow]]:
    """Return by how much the score of each rep who was answered this week changed beyond chance."""
    before = _scores(session, organisation_id, board.week.plus(-1))
    met = [
        (row.standing.score.score - before[row.rep.id], row)
        for row in board.rows
        if row.rep.id in answers and row.rep.id in before
    ]
    return [
        (by, row)
        for by, row in met
        if row.standing.score.voices >= VOICES_TO_RANK
        and moved(by, answers[row.rep.id], row.standing.score.voices, board.field.sigma, among=len(met))
    ]


def _furthest(
    session: Session,
    viewer: Viewer,
    board: Leaderboard,
    changes: Sequence[tuple[float, LeaderboardRow]],
    now: datetime,
) -> tuple[ScoreMove | None, ScoreMove | None]:
    """Return the largest fall and the largest rise, of those there are. Why is looked up for both at once."""
    falls, rises = [each for each in changes if each[0] < 0], [each for each in changes if each[0] > 0]
    found = [
        min(falls, key=lambda change: change[0], default=None),
        max(rises, key=lambda change: change[0], default=None),
    ]
    reps = [row.rep.id for _, row in filter(None, found)]
    shifts = week_shifts(session, viewer, reps, board.week, ZoneInfo(viewer.timezone), now) if reps else {}
    reasons = [_reasons(*each, shifts) if each else [] for each in found]
    pairs = [pair for chosen in reasons for pair in chosen]
    views = relationships_of_pairs(session, viewer, pairs, now)
    fallen, risen = (
        ScoreMove(each[1], each[0], [views[pair] for pair in chosen]) if each else None
        for each, chosen in zip(found, reasons, strict=True)
    )
    return fallen, risen


def _reasons(by: float, row: LeaderboardRow, shifts: Mapping[UUID, Mapping[Pair, Shift]]) -> list[Pair]:
    """Return the relationships that moved a rep's score most."""
    mine = shifts.get(row.rep.id, {}).values()
    return [each.key for each in shift_reasons(mine, by, row.standing.score.score - by)]


def _scores(session: Session, organisation_id: UUID, week: Week) -> dict[UUID, float]:
    """Return every rep's score of a week that is frozen."""
    asked = {"organisation": organisation_id, "monday": week.monday}
    rows = session.connection().execute(_SCORES, asked).all()
    return dict(rows)


def _clients(sums: Mapping[UUID, RepSums], rows: Sequence[LeaderboardRow], least: int) -> SideSums:
    return side_of_at_least((sums[row.rep.id].client for row in rows if row.rep.id in sums), least)


def _dimensions(side: SideSums, weight_now: float) -> list[TeamDimension]:
    return [
        TeamDimension(name, mean, votes / weight_now)
        for name, mean, votes in zip(DIMENSIONS, side_means(side), side.votes, strict=True)
    ]


def _team(
    name: str,
    by_team: Mapping[str, list[LeaderboardRow]],
    side: SideSums,
    sigma: float,
    weight_now: float,
    least: int,
) -> TeamStanding:
    mine = [row.standing for row in by_team[name]]
    others = [row.standing for other, rows in by_team.items() if other != name for row in rows]
    loyalty, theirs = team_loyalty(mine), team_loyalty(others)
    against = None if loyalty is None or theirs is None else loyalty - theirs
    voices, their_voices = _voices(mine), _voices(others)
    return TeamStanding(
        name=name,
        reps=len(mine),
        loyalty=loyalty,
        voices=voices,
        answered=share_of_at_least((row.activity.answered for row in mine), least),
        asked=share_of_at_least((row.activity.asked for row in mine), least),
        against=against,
        clear=against is not None and apart(against, 0.0, voices, their_voices, sigma, among=len(by_team)),
        dimensions=_dimensions(side, weight_now),
    )


def _voices(rows: Sequence[RepStanding]) -> float:
    return sum(row.score.voices for row in rows)


def _trend(
    session: Session, organisation_id: UUID, scope: RepScope, board: Leaderboard, least: int
) -> list[tuple[Week, float | None]]:
    """Return the loyalty of the clients of these teams' reps in each week that was frozen, and in the board's own; None
    where fewer than `least` of them were heard."""
    weeks = [board.week.plus(-back) for back in range(TREND_WEEKS - 1, 0, -1)]
    trend = _TREND if scope == ALL_REPS else _TREND.where(frozen_within(scope))
    asked = {"organisation": organisation_id, "first": weeks[0].monday, "last": weeks[-1].monday}
    rows = session.connection().execute(trend, asked)
    known: dict[date, float | None] = {
        row.monday: row.total / row.voices if row.voices and row.heard >= least else None for row in rows
    }
    now = board.loyalty if groups_of_rows(board.rows, least) else None
    return [*((week, known.get(week.monday)) for week in weeks), (board.week, now)]


def groups_for(
    session: Session, viewer: Viewer, week: Week, now: datetime
) -> tuple[Leaderboard | None, TeamSummary | None]:
    """Return a week's board, to be counted and not to be shown, and the summary of its teams alone: what managers see
    under a works agreement."""
    scope = board_scope(viewer)
    board = leaderboard(session, viewer.organisation_id, scope, week, now, lines=0)
    return board, team_summary(session, viewer, scope, board, now) if board and board.rows else None


# Built once: to build a small one takes as long as to execute it.
_SCORES = select(col(StandingRow.rep_id), col(StandingRow.score)).where(
    col(StandingRow.organisation_id) == bindparam("organisation"),
    col(StandingRow.monday) == bindparam("monday"),
)
_VOICES, _LOYALTY = col(StandingRow.voices), col(StandingRow.loyalty)
_TREND = (
    select(
        col(StandingRow.monday),
        func.sum(case((_LOYALTY.is_not(None), _VOICES), else_=0.0)).label("voices"),
        func.sum(_VOICES * _LOYALTY).label("total"),
        func.count(_LOYALTY).label("heard"),
    )
    .where(
        col(StandingRow.organisation_id) == bindparam("organisation"),
        col(StandingRow.monday).between(bindparam("first"), bindparam("last")),
    )
    .group_by(col(StandingRow.monday))
)
