"""The client's pages: no account, no cookie, no third party. Whoever has the address has access.

An address with the token alone opens the empty page, until somebody has tapped. An address with the answer
key, which the first tap makes, reads and changes the answer.
"""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import MethodNotAllowed

from feedback.actions import answer_keys, answers
from feedback.actions.answer_keys import (
    AlreadySettled,
    AnsweredElsewhere,
    AnswerErased,
    InvitationClosed,
    Sender,
)
from feedback.actions.answers import Submission
from feedback.actions.change import change, tap
from feedback.actions.trust import Fingerprint
from feedback.context import app_context
from feedback.core.access import HiddenBecause
from feedback.core.answer_key import SHORT_LIVED, Browser, Powers, hash_key, new_key, normalise_key, powers
from feedback.core.dimensions import DIMENSIONS
from feedback.core.extras import Extra
from feedback.core.settling import AnswerState
from feedback.core.tokens import normalise_token
from feedback.db.change import Invalid
from feedback.pages.client import promises_due
from feedback.store.invitations import InvitationView, SideAnswers, invitation_by_token
from feedback.store.taken_back import TakenBackView, taken_back_by_token
from feedback.web.context import db, now, read_session
from feedback.web.fingerprint import browser_of, fingerprint_of
from feedback.web.forms import NOTHING_RATED, AnswerForm
from feedback.web.htmx import redirect_to, render, wants_partial
from feedback.web.limits import limit_client
from feedback.web.prepared import PreparedPages, mark
from feedback.wording.filters import day
from feedback.wording.i18n import browser_language, language, use_language

pages = Blueprint("client", __name__)
POST_ONLY = ("opened", "again", "not-me")
_prepared = PreparedPages()
# What differs between two empty pages in one language.
_DIFFERS = ("token", "key", "account", "met_on", "rep", "rep_first", "contact_first")
pages.before_request(limit_client)


