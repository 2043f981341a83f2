"""Signing in by the organisation's own provider (OpenID Connect)."""

import secrets
from dataclasses import astuple
from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, request, session, url_for
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from feedback.actions.audit import record_failed_sign_in
from feedback.actions.change import change
from feedback.actions.oidc import (
    Begun,
    Claims,
    ProvesNothing,
    ProviderAway,
    RelyingParty,
    authorization_address,
    claims_for,
    signed_in_since,
)
from feedback.actions.providers import NotLetIn, person_of
from feedback.actions.sessions import prove_session
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.emails import small_letters
from feedback.models.encrypted import UnreadableSecret
from feedback.store.credentials import one_credentials
from feedback.store.providers import ProviderView, provider_by_code, provider_row, providers_for, subject_of
from feedback.web.context import (
    base_url,
    changing,
    current_session,
    db,
    now,
    read_session,
    safe_next,
    viewer,
)
from feedback.web.entering import enter
from feedback.web.htmx import render
from feedback.web.limits import limit_providers
from feedback.web.origin import network_mark
from feedback.web.proof import note_failed_proof
from feedback.web.sign_in_limits import attempt_key
from feedback.wording.i18n import app_text, lazy_app_text

pages = Blueprint("providers", __name__)

_app = lazy_app_text
LASTS = timedelta(minutes=10)  # between leaving for the provider and coming back
MOST_BEGUN = 3  # in one browser, in several windows


class CompanyForm(FlaskForm):
    email = EmailField(_app("E-mail"), [InputRequired(_app("Your e-mail address.")), Length(max=320)])


@pages.get("/sign-in/company")
def company() -> Response:
    return render("auth/company.html", form=CompanyForm(formdata=None), found=None, next=_next())


@pages.post("/sign-in/company")
def find() -> Response:
    """Offer the providers of the organisations whose people have such an address."""
    limit_providers()
    form = CompanyForm()
    if not form.validate():
        return render("auth/company.html", status=422, form=form, found=None, next=_next())
    domain = small_letters(str(form.email.data)).rpartition("@")[2]
    found = providers_for(read_session(), domain) if domain else []
    return render("auth/company.html", form=form, found=found, next=_next())


@pages.get("/sign-in/with/<code>")
def leave(code: str) -> Response:
    """Send the browser to the provider, with what only this browser can come back with."""
    limit_providers()
    provider = provider_by_code(read_session(), code)
    if provider is None:
        abort(404)
    begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)))
    proving = _proving() if "prove" in request.args else None
    try:
        address = authorization_address(_client(provider), begun, anew=proving is not None)
    except (ProviderAway, UnreadableSecret):
        return _refused("away", provider, 503, proving=proving is not None)
    kept = list(session.get("begun", []))[1 - MOST_BEGUN :]
    session["begun"] = [*kept, [*astuple(begun), code, now().timestamp(), _next() or "/", proving]]
    return redirect(address)  # type: ignore[return-value]  # as Flask has it


@pages.get("/sign-in/callback")
def back() -> Response:
    """Show the button that signs in; a script presses it. A look changes nothing."""
    return render(
        "auth/callback.html", code=request.args.get("code", ""), state=request.args.get("state", "")
    )


@pages.post("/sign-in/callback")
def sign_in() -> Response:
    """Sign in whom the provider names, once, in the browser that was sent there."""
    limit_providers()
    state, code = request.form.get("state", ""), request.form.get("code", "")
    begun = next((each for each in session.get("begun", []) if each[0] == state), None)
    session["begun"] = [each for each in session.get("begun", []) if each[0] != state]
    provider = provider_by_code(read_session(), begun[3]) if begun else None
    if begun is None or provider is None or now().timestamp() - begun[4] > LASTS.total_seconds():
        return _refused("elsewhere", provider, 400)
    proving = next(iter(begun[6:]), None)
    try:
        claims = claims_for(_client(provider), Begun(*begun[:3]), code, now())
        if proving:
            return _proved(provider, claims, proving, begun[4])
        with change(db(), provider.organisation_id, now()) as c:
            user_id = person_of(c, claims)
    except (ProviderAway, UnreadableSecret):
        return _refused("away", provider, 503, proving=bool(proving))
    except ProvesNothing:
        return _refused("refused", provider, 403, proving=bool(proving))
    except NotLetIn as error:
        _note_failure(provider, error)
        return _refused(error.reason, provider, 403)
    who = one_credentials(read_session(), provider.organisation_id, user_id)
    return enter(who, strong=True, by_provider=True, target=safe_next(begun[5]))


