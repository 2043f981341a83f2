"""The manager's pages about single answers, and the decisions about doubtful ones."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from feedback.actions import decisions as decision_actions
from feedback.core.alerts.reasons import meeting_loyalty
from feedback.db.change import Invalid
from feedback.pages import explanation
from feedback.pages.answers import DoubtfulList, answer_for, decisions, may_decide
from feedback.store.doubts import Doubt
from feedback.store.invitation_view import InvitationView
from feedback.store.relationships import RelationshipView, relationship_between
from feedback.web.context import changing, current_user, manager_required, now, read_session
from feedback.web.forms import DecisionForm
from feedback.web.htmx import redirect_to, render
from feedback.web.paging import first_page, paginate_query
from feedback.web.unchanged import unless_unchanged

pages = Blueprint("answers", __name__)


@pages.get("/answers")
@manager_required
def index() -> Response:
    """Show the doubtful answers, and those already decided: the first of each, or with ?only= one kind page by page."""
    return unless_unchanged(_list)


def _list() -> Response:
    only = request.args.get("only")
    if only is not None and only not in set(Doubt):
        abort(404)
    lists = {which: DoubtfulList(read_session(), current_user(), which, now()) for which in Doubt}
    if only is None:
        sheets = {which: first_page(each.page, each.count()) for which, each in lists.items()}
    else:
        sheets = {Doubt(only): paginate_query(lists[Doubt(only)].page)}
    return render("answers/doubtful.html", sheets=sheets, only=only)


@pages.get("/answers/<uuid:invitation_id>")
@manager_required
def show(invitation_id: UUID) -> Response:
    """Show one answer: what was said, what was guessed, whether it counts, with which weight, and why."""
    return _answer_page(answer_for(read_session(), current_user(), invitation_id, now()), DecisionForm())


@pages.post("/answers/<uuid:invitation_id>")
@manager_required
def decide(invitation_id: UUID) -> Response:
    """Accept a doubtful answer, or set it aside; with a reason, which is stored."""
    invitation, form = answer_for(read_session(), current_user(), invitation_id, now()), DecisionForm()
    if not form.validate():
        return _answer_page(invitation, form, status=422)
    try:
        with changing() as c:
            decision_actions.decide_answer(
                c,
                invitation.id,
                current_user().id,
                accept=form.decision.data == "accept",
                reason=form.reason.data,
            )
    except Invalid:
        return _answer_page(invitation, form, status=422)
    return redirect_to(url_for("answers.show", invitation_id=invitation.id))


def _answer_page(invitation: InvitationView, form: DecisionForm, status: int = 200) -> Response:
    found = relationship_between(
        read_session(), current_user(), invitation.rep_id, invitation.contact_id, now()
    )
    by_person = current_user().figures.by_person
    working = _working(invitation, found) if by_person else {}
    return render(
        "answers/answer.html" if by_person else "answers/doubted.html",
        status=status,
        invitation=invitation,
        relationship=found,
        **working,
        signals=invitation.client.signals,
        decisions=decisions(read_session(), current_user().organisation_id, invitation.id),
        may_decide=may_decide(invitation.client),
        form=form,
    )


def _working(invitation: InvitationView, found: RelationshipView) -> dict[str, Any]:
    """Return how an answer counts in its relationship, for the page."""
    story = explanation.relationship_page(read_session(), current_user(), found, now())
    return {
        "story": story,
        "line": next((line for line in story.working.lines if invitation.id in line.keys), None),
        "alone": meeting_loyalty(invitation.client.ratings),
        "why_not": next((why for i, why in story.left_out if i.id == invitation.id), None),
    }