@pages.after_request
def add_privacy_headers(response: Response) -> Response:
    """Set headers that keep the address, which gives access to the answer, from other sites and search
    engines."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
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
    return elsewhere_page(invitation, 200) if invitation.begun else empty_page(invitation)


@pages.post("/f/<token>")
@pages.post("/F/<token>", alias=True)
def begin(token: str) -> Response:
    """Save the first tap under a new answer key, or under the one that the phone made while it had no
    network."""
    return _save_form(invitation_for(token), normalise_key(request.form.get("key", "")) or new_key(), None)


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
    if _shows_thanks(invitation):
        return render("client/answer.html", invitation=invitation, step="thanks", key=wanted, may=may)
    if may.own and not may.read:
        return redirect_to(url_for("client.receipt", token=token, key=wanted, lang=request.args.get("lang")))
    if not may.add:
        return elsewhere_page(invitation, 410 if invitation.key_ended else 404)
    return answer_page(invitation, wanted, may, AnswerForm(formdata=None, data=_stored_form_data(invitation)))


@pages.post("/f/<token>/<key>")
@pages.post("/F/<token>/<key>", alias=True)
def save(token: str, key: str) -> Response:
    """Save the whole state of the page under the key in the address."""
    wanted = _key_or_404(key)
    return _save_form(invitation_for(token, wanted), wanted, wanted)


@pages.post("/f/<token>/opened")
@pages.post("/F/<token>/opened", alias=True)
def opened(token: str) -> Response:
    """Record that the page was opened by a person; its script reports it."""
    invitation = invitation_for(token)
    try:
        with change(db(), invitation.organisation_id, now()) as c:
            answers.mark_opened(c, invitation.id, _fingerprint(invitation))
    except InvitationClosed:
        return closed_page(invitation)
    return make_response("", 204)


@pages.post("/f/<token>/again")
@pages.post("/F/<token>/again", alias=True)
def again(token: str) -> Response:
    """Begin the answer again on this phone; the other phone is told when it is used next."""
    invitation = invitation_for(token)
    try:
        with change(db(), invitation.organisation_id, now()) as c:
            answer_keys.begin_again(c, invitation.id, _fingerprint(invitation))
    except InvitationClosed:
        return closed_page(invitation)
    except (AlreadySettled, AnswerErased):
        return elsewhere_page(invitation_for(token), 409)
    return redirect_to(_address("client.ask", invitation))


@pages.post("/f/<token>/not-me")
@pages.post("/F/<token>/not-me", alias=True)
def not_me(token: str) -> Response:
    """Dispute the answer with the token alone. The rep has the token, too, so the answer counts on until a
    manager, who gets an alert, decides."""
    invitation = invitation_for(token)
    if not invitation.begun:
        return redirect_to(_address("client.ask", invitation))
    with change(db(), invitation.organisation_id, now()) as c:
        answers.dispute_answer(c, invitation.id, with_key=False)
    return redirect_to(_address("client.ask", invitation, told=1))


@pages.get("/f/<token>/<key>/receipt")
@pages.get("/F/<token>/<key>/receipt", alias=True)
def receipt(token: str, key: str) -> Response:
    """Show the client what was said, with the buttons to change, erase and dispute it."""
    invitation = _own_invitation(token, key)
    if invitation.access.hidden_because is HiddenBecause.ERASED:
        return erased_page(invitation)
    may = powers_over(invitation)
    is_open = not invitation.closed(now())
    return render("client/receipt.html", invitation=invitation, open=is_open, key=_key_or_404(key), may=may)


@pages.post("/f/<token>/<key>/erase")
@pages.post("/F/<token>/<key>/erase", alias=True)
def erase(token: str, key: str) -> Response:
    """Erase the answer."""
    invitation = _own_invitation(token, key)
    with change(db(), invitation.organisation_id, now()) as c:
        answers.erase_answer(c, invitation.id, _key_or_404(key))
    db().forget_erased()
    return redirect_to(_address("client.receipt", invitation, _key_or_404(key)))


@pages.post("/f/<token>/<key>/not-me")
@pages.post("/F/<token>/<key>/not-me", alias=True)
def not_me_for_sure(token: str, key: str) -> Response:
    """Dispute the answer with its key: it stops counting until a manager has decided."""
    invitation = _own_invitation(token, key)
    with change(db(), invitation.organisation_id, now()) as c:
        answers.dispute_answer(c, invitation.id, with_key=True)
    return redirect_to(_address("client.receipt", invitation, _key_or_404(key)))


@pages.get("/privacy")
def privacy() -> Response:
    """Show what is stored, who sees it, and for how long."""
    use_language(request.args.get("lang"), browser_language())
    return render("client/privacy.html")


def invitation_for(token: str, key: str | None = None) -> InvitationView:
    """Load an invitation by the token and key of the address, and set the request's language and time zone;
    404 for an unknown token. Every client page gets its invitation here."""
    wanted = normalise_token(token)
    if wanted is None:
        abort(404)
    with db().connection() as connection:
        invitation = invitation_by_token(connection, wanted, hash_key(key) if key else None, now())
        gone = None if invitation else taken_back_by_token(connection, wanted)
    if gone:
        abort(taken_back_page(gone))
    if invitation is None:
        abort(404)
    g.timezone = invitation.timezone
    use_language(
        request.form.get("speak") or request.args.get("lang"),
        invitation.contact_language,
        browser_language(),
        invitation.organisation_language,
    )
    return invitation


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


def taken_back_page(gone: TakenBackView) -> Response:
    """Show that the rep has taken this code back (410)."""
    use_language(
        request.form.get("speak") or request.args.get("lang"),
        gone.contact_language,
        browser_language(),
        gone.organisation_language,
    )
    return make_response(render_template("client/taken_back.html", gone=gone), 410)


def powers_over(invitation: InvitationView) -> Powers:
    """Return what the key that came with the request permits (core.answer_key decides)."""
    return powers(
        None if invitation.key_ended else invitation.key,
        browser=_browser(invitation),
        state=invitation.progress.state,
        last_change_at=invitation.client.updated_at,
        extras_sent=invitation.client.extras_at is not None,
        now=now(),
        before_the_guess=invitation.to_a_typed_address and not invitation.closed(now()),
    )


def empty_page(invitation: InvitationView, key: str | None = None) -> Response:
    """Show the six rows without ratings. They are prepared, for this is the page that a client waits for at a
    door."""
    lang = request.args.get("lang")
    if lang not in (None, language()) or _browser(invitation) is not Browser.CLIENTS:
        return answer_page(invitation, key, Powers(tap=True), _empty_form())
    values = {
        "token": invitation.token, "key": key or "", "account": invitation.account, "met_on": day(invitation.held_at),
        "rep": invitation.rep, "rep_first": invitation.rep_first, "contact_first": invitation.contact_first,
    }  # fmt: skip
    return _prepared.response(
        (language(), lang, key and "keyed"), lambda: _empty_page_with_marks(key), values
    )


def _empty_page_with_marks(key: str | None) -> str:
    marks = {name: mark(name) for name in _DIFFERS}
    return render_template(
        "client/answer.html",
        invitation=SimpleNamespace(**marks, client=SideAnswers()),
        key=key and marks["key"],
        met_on=marks["met_on"],
        may=Powers(tap=True),
        form=_empty_form(),
        reasons={},
        step="rows",
    )


def _empty_form() -> AnswerForm:
    return AnswerForm(formdata=None, data={"visibility": "rep"})


def answer_page(
    invitation: InvitationView,
    key: str | None,
    may: Powers,
    form: AnswerForm,
    reasons: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Show the six rows, or after Done the extras or the thanks."""
    if not may.tap:
        step = "extras"
    elif (
        not invitation.client.done_at
        or "change" in request.args
        or set(reasons or ()) & {*DIMENSIONS, "done"}
    ):
        step = "rows"
    else:
        step = "thanks" if request.args.get("step") == "thanks" else "extras"
    promises = (
        promises_due(read_session(), invitation.organisation_id, invitation.id, now())
        if step == "extras" and invitation.client.extra == Extra.PROMISES
        else []
    )
    return render(
        "client/answer.html",
        status=status,
        invitation=invitation,
        key=key,
        may=may,
        lent=_browser(invitation) is not Browser.CLIENTS,
        met_on=day(invitation.held_at),
        form=form,
        reasons=reasons or {},
        step=step,
        promises=promises,
    )


