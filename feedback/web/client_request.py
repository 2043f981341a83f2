"""A request for a client's page: which invitation it is about, and what it may do there."""

from typing import Any

from flask import Response, abort, g, make_response, render_template, request, url_for

from feedback.actions.trust import Fingerprint
from feedback.config import Settings
from feedback.core.answer_key import Browser, Powers, hash_key, normalise_key, powers
from feedback.core.tokens import normalise_token
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_token
from feedback.store.reserved import ReservedView, reserved_by_token
from feedback.store.taken_back import TakenBackView, taken_back_by_token
from feedback.web.context import db, now
from feedback.web.fingerprint import browser_of, fingerprint_of
from feedback.web.look import use_look
from feedback.web.request_log import note_organisation
from feedback.wording.i18n import browser_language, use_language

LOOKS_AGAIN = (
    5  # seconds until a page looks whether its meeting has arrived; its script waits longer and longer
)


def invitation_for(token: str, key: str | None = None) -> InvitationView:
    """Load an invitation by the token and key of the address, and set the request's language and time zone;
    404 for an unknown token. Every client page gets its invitation here."""
    wanted = normalise_token(token)
    if wanted is None:
        abort(404)
    with db().connection() as connection:
        invitation = invitation_by_token(connection, wanted, hash_key(key) if key else None, now())
        gone = None if invitation else taken_back_by_token(connection, wanted)
        reserved = None if invitation or gone else reserved_by_token(connection, wanted, now())
    if gone:
        abort(taken_back_page(gone))
    if reserved:
        abort(not_yet_page(reserved))
    if invitation is None:
        abort(404)
    note_organisation(request.environ, invitation.organisation_id)
    g.timezone = invitation.timezone
    use_look(invitation.organisation_id, invitation.look)
    speak(invitation.contact_language, invitation.organisation_language)
    return invitation


def taken_back_page(gone: TakenBackView) -> Response:
    """Show that the rep has taken this code back (410)."""
    speak(gone.contact_language, gone.organisation_language)
    return make_response(render_template("client/taken_back.html", gone=gone), 410)


def not_yet_page(reserved: ReservedView) -> Response:
    """Show that the rep's phone has no network, and look again by itself: what it says is true of no other code, so
    nobody takes it for a fake. Nothing can be tapped there, so that nothing can be lost. A request that brings
    something is told to come again."""
    speak(None, reserved.organisation_language)
    response = make_response(
        render_template("client/not_yet.html", reserved=reserved), 200 if request.method == "GET" else 503
    )
    response.headers["Retry-After"] = str(LOOKS_AGAIN)
    return response


def speak(contacts: str | None, organisations: str) -> str:
    """Choose the language of a client's page and return its tag: what the client chose, else the contact's, else the
    browser's, else the organisation's."""
    chosen = request.form.get("speak") or request.args.get("lang")
    return use_language(chosen, *wished_languages(contacts, browser_language(), organisations))


def wished_languages(
    contacts: str | None, browsers: str | None, organisations: str
) -> tuple[str | None, ...]:
    """Return the languages of a client's page in the order in which they are taken, when nobody has chosen one."""
    return contacts, browsers, organisations


def powers_over(invitation: InvitationView) -> Powers:
    """Return what the key that came with the request permits (core.answer_key decides)."""
    return powers(
        None if invitation.key_ended else invitation.key,
        browser=whose_browser(invitation),
        state=invitation.progress.state,
        last_change_at=invitation.client.updated_at,
        extras_sent=invitation.client.extras_at is not None,
        now=now(),
        before_the_guess=invitation.to_a_typed_address and not invitation.closed(now()),
    )


def key_or_404(text: str) -> str:
    """Return the normalised key; 404 for what cannot be a key."""
    found = normalise_key(text)
    if found is None:
        abort(404)
    return found


def whose_browser(invitation: InvitationView) -> Browser:
    """Return whose browser the request comes from, looked up once per request."""
    if "whose" not in g:
        g.whose = browser_of(invitation.organisation_id, invitation.token)
    found: Browser = g.whose
    return found


def fingerprint(invitation: InvitationView) -> Fingerprint:
    """Return the request's fingerprint, computed once per request."""
    if "fingerprint" not in g:
        g.fingerprint = fingerprint_of(invitation.organisation_id, invitation.token)
    found: Fingerprint = g.fingerprint
    return found


def receipts_from(settings: Settings) -> str | None:
    """Return our address where mail can be sent: a mail carries a key, so its host is never taken from a request."""
    return settings.base_url if settings.smtp_url else None


def client_address(endpoint: str, token: str, key: str | None = None, **more: Any) -> str:
    """Return an address of this invitation that keeps the chosen language."""
    lang = request.form.get("speak") or request.args.get("lang")
    return url_for(endpoint, token=token, key=key, lang=lang, **more)
