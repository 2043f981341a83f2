"""The manager's pages about single answers, and the decisions about doubtful ones."""

from uuid import UUID

from flask import Blueprint, Response, url_for

from feedback.actions import decisions as decision_actions
from feedback.core.alerts.reasons import meeting_loyalty
from feedback.db.change import Invalid
from feedback.pages import explanation
from feedback.pages.answers import answer_for, decisions, doubtful_answers, may_decide
from feedback.store.invitations import InvitationView
from feedback.store.relationships import relationship_between
from feedback.web.context import changing, current_user, manager_required, now, read_session
from feedback.web.forms import DecisionForm
from feedback.web.htmx import redirect_to, render

pages = Blueprint("answers", __name__)


@pages.get("/answers")
@manager_required
def index() -> Response:
    """Show the doubtful answers, and those already decided."""
    return render("answers/doubtful.html", doubt=doubtful_answers(read_session(), current_user(), now()))


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
    story = explanation.relationship_page(read_session(), current_user(), found, now())
    return render(
        "answers/answer.html",
        status=status,
        invitation=invitation,
        relationship=found,
        story=story,
        line=next((line for line in story.working.lines if invitation.id in line.keys), None),
        alone=meeting_loyalty(invitation.client.ratings),
        why_not=next((why for i, why in story.left_out if i.id == invitation.id), None),
        signals=invitation.client.signals,
        decisions=decisions(read_session(), current_user().organisation_id, invitation.id),
        may_decide=may_decide(invitation.client),
        form=form,
    )