def elsewhere_page(invitation: InvitationView, status: int) -> Response:
    """Show the page for a browser that has no valid key to an answer already begun: what can be done about
    it."""
    return render(
        "client/elsewhere.html",
        status=status,
        invitation=invitation,
        answered=invitation.progress.state is AnswerState.SETTLED
        or invitation.access.hidden_because is HiddenBecause.ERASED,
        put_away=invitation.key_ended,
        told="told" in request.args,
    )


def closed_page(invitation: InvitationView, key: str | None = None) -> Response:
    """Show that the page has closed (410). key: one that may still erase the answer, if any."""
    told = "told" in request.args
    return make_response(
        render_template("client/closed.html", invitation=invitation, key=key, told=told), 410
    )


def erased_page(invitation: InvitationView) -> Response:
    """Show that the client has erased the answer (410)."""
    return make_response(render_template("client/erased.html", invitation=invitation), 410)


def _save_form(invitation: InvitationView, key: str, named: str | None) -> Response:
    """Validate and save the form under `key`. named: the key in the address, None when there is none."""
    form = AnswerForm()
    reasons = form.refused(request.form)
    known = key if invitation.key else named
    may = powers_over(invitation) if invitation.key else Powers(tap=True)
    if may.own and not may.read:
        return redirect_to(_address("client.receipt", invitation, key))
    if reasons:
        return answer_page(invitation, known, may, form, reasons, status=422)
    submission = Submission(
        ratings=form.ratings(),
        extras=form.extras(request.form),
        verdicts=form.verdicts(request.form),
        sequence=form.sequence.data,
        done=form.done.data == "1",
        extras_sent="comment" in request.form,
        language=language(),
    )
    if not invitation.begun and not submission.ratings and not submission.done:
        # Nothing was tapped yet (for example, only the language was changed), so there is nothing to save.
        return make_response("", 204) if wants_partial() else redirect_to(_address("client.ask", invitation))
    settings = app_context().settings  # a mail carries a key, so its host is never taken from a request
    sender = Sender(key, _fingerprint(invitation), settings.base_url if settings.smtp_url else None)
    try:
        _store(invitation, submission, sender)
    except InvitationClosed:
        return closed_page(invitation, known if may.own else None)
    except AnswerErased:
        return erased_page(invitation)
    except AnsweredElsewhere:
        return elsewhere_page(invitation_for(invitation.token, key), 409)
    except Invalid:
        return answer_page(invitation, known, may, form, {"done": str(NOTHING_RATED)}, status=422)
    if wants_partial() and not submission.done:
        response = make_response("", 204)
        response.headers["HX-Replace-Url"] = _address("client.answer", invitation, key)
        return response
    if sender.browser is not Browser.CLIENTS and not submission.done:
        # The language was changed. A key made in a rep's browser reads nothing, so show the form as sent.
        begun = invitation_for(invitation.token, key)
        return answer_page(begun, key, powers_over(begun), form)
    step = ("thanks" if submission.extras_sent else "extras") if submission.done else None
    return redirect_to(_address("client.answer", invitation, key, step=step))


