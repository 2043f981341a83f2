"""Monday's page, and the alert on Thursday."""

from uuid import UUID

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from feedback.actions import decisions as decision_actions
from feedback.actions.change import Invalid
from feedback.core.access import Role
from feedback.core.alerts import meeting_loyalty
from feedback.core.weeks import Week, parse_week, week_of
from feedback.store import alerts as alert_store
from feedback.store import explain, people, standings
from feedback.store.answers import answer_for, decisions, may_decide, under_doubt
from feedback.store.brief import brief
from feedback.store.coaching import practices_of
from feedback.store.invitations import InvitationView
from feedback.store.relationships import relationship_between, relationship_for
from feedback.store.rep_page import rep_page, weakest_of
from feedback.store.standings import Board
from feedback.store.weekly import mail_state, weekly
from feedback.web.context import db, ground, me, now, reading, signed_in, today, zone
from feedback.web.csv import leaderboard_csv
from feedback.web.forms import DecisionForm
from feedback.web.htmx import go, page, unless_known, wants_partial

pages = Blueprint("manager", __name__)
MANY = 100  # rows of a leaderboard before one asks for all of them


@pages.get("/leaderboard")
@pages.get("/leaderboard/<week_name>")
@signed_in()
def leaderboard(week_name: str | None = None) -> Response:
    week = _week(week_name)
    board, team = _board(week)
    who = me()
    response = page(
        "manager/leaderboard.html",
        "manager/_board.html",
        board=board,
        week=week,
        current=week_of(now(), zone()),
        team=team,
        everybody="all" in request.args,
        MANY=MANY,
        teams=people.teams(reading(), who) if who.is_manager else [],
        alerts=alert_store.waiting(reading(), who) if who.is_manager else None,
        mail=mail_state(reading(), who, now()) if who.is_manager else None,
        can_mail=ground().settings.smtp_url is not None,
        now=now(),
    )
    return unless_known(response) if wants_partial() else response


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


@pages.get("/digest")
@signed_in(Role.MANAGER, Role.OWNER)
def digest() -> Response:
    """What the weekly mail about last week says, for whoever has no mail or wants it now."""
    who = me()
    found = weekly(reading(), who, week_of(now(), zone()).plus(-1), now())
    text = render_template("mail/weekly.txt", weekly=found, who=who, base_url=None) if found else None
    return page("manager/digest.html", text=text, mail=mail_state(reading(), who, now()))


@pages.get("/reps/<uuid:rep_id>")
@signed_in()
def rep(rep_id: UUID) -> Response:
    """How a rep's score came about. A rep may open their own, and sees totals only."""
    who = me()
    found = people.rep_for(reading(), who, rep_id)
    if who.is_rep:
        working = explain.own_score_working(reading(), who, now())
        return page("rep/score.html", working=working, picture=explain.own_picture(reading(), who, now()))
    return page(
        "manager/rep.html",
        rep=found,
        story=explain.score_story(reading(), who, rep_id, now()),
        about=rep_page(reading(), who, found, week_of(now(), zone()), now()),
    )


@pages.get("/coaching")
@signed_in(Role.MANAGER, Role.OWNER)
def coaching() -> Response:
    """What each rep works on, since when, and whether it moved anything."""
    who = me()
    reps = people.reps(reading(), who)
    found = practices_of(reading(), who.organisation_id, [rep.id for rep in reps], now())
    by_rep = [(rep, [each for each in found if each.rep_id == rep.id]) for rep in reps]
    return page("manager/coaching.html", by_rep=by_rep, weakest=weakest_of(reading(), who, reps, now()))


@pages.get("/relationships/<uuid:relationship_id>")
@signed_in()
def relationship(relationship_id: UUID) -> Response:
    found = relationship_for(reading(), me(), relationship_id, now())
    story = explain.relationship_story(reading(), me(), found, now())
    known = brief(reading(), me(), found, now())
    return page(
        "manager/relationship.html", relationship=found, story=story, brief=known, now=now(), today=today()
    )


@pages.get("/answers")
@signed_in(Role.MANAGER, Role.OWNER)
def doubtful() -> Response:
    """Answers under doubt, and what became of those that were."""
    return page("manager/doubtful.html", doubt=under_doubt(reading(), me(), now()))


@pages.get("/answers/<uuid:invitation_id>")
@signed_in(Role.MANAGER, Role.OWNER)
def answer(invitation_id: UUID) -> Response:
    """One answer: what was said, what was guessed, what it counts and why."""
    return _answer_page(answer_for(reading(), me(), invitation_id, now()), DecisionForm())


@pages.post("/answers/<uuid:invitation_id>")
@signed_in(Role.MANAGER, Role.OWNER)
def decide(invitation_id: UUID) -> Response:
    """Accept an answer under doubt, or set it aside; with a reason, which is kept."""
    invitation, form = answer_for(reading(), me(), invitation_id, now()), DecisionForm()
    if not form.validate():
        return _answer_page(invitation, form, status=422)
    try:
        decision_actions.decide(
            db(),
            me().organisation_id,
            invitation.id,
            me().id,
            accept=form.decision.data == "accept",
            reason=form.reason.data,
            now=now(),
        )
    except Invalid:
        return _answer_page(invitation, form, status=422)
    return go(url_for("manager.answer", invitation_id=invitation.id))


def _answer_page(invitation: InvitationView, form: DecisionForm, status: int = 200) -> Response:
    found = relationship_between(reading(), me(), invitation.rep_id, invitation.contact_id, now())
    story = explain.relationship_story(reading(), me(), found, now())
    return page(
        "manager/answer.html",
        status=status,
        invitation=invitation,
        relationship=found,
        story=story,
        line=next((line for line in story.working.lines if invitation.id in line.keys), None),
        alone=meeting_loyalty(invitation.client.ratings),
        why_not=next((why for i, why in story.left_out if i.id == invitation.id), None),
        signals=invitation.client.noticed,
        decisions=decisions(reading(), me().organisation_id, invitation.id),
        may_decide=may_decide(invitation.client),
        form=form,
    )


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
