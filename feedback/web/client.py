"""The client's page. No account, no cookie, no third party; its address is the capability."""

from typing import Any

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for

from feedback.actions import answers
from feedback.actions.answers import Closed, State
from feedback.core.dimensions import DIMENSIONS
from feedback.core.tokens import normalise
from feedback.store.invitations import InvitationView, by_token
from feedback.web.context import db, now, reading
from feedback.web.forms import AnswerForm
from feedback.web.htmx import go, page, wants_partial
from feedback.web.i18n import from_browser, language, speak
from feedback.web.limits import POSTS_PER_TOKEN, REQUESTS_PER_NETWORK, limiter, token_key

pages = Blueprint("client", __name__)
_often = limiter.limit(REQUESTS_PER_NETWORK)
_posts = limiter.limit(POSTS_PER_TOKEN, key_func=token_key, methods=["POST"])


@pages.after_request
def no_trace(response: Response) -> Response:
    """The address is the key to the answers: it goes to nobody, and into no search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@pages.get("/f/<token>")
@pages.get("/F/<token>", alias=True)
@_often
def answer(token: str) -> Response:
    """Six rows; once done, the extras. Looking changes nothing: previews and mail scanners look too."""
    invitation = invitation_for(token)
    if invitation.closed(now()):
        return closed(invitation)
    return show(invitation, AnswerForm(formdata=None, data=_said(invitation)))


@pages.post("/f/<token>")
@pages.post("/F/<token>", alias=True)
@_often
@_posts
def save(token: str) -> Response:
    invitation = invitation_for(token)
    form = AnswerForm()
    if not form.validate():
        return show(invitation, form, status=422)
    state = State(
        ratings=form.ratings(),
        extras=form.extras(request.form),
        sequence=form.sequence.data,
        done=form.done.data == "1",
        language=language(),
    )
    try:
        answers.save(db(), invitation.organisation_id, invitation.id, state, now())
    except Closed:
        return closed(invitation)
    if wants_partial() and not state.done:
        return make_response("", 204)
    return go(_next(invitation, state))


@pages.post("/f/<token>/opened")
@pages.post("/F/<token>/opened", alias=True)
@_often
@_posts
def opened(token: str) -> Response:
    """The page tells that somebody has it in front of them."""
    invitation = invitation_for(token)
    try:
        answers.opened(db(), invitation.organisation_id, invitation.id, now())
    except Closed:
        return closed(invitation)
    return make_response("", 204)


def invitation_for(token: str) -> InvitationView:
    """The only door to an invitation from outside; 404 for a token that nobody was given."""
    wanted = normalise(token)
    invitation = by_token(reading(), wanted) if wanted else None
    if invitation is None:
        speak(from_browser())
        abort(404)
    g.timezone = invitation.timezone
    speak(
        request.args.get("lang"),
        invitation.contact_language,
        from_browser(),
        invitation.organisation_language,
    )
    return invitation


def show(invitation: InvitationView, form: AnswerForm, status: int = 200) -> Response:
    thanks = request.args.get("step") == "thanks"
    rows = not invitation.client.done_at or "change" in request.args or form.errors
    step = "rows" if rows else "thanks" if thanks else "extras"
    return page("client/answer.html", status=status, invitation=invitation, form=form, step=step)


def closed(invitation: InvitationView) -> Response:
    return make_response(render_template("client/closed.html", invitation=invitation), 410)


def _next(invitation: InvitationView, state: State) -> str:
    """Done leads to the extras, the extras to thanks; a state saved without Done back to the page."""
    step = ("thanks" if "visibility" in state.extras else "extras") if state.done else None
    lang = request.args.get("lang")
    return url_for("client.answer", token=invitation.token, step=step, lang=lang)


def _said(invitation: InvitationView) -> dict[str, Any]:
    said = invitation.client
    ratings = dict(zip(DIMENSIONS, said.ratings, strict=True))
    return {"comment": said.comment, "visibility": said.visibility, **ratings}
