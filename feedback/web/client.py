"""The client's pages: no account, no cookie, no third party. Whoever has the address has access.

An address with the token alone opens the empty page, until somebody has tapped. An address with the answer
key, which the first tap makes, reads and changes the answer.
"""

from flask import Blueprint, Response, abort, g, make_response, request, url_for
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import MethodNotAllowed

from feedback.actions import answer_keys, answers
from feedback.actions.answer_keys import AlreadySettled, AnswerErased, InvitationClosed
from feedback.actions.change import change
from feedback.core.access import HiddenBecause
from feedback.core.answer_key import Browser, new_key, normalise_key
from feedback.core.tokens import CODE_LENGTH, normalise_code, normalise_token
from feedback.store.invitation_view import InvitationView
from feedback.store.organisations import privacy_terms
from feedback.store.taken_back import taken_back_by_token
from feedback.web.client_pages import (
    answer_page,
    closed_page,
    elsewhere_page,
    empty_page,
    erased_page,
    extras_page,
    shows_thanks,
    stored_form_data,
)
from feedback.web.client_request import (
    client_address,
    fingerprint,
    invitation_for,
    key_or_404,
    powers_over,
    taken_back_page,
)
from feedback.web.client_saving import save_form
from feedback.web.context import db, now, read_session
from feedback.web.forms import AnswerForm
from feedback.web.htmx import redirect_to, render
from feedback.web.limits import limit_client
from feedback.wording.i18n import browser_language, use_language

pages = Blueprint("client", __name__)
POST_ONLY = ("opened", "again", "not-me")
pages.before_request(limit_client)


