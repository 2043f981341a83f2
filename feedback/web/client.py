"""The client's page. No account, no cookie, no third party; its address is the capability."""

from typing import Any

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for

from feedback.actions import answers
from feedback.actions.answers import Closed, Erased, State
from feedback.core.dimensions import DIMENSIONS
from feedback.core.extras import Extra
from feedback.core.tokens import normalise
from feedback.store.clients_page import promises_due
from feedback.store.invitations import InvitationView, by_token
from feedback.web.context import base_url, db, ground, now, reading
from feedback.web.forms import AnswerForm
from feedback.web.htmx import go, page, wants_partial
from feedback.web.i18n import from_browser, language, speak
from feedback.web.limits import POSTS_PER_TOKEN, REQUESTS_PER_NETWORK, limiter, token_key
from feedback.web.visit import visit_of

pages = Blueprint("client", __name__)
# Counted over all these addresses together.
_often = limiter.shared_limit(REQUESTS_PER_NETWORK, scope="client")
_posts = limiter.shared_limit(POSTS_PER_TOKEN, scope="answer", key_func=token_key, methods=["POST"])


@pages.after_request
def no_trace(response: Response) -> Response:
    """The address is the key to the answers: it goes to nobody, and into no search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Not no-store: the phone's back button may bring the page back as it was.
    response.headers["Cache-Control"] = "private, no-cache"
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
    reasons = form.refused(request.form)
    if reasons:
        return show(invitation, form, reasons, status=422)
    state = State(
        ratings=form.ratings(),
        extras=form.extras(request.form),
        verdicts=form.verdicts(request.form),
        sequence=form.sequence.data,
        done=form.done.data == "1",
        language=language(),
    )
    here = base_url() if ground().settings.smtp_url else None
    visit = visit_of(invitation.organisation_id, invitation.token)
    try:
        answers.save(db(), invitation.organisation_id, invitation.id, state, now(), visit, here)
    except Closed:
        return closed(invitation)
    except Erased:
        return erased(invitation)
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


@pages.get("/f/<token>/receipt")
@pages.get("/F/<token>/receipt", alias=True)
@_often
def receipt(token: str) -> Response:
    """What I said; change it, erase it, it wasn't me."""
    invitation = invitation_for(token)
    if invitation.client.erased_at:
        return erased(invitation)
    return page("client/receipt.html", invitation=invitation, open=not invitation.closed(now()))


@pages.post("/f/<token>/erase")
@pages.post("/F/<token>/erase", alias=True)
@_often
@_posts
def erase(token: str) -> Response:
    invitation = invitation_for(token)
    answers.erase(db(), invitation.organisation_id, invitation.id, now())
    return go(_address("client.receipt", invitation))


@pages.post("/f/<token>/not-me")
@pages.post("/F/<token>/not-me", alias=True)
@_often
@_posts
def not_me(token: str) -> Response:
    invitation = invitation_for(token)
    answers.dispute(db(), invitation.organisation_id, invitation.id, now())
    return go(_address("client.receipt", invitation))


@pages.get("/privacy")
def privacy() -> Response:
    """What is kept, who sees it, for how long."""
    speak(request.args.get("lang"), from_browser())
    return page("client/privacy.html")


def invitation_for(token: str) -> InvitationView:
    """The only door to an invitation from outside; 404 for a token that nobody was given."""
    wanted = normalise(token)
    invitation = by_token(reading(), wanted) if wanted else None
    if invitation is None:
        abort(404)
    g.timezone = invitation.timezone
    speak(
        request.form.get("speak") or request.args.get("lang"),
        invitation.contact_language,
        from_browser(),
        invitation.organisation_language,
    )
    return invitation


def show(
    invitation: InvitationView, form: AnswerForm, reasons: dict[str, str] | None = None, status: int = 200
) -> Response:
    """The six rows, the extras after Done, or thanks."""
    if invitation.client.erased_at:
        return erased(invitation)
    rows = not invitation.client.done_at or "change" in request.args or set(reasons or ()) & set(DIMENSIONS)
    step = "rows" if rows else "thanks" if request.args.get("step") == "thanks" else "extras"
    promises = (
        promises_due(reading(), invitation.organisation_id, invitation.id)
        if step == "extras" and invitation.client.extra == Extra.PROMISES
        else []
    )
    return page(
        "client/answer.html",
        status=status,
        invitation=invitation,
        form=form,
        reasons=reasons or {},
        step=step,
        promises=promises,
    )


def closed(invitation: InvitationView) -> Response:
    return make_response(render_template("client/closed.html", invitation=invitation), 410)


def erased(invitation: InvitationView) -> Response:
    return make_response(render_template("client/erased.html", invitation=invitation), 410)


def _next(invitation: InvitationView, state: State) -> str:
    """Done leads to the extras, the extras to thanks; a state saved without Done back to the page."""
    step = ("thanks" if "visibility" in state.extras else "extras") if state.done else None
    return _address("client.answer", invitation, step=step)


def _address(endpoint: str, invitation: InvitationView, step: str | None = None) -> str:
    """An address of this invitation that keeps the language somebody chose."""
    lang = request.form.get("speak") or request.args.get("lang")
    return url_for(endpoint, token=invitation.token, lang=lang, step=step)


def _said(invitation: InvitationView) -> dict[str, Any]:
    said = invitation.client
    ratings = dict(zip(DIMENSIONS, said.ratings, strict=True))
    extras = {name: getattr(said, name) for name in ("comment", "visibility", "nps", "worth_it", "stage")}
    return {**ratings, **extras}