def _proving() -> str:
    """Return the session whose person is to show again who they are, as the cookie has it."""
    return current_session().hex


def _proved(provider: ProviderView, claims: Claims, proving: str, since: float) -> Response:
    """Note that the person of this session has shown again who they are, where the provider names the same one, and has
    asked them since."""
    who = viewer()
    if who is None or current_session().hex != proving or who.organisation_id != provider.organisation_id:
        return _refused("elsewhere", provider, 400, proving=True)
    if claims.subject != subject_of(read_session(), who.organisation_id, who.id):
        note_failed_proof()
        return _refused("somebody else", provider, 403, proving=True)
    if not signed_in_since(claims, since):
        note_failed_proof()
        return _refused("not anew", provider, 403, proving=True)
    with changing() as c:
        prove_session(c, current_session())
    return render("auth/proved.html")


def _note_failure(provider: ProviderView, error: NotLetIn) -> None:
    """Write a refusal into the audit log, where it is about somebody of ours."""
    try:
        who = (
            one_credentials(read_session(), provider.organisation_id, error.user_id)
            if error.user_id
            else None
        )
    except NotFound:  # has left
        return
    if who:
        record_failed_sign_in(db(), [who], attempt_key("audit", who.email), network_mark, now())


def redirect_uri() -> str:
    """Return where a provider sends browsers back to, as it has to be told."""
    return f"{base_url()}{url_for('providers.back')}"


def _client(provider: ProviderView) -> RelyingParty:
    row = provider_row(read_session(), provider.organisation_id)
    private = app_context().settings.private_webhooks
    secret = row.secret.text if row else ""
    return RelyingParty(provider.issuer, provider.client_id, secret, redirect_uri(), private)


def _refused(reason: str, provider: ProviderView | None, status: int, *, proving: bool = False) -> Response:
    label = provider.label if provider else ""
    return render(
        "auth/provider_refused.html",
        status=status,
        words=_words(reason, label),
        code=provider.code if provider else None,
        label=label,
        proving=proving,
    )


def _words(reason: str, label: str) -> str:
    """Return why nobody is signed in, and what to do."""
    match reason:
        case "away":
            return app_text(
                "%(label)s does not answer now. Try again in a while, or sign in another way.", label=label
            )
        case "elsewhere":
            return app_text("This sign-in was begun in another browser, or too long ago. Begin again here.")
        case "refused":
            return app_text(
                "What %(label)s sent back does not hold. Begin again; if it stays so, tell an owner.",
                label=label,
            )
        case "somebody else":
            return app_text(
                "%(label)s named somebody else. Choose the account with which you sign in here.", label=label
            )
        case "not anew":
            return app_text(
                "%(label)s did not ask you again. Sign out there, and try once more.", label=label
            )
        case "not verified":
            return app_text(
                "%(label)s does not confirm your e-mail address. Confirm it there, or ask an owner.",
                label=label,
            )
        case "left":
            return app_text("You are no longer a member here. An owner can bring you back.")
        case "another account":
            return app_text(
                "This address belongs to another account at %(label)s. Ask an owner.", label=label
            )
        case _:
            return app_text("Nobody here has this address. Ask an owner of your organisation to invite you.")


def _next() -> str | None:
    return safe_next(request.args.get("next"))
