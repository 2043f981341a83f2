"""The leaderboard of a week, as a page and as a CSV file, and the weekly mail as a page."""

from functools import partial
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, render_template, request

from feedback.charts.trend import draw_trend
from feedback.context import app_context
from feedback.core.calendar.weeks import Week, parse_week, week_of
from feedback.pages import alerts as alert_store
from feedback.pages import leaderboard as leaderboard_page
from feedback.pages.first_steps import first_steps
from feedback.pages.leaderboard import Leaderboard
from feedback.pages.team_summary import TeamSummary, groups_for, team_summary
from feedback.pages.weekly_mail import mail_state, weekly_mail
from feedback.store import people
from feedback.store.people import RepScope
from feedback.web.context import current_user, login_required, manager_required, now, read_session, zone
from feedback.web.csv import groups_csv, leaderboard_csv
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
    if not current_user().figures.by_person:
        return _groups_page(week)
    everybody = "all" in request.args
    board, team, scope = _board(week, None if everybody else MANY)
    who = current_user()
    summary = _summary(board, scope)
    # The part that looks again asks for no more than it shows.
    again = board is not None and wants_partial()
    first = None if again else leaderboard_page.first_week(read_session(), who.organisation_id)
    return render(
        "leaderboard/leaderboard.html",
        "leaderboard/_board.html",
        status=404 if first and week < first else 200,
        board=board,
        summary=summary,
        start=first_steps(read_session(), who, now())
        if who.is_owner and who.starting and not again
        else None,
        trend=draw_trend([loyalty for _, loyalty in summary.trend]) if summary else None,
        first_week=first,
        week=week,
        current=week_of(now(), zone()),
        linked=_linked(board),
        team=team,
        everybody=everybody,
        MANY=MANY,
        teams=people.teams(read_session(), who) if who.is_manager else [],
        alerts=alert_store.count_open_alerts(read_session(), who) if who.is_manager else None,
        mail=mail_state(read_session(), who, now()) if who.is_manager else None,
        can_mail=app_context().settings.smtp_url is not None,
        now=now(),
    )


def _groups_page(week: Week) -> Response:
    """Show the figures of teams alone. What they are worked out of is shown to nobody."""
    who, session = current_user(), read_session()
    board, summary = _of_groups(week)
    first = leaderboard_page.first_week(session, who.organisation_id)
    return render(
        "leaderboard/groups.html",
        status=404 if week < first else 200,
        summary=summary,
        frozen=board.frozen if board else False,
        trend=draw_trend([loyalty for _, loyalty in summary.trend]) if summary else None,
        first_week=first,
        week=week,
        current=week_of(now(), zone()),
        alerts=alert_store.count_open_alerts(session, who),
        mail=mail_state(session, who, now()),
        can_mail=app_context().settings.smtp_url is not None,
        now=now(),
    )


def _of_groups(week: Week) -> tuple[Leaderboard | None, TeamSummary | None]:
    return groups_for(read_session(), current_user(), week, now())


@pages.get("/leaderboard.csv")
@pages.get("/leaderboard/<week_name>.csv")
@login_required
def csv(week_name: str | None = None) -> Response:
    week = _week(week_name)
    if current_user().is_rep:
        return _csv(week)
    return unless_unchanged(partial(_csv, week))


def _csv(week: Week) -> Response:
    if current_user().figures.by_person:
        board, _, _ = _board(week, 0)
        text = leaderboard_csv(board) if board else None
    else:
        board, summary = _of_groups(week)
        text = groups_csv(week, summary.teams if summary else []) if board else None
    if text is None:
        abort(404)
    response = make_response(text)
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


def _board(week: Week, lines: int | None) -> tuple[Leaderboard | None, UUID | None, RepScope]:
    """Return the standings that this user may see, so many rows with their 13 weeks; the team they are restricted
    to, if any; and whose they are."""
    team = _chosen_team()
    found, scope = leaderboard_page.board_for(
        read_session(), current_user(), week, now(), team_id=team, lines=lines
    )
    return found, team, scope


def _linked(board: Leaderboard | None) -> set[UUID]:
    """Return the reps whose page this user may open. In a week that is over there may be others, who left or moved."""
    who = current_user()
    if who.is_rep or board is None:
        return {who.id}
    shown = people.reps(read_session(), who) if board.frozen else (row.rep for row in board.rows)
    return {rep.id for rep in shown}


def _summary(board: Leaderboard | None, scope: RepScope) -> TeamSummary | None:
    """Return what stands around a manager's board. The part of it that looks again is without: it shall cost little."""
    who = current_user()
    if board is None or not board.rows or not who.is_manager or wants_partial():
        return None
    return team_summary(read_session(), who, scope, board, now())


def _chosen_team() -> UUID | None:
    wanted = request.args.get("team")
    if not wanted:
        return None
    known = {str(team_id): team_id for team_id, _ in people.teams(read_session(), current_user())}
    if wanted not in known:
        abort(404)
    return known[wanted]
