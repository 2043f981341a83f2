"""Standings: the leaderboard of a week; under a works agreement the figures of teams alone."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from feedback.api.authentication import ApiRefused
from feedback.api.operations import operation
from feedback.api.shapes import Out, Query, rounded
from feedback.core.access import NotFound
from feedback.core.calendar.weeks import Week, parse_week, week_of
from feedback.core.gaps.doughnuts import Badge
from feedback.pages.leaderboard import Leaderboard, LeaderboardRow, board_for
from feedback.pages.team_summary import TeamStanding, groups_for
from feedback.store import people
from feedback.web.context import current_user, now, read_session, zone
from feedback.web.problems import problem


class StandingOut(Out):
    """A rep's place in a week."""

    rep_id: UUID
    rep: str
    team: str | None
    rank: int | None = Field(description="Null while it is too early, or where ranks are not told.")
    movement: int | None
    score: float = Field(description="0 to 100.")
    low: float = Field(description="Of the range that holds the score four times out of five.")
    high: float
    voices: float = Field(description="What the score rests on.")
    answered: float | None = Field(description="Percent of invitations.")
    asked: float | None = Field(description="Percent of meetings.")
    reads_the_room: float | None
    calibration: float | None
    doughnuts: float | None
    value: float | None
    badge: Badge | None
    too_close_to_call: bool


class TeamFigures(Out):
    """Figures of a team."""

    team: str
    reps: int
    loyalty: float | None
    voices: float
    answered: float | None
    asked: float | None


class Standings(Out):
    """A week."""

    week: str
    final: bool
    loyalty: float | None = Field(description="Of all of these, 0 to 100.")
    rows: list[StandingOut]
    teams: list[TeamFigures] = Field(description="Under a works agreement, in place of rows.")


class WeekQuery(Query):
    """Which week, and whose."""

    week: Annotated[str, Field(pattern="^[0-9]{4}-W[0-9]{2}$")] | None = Field(
        None, description="Like 2026-W47; the running one without."
    )
    team: UUID | None = None


@operation("GET", "/standings")
def show_standings(query: WeekQuery) -> Standings:
    """Show the standings of a week."""
    return standings(query.week, query.team)


def standings(week_name: str | None, team_id: UUID | None = None) -> Standings:
    """Return the standings that whoever asks may see. Raises Forbidden, NotFound, and ApiRefused for a week that is none."""
    who, session, week = current_user(), read_session(), _week(week_name)
    if team_id and team_id not in {known for known, _ in people.teams(session, who)}:
        raise NotFound("team")
    if not who.figures.by_person:
        board, summary = groups_for(session, who, week, now())
        teams = [_figures(team) for team in summary.teams] if summary else []
        return _answer(week, board, [], teams)
    board, _ = board_for(session, who, week, now(), team_id=team_id, lines=0)
    rows = [_row(row) for row in board.rows] if board else []
    return _answer(week, board, rows, [])


def _answer(
    week: Week, board: Leaderboard | None, rows: list[StandingOut], teams: list[TeamFigures]
) -> Standings:
    if board is None:
        raise NotFound("week")
    loyalty = rounded(board.loyalty) if rows and current_user().is_manager else None
    return Standings(week=str(week), final=board.frozen, loyalty=loyalty, rows=rows, teams=teams)


def _week(name: str | None) -> Week:
    current = week_of(now(), zone())
    try:
        week = parse_week(name) if name else current
    except ValueError:
        raise ApiRefused(
            problem(422, "That cannot be taken", errors={"week": "There is no such week."})
        ) from None
    if week > current:
        raise NotFound("week")
    return week


def _row(row: LeaderboardRow) -> StandingOut:
    s = row.standing
    return StandingOut(
        rep_id=row.rep.id, rep=row.rep.name, team=row.rep.team, rank=s.rank, movement=s.movement,
        score=rounded(s.score.score) or 0.0, low=rounded(s.score.low) or 0.0, high=rounded(s.score.high) or 0.0,
        voices=rounded(s.score.voices) or 0.0, answered=rounded(s.activity.answered.percent),
        asked=rounded(s.activity.asked.percent), reads_the_room=rounded(s.reads_the_room),
        calibration=rounded(s.calibration), doughnuts=rounded(s.doughnuts), value=rounded(s.value), badge=s.badge,
        too_close_to_call=s.close,
    )  # fmt: skip


def _figures(team: TeamStanding) -> TeamFigures:
    return TeamFigures(
        team=team.name, reps=team.reps, loyalty=rounded(team.loyalty), voices=rounded(team.voices) or 0.0,
        answered=rounded(team.answered.percent), asked=rounded(team.asked.percent),
    )  # fmt: skip