def _store(invitation: InvitationView, submission: Submission, sender: Sender) -> None:
    """Save a submission: as a tap, which has no further consequences, when it is no more than that."""
    where = (db(), invitation.organisation_id, now())
    if not submission.done:
        with tap(*where) as c:
            if answers.save_tap(c, invitation.id, submission, sender):
                return
    with change(*where) as c:
        answers.save_answer(c, invitation.id, submission, sender)


def _own_invitation(token: str, key: str) -> InvitationView:
    """Return the invitation for a key that may erase and dispute its answer; else abort with the page that says why
    not."""
    invitation = invitation_for(token, _key_or_404(key))
    if not powers_over(invitation).own:
        abort(elsewhere_page(invitation, 410 if invitation.key_ended else 404))
    return invitation


def _key_or_404(text: str) -> str:
    """Return the normalised key; 404 for what cannot be a key."""
    found = normalise_key(text)
    if found is None:
        abort(404)
    return found


def _shows_thanks(invitation: InvitationView) -> bool:
    """Tell whether to show the thanks in a rep's browser: its key has ended with the extras, and the page
    shows nothing of what was said."""
    return (
        request.args.get("step") == "thanks"
        and invitation.key in SHORT_LIVED
        and invitation.client.extras_at is not None
        and _browser(invitation) is SHORT_LIVED[invitation.key]
    )


def _browser(invitation: InvitationView) -> Browser:
    """Return whose browser the request comes from, looked up once per request."""
    if "whose" not in g:
        g.whose = browser_of(invitation.organisation_id, invitation.token)
    found: Browser = g.whose
    return found


def _fingerprint(invitation: InvitationView) -> Fingerprint:
    """Return the request's fingerprint, computed once per request."""
    if "fingerprint" not in g:
        g.fingerprint = fingerprint_of(invitation.organisation_id, invitation.token)
    found: Fingerprint = g.fingerprint
    return found


def _address(endpoint: str, invitation: InvitationView, key: str | None = None, **more: Any) -> str:
    """Return an address of this invitation that keeps the chosen language."""
    lang = request.form.get("speak") or request.args.get("lang")
    return url_for(endpoint, token=invitation.token, key=key, lang=lang, **more)


def _stored_form_data(invitation: InvitationView) -> dict[str, Any]:
    """Return the stored answer as data of an AnswerForm."""
    said = invitation.client
    ratings = dict(zip(DIMENSIONS, said.ratings, strict=True))
    extras = {name: getattr(said, name) for name in ("comment", "visibility", "nps", "worth_it", "stage")}
    return {**ratings, **extras}
