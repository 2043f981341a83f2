"""The leaderboard of a week, as a page and as a CSV file, and the weekly mail as a page."""

from functools import partial
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, render_template, request

from feedback.context import app_context
from feedback.core.calendar.weeks import Week, parse_week, week_of
from feedback.pages import alerts as alert_store
from feedback.pages import leaderboard as leaderboard_page
from feedback.pages.leaderboard import Leaderboard
from feedback.pages.weekly_mail import mail_state, weekly_mail
from feedback.store import people
from feedback.web.context import current_user, login_required, manager_required, now, read_session, zone
from feedback.web.csv import leaderboard_csv
from feedback.web.htmx import conditional, render, wants_partial
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("leaderboard", __name__)
MANY = 100  # rows of a leaderboard that are shown unless all are asked for


@pages.get("/leaderboard")
@pages.get("/leaderboard/<week_name>")
@login_required
def show(week_name: str | None = None) -> Response:
    week = _week(week_name)
    if not wants_partial():
        return _page(week)
    if current_user().is_rep:
        return conditional(_page(week))
    return unless_unchanged(partial(_page, week))


def _page(week: Week) -> Response:
    everybody = "all" in request.args
    board, team = _board(week, None if everybody else MANY)
    who = current_user()
    return render(
        "leaderboard/leaderboard.html",
        "leaderboard/_board.html",
        board=board,
        week=week,
        current=week_of(now(), zone()),
        team=team,
        everybody=everybody,
        MANY=MANY,
        teams=people.teams(read_session(), who) if who.is_manager else [],
        alerts=alert_store.count_open_alerts(read_session(), who) if who.is_manager else None,
        mail=mail_state(read_session(), who, now()) if who.is_manager else None,
        can_mail=app_context().settings.smtp_url is not None,
        now=now(),
    )


@pages.get("/leaderboard.csv")
@pages.get("/leaderboard/<week_name>.csv")
@login_required
def csv(week_name: str | None = None) -> Response:
    week = _week(week_name)
    if current_user().is_rep:
        return _csv(week)
    return unless_unchanged(partial(_csv, week))


def _csv(week: Week) -> Response:
    board, _ = _board(week, 0)
    if board is None:
        abort(404)
    response = make_response(leaderboard_csv(board))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="leaderboard-{week}.csv"'
    return response


@pages.get("/digest")
@manager_required
def digest() -> Response:
    """Show the text of the weekly mail about last week, for managers without mail or who want it now."""
    who = current_user()
    found = weekly_mail(read_session(), who, week_of(now(), zone()).plus(-1), now())
    text = render_template("mail/weekly.txt", weekly=found, who=who, base_url=None) if found else None
    return render("leaderboard/digest.html", text=text, mail=mail_state(read_session(), who, now()))


def _week(name: str | None) -> Week:
    """Return the named week, or the current one without a name; 404 for a malformed name and a week not
    begun."""
    current = week_of(now(), zone())
    try:
        week = parse_week(name) if name else current
    except ValueError:
        abort(404)
    if week > current:
        abort(404)
    return week


def _board(week: Week, lines: int | None) -> tuple[Leaderboard | None, UUID | None]:
    """Return the standings that this user may see, so many rows with their 13 weeks, and the team they are restricted
    to, if any."""
    who = current_user()
    reps = people.board_reps(read_session(), who)
    team = _chosen_team()
    if team:
        reps = [rep for rep in reps if rep.team_id == team]
    found = leaderboard_page.leaderboard(
        read_session(), who.organisation_id, reps, week, now(), for_reps=who.is_rep, lines=lines
    )
    return found, team


def _chosen_team() -> UUID | None:
    wanted = request.args.get("team")
    if not wanted:
        return None
    known = {str(team_id): team_id for team_id, _ in people.teams(read_session(), current_user())}
    if wanted not in known:
        abort(404)
    return known[wanted]