@pages.after_request
def add_privacy_headers(response: Response) -> Response:
    """Set headers that keep the address, which gives access to the answer, from other sites and search
    engines."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Whoever could open it in a window of theirs knows its address, which is all that it takes to read it. Set apart from
    # such windows, a page starts in a process of its own, which a phone makes once it has the answer (decision 0053).
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    # The back button may show the page from the cache, but not on a phone that goes back to a rep.
    in_reps_browser = g.get("whose", Browser.CLIENTS) is not Browser.CLIENTS
    response.headers["Cache-Control"] = "no-store" if in_reps_browser else "private, no-cache"
    return response


@pages.get("/f/<token>")
@pages.get("/F/<token>", alias=True)
def ask(token: str) -> Response:
    """Show six empty rows while nobody has tapped. Reading changes nothing: link previews and mail scanners
    read too."""
    invitation = invitation_for(token)
    if invitation.closed(now()):
        return closed_page(invitation)
    if invitation.looks_unbegun and "told" not in request.args:
        return empty_page(invitation)
    return elsewhere_page(invitation, 200)


@pages.post("/f/<token>")
@pages.post("/F/<token>", alias=True)
def begin(token: str) -> Response:
    """Save the first tap under a new answer key, or under the one that the phone made while it had no
    network."""
    return save_form(invitation_for(token), normalise_key(request.form.get("key", "")) or new_key(), None)


@pages.get("/f/<token>/<key>")
@pages.get("/F/<token>/<key>", alias=True)
def answer(token: str, key: str) -> Response:
    """Show the answer to whoever has its key: the six rows, after Done the extras, after them the thanks."""
    if key.casefold() in POST_ONLY:
        raise MethodNotAllowed(["POST"])
    wanted = normalise_key(key)
    if wanted is None:
        return redirect_to(url_for("client.ask", token=token, lang=request.args.get("lang")))
    invitation = invitation_for(token, wanted)
    may = powers_over(invitation)
    if invitation.closed(now()):
        return closed_page(invitation, wanted if may.own else None)
    if invitation.key is None and not invitation.begun and not invitation.key_ended:
        return empty_page(
            invitation, wanted
        )  # a key that the phone made, whose first tap is still on its way
    if invitation.access.hidden_because is HiddenBecause.ERASED and may.own:
        return erased_page(invitation)
    if shows_thanks(invitation):
        return render("client/answer.html", invitation=invitation, step="thanks", key=wanted, may=may)
    if may.own and (not may.read or _reopened(invitation)):
        return redirect_to(url_for("client.receipt", token=token, key=wanted, lang=request.args.get("lang")))
    if not may.add:
        return elsewhere_page(invitation, 410 if invitation.key_ended else 404)
    return extras_page(invitation, wanted) or answer_page(
        invitation, wanted, may, AnswerForm(formdata=None, data=stored_form_data(invitation))
    )


@pages.post("/f/<token>/<key>")
@pages.post("/F/<token>/<key>", alias=True)
def save(token: str, key: str) -> Response:
    """Save the whole state of the page under the key in the address."""
    wanted = key_or_404(key)
    return save_form(invitation_for(token, wanted), wanted, wanted)


@pages.post("/f/<token>/opened")
@pages.post("/F/<token>/opened", alias=True)
def opened(token: str) -> Response:
    """Record that the page was opened by a person; its script reports it."""
    invitation = invitation_for(token)
    try:
        with change(db(), invitation.organisation_id, now()) as c:
            answers.mark_opened(c, invitation.id, fingerprint(invitation))
    except InvitationClosed:
        return closed_page(invitation)
    return make_response("", 204)


@pages.post("/f/<token>/again")
@pages.post("/F/<token>/again", alias=True)
def again(token: str) -> Response:
    """Begin the answer again on this phone; the other phone is told when it is used next. Not in a room, where anybody
    can pick any name."""
    invitation = invitation_for(token)
    if invitation.in_a_room:
        return elsewhere_page(invitation, 409)
    try:
        with change(db(), invitation.organisation_id, now()) as c:
            answer_keys.begin_again(c, invitation.id, fingerprint(invitation))
    except InvitationClosed:
        return closed_page(invitation)
    except (AlreadySettled, AnswerErased):
        return elsewhere_page(invitation_for(token), 409)
    return redirect_to(client_address("client.ask", invitation.token))


@pages.post("/f/<token>/not-me")
@pages.post("/F/<token>/not-me", alias=True)
def not_me(token: str) -> Response:
    """Dispute the answer with the token alone. The rep has the token, too, so the answer counts on until a
    manager, who gets an alert, decides."""
    invitation = invitation_for(token)
    if not invitation.begun:
        told = 1 if invitation.in_a_room else None  # said of everybody alike
        return redirect_to(client_address("client.ask", invitation.token, told=told))
    with change(db(), invitation.organisation_id, now()) as c:
        answers.dispute_answer(c, invitation.id, with_key=False)
    return redirect_to(client_address("client.ask", invitation.token, told=1))


@pages.get("/f/<token>/<key>/receipt")
@pages.get("/F/<token>/<key>/receipt", alias=True)
def receipt(token: str, key: str) -> Response:
    """Show the client what was said, with the buttons to change, erase and dispute it."""
    invitation = own_invitation(token, key)
    if invitation.access.hidden_because is HiddenBecause.ERASED:
        return erased_page(invitation)
    may = powers_over(invitation)
    is_open = not invitation.closed(now())
    return render("client/receipt.html", invitation=invitation, open=is_open, key=key_or_404(key), may=may)


@pages.post("/f/<token>/<key>/erase")
@pages.post("/F/<token>/<key>/erase", alias=True)
def erase(token: str, key: str) -> Response:
    """Erase the answer."""
    invitation = own_invitation(token, key)
    with change(db(), invitation.organisation_id, now()) as c:
        answers.erase_answer(c, invitation.id, key_or_404(key))
    db().forget_erased()
    return redirect_to(client_address("client.receipt", invitation.token, key_or_404(key)))


@pages.post("/f/<token>/<key>/not-me")
@pages.post("/F/<token>/<key>/not-me", alias=True)
def not_me_for_sure(token: str, key: str) -> Response:
    """Dispute the answer with its key: it stops counting until a manager has decided."""
    invitation = own_invitation(token, key)
    with change(db(), invitation.organisation_id, now()) as c:
        answers.dispute_answer(c, invitation.id, with_key=True)
    return redirect_to(client_address("client.receipt", invitation.token, key_or_404(key)))


@pages.get("/privacy")
def privacy() -> Response:
    """Show what is stored, who sees it, and for how long: as the organisation whose public code ?of= is has set it."""
    use_language(request.args.get("lang"), browser_language())
    code = normalise_code(request.args.get("of", ""), CODE_LENGTH)
    return render("client/privacy.html", terms=privacy_terms(read_session(), code) if code else None)


@pages.errorhandler(IntegrityError)
@pages.errorhandler(NoResultFound)
@pages.errorhandler(StaleDataError)
def taken_back_meanwhile(error: Exception) -> Response:
    """Say that the code was taken back in the very moment of a tap; any other such error is one of ours."""
    wanted = normalise_token((request.view_args or {}).get("token", ""))
    with db().connection() as connection:
        gone = taken_back_by_token(connection, wanted) if wanted else None
    if gone is None:
        raise error
    return taken_back_page(gone)


def own_invitation(token: str, key: str) -> InvitationView:
    """Return the invitation for a key that may erase and dispute its answer; else abort with the page that says why
    not."""
    invitation = invitation_for(token, key_or_404(key))
    if not powers_over(invitation).own:
        abort(elsewhere_page(invitation, 410 if invitation.key_ended else 404))
    return invitation


def _reopened(invitation: InvitationView) -> bool:
    """Tell whether the address of an answer that was done is opened again, and not by a step of our pages."""
    return invitation.client.done_at is not None and not {"step", "change"} & set(request.args)
