"""Monday's page, and the alert on Thursday."""

from uuid import UUID

from flask import Blueprint, Response, abort, make_response, request

from feedback.core.access import Role
from feedback.core.weeks import Week, parse_week, week_of
from feedback.store import alerts as alert_store
from feedback.store import people, standings
from feedback.store.standings import Board
from feedback.web.context import me, now, reading, signed_in, zone
from feedback.web.csv import leaderboard_csv
from feedback.web.htmx import page

pages = Blueprint("manager", __name__)


@pages.get("/leaderboard")
@pages.get("/leaderboard/<week_name>")
@signed_in()
def leaderboard(week_name: str | None = None) -> Response:
    week = _week(week_name)
    board, team = _board(week)
    who = me()
    return page(
        "manager/leaderboard.html",
        "manager/_board.html",
        board=board,
        week=week,
        current=week_of(now(), zone()),
        team=team,
        teams=people.teams(reading(), who) if who.is_manager else [],
        alerts=alert_store.waiting(reading(), who) if who.is_manager else None,
        now=now(),
    )


@pages.get("/leaderboard.csv")
@pages.get("/leaderboard/<week_name>.csv")
@signed_in()
def leaderboard_file(week_name: str | None = None) -> Response:
    week = _week(week_name)
    board, _ = _board(week)
    if board is None:
        abort(404)
    response = make_response(leaderboard_csv(board))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="leaderboard-{week}.csv"'
    return response


@pages.get("/alerts")
@signed_in(Role.MANAGER, Role.OWNER)
def alerts() -> Response:
    return page("manager/alerts.html", alerts=alert_store.open_alerts(reading(), me()), now=now())


def _week(name: str | None) -> Week:
    """The running week, or the one named; 404 for no week, and for one that has not begun."""
    current = week_of(now(), zone())
    try:
        week = parse_week(name) if name else current
    except ValueError:
        abort(404)
    if week > current:
        abort(404)
    return week


def _board(week: Week) -> tuple[Board | None, UUID | None]:
    """The standings this person may see, of one team when asked for."""
    who = me()
    reps = people.board_reps(reading(), who)
    team = _team()
    if team:
        reps = [rep for rep in reps if rep.team_id == team]
    found = standings.board(reading(), who.organisation_id, reps, week, now(), for_reps=who.is_rep)
    return found, team


def _team() -> UUID | None:
    wanted = request.args.get("team")
    if not wanted:
        return None
    known = {str(team_id): team_id for team_id, _ in people.teams(reading(), me())}
    if wanted not in known:
        abort(404)
    return known[wanted]
