"""Signing in and out, and setting up an organisation."""

import re
from collections.abc import Sequence
from hmac import compare_digest
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from feedback.actions import people as actions
from feedback.actions.audit import record_failed_sign_in
from feedback.actions.change import tap
from feedback.actions.people import NewOrganisation
from feedback.actions.reserved import release_codes
from feedback.actions.sessions import end_sessions
from feedback.config import Settings, forget_set_up_code, set_up_code
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.audit import AuditKind
from feedback.core.emails import small_letters
from feedback.db.change import Invalid
from feedback.db.counters import release, reserve
from feedback.store import people
from feedback.store.credentials import Credentials, credentials
from feedback.store.providers import only_provider
from feedback.web.context import (
    changing,
    current_session,
    db,
    leave_session,
    login_required,
    mails_from,
    now,
    read_session,
    safe_next,
    start_session,
    switch_session,
    viewer,
)
from feedback.web.entering import enter
from feedback.web.forms import SetUpForm, SignInForm
from feedback.web.headers import forget_this_site
from feedback.web.htmx import redirect_to, render
from feedback.web.origin import network_mark
from feedback.web.passwords import own_account_page
from feedback.web.sign_in_limits import attempt_key, remember_device, set_up_limits, sign_in_limits
from feedback.web.sign_up import by_mail
from feedback.web.sites import passkey_site
from feedback.wording.i18n import SOURCE, app_text, browser_language, matching_language

pages = Blueprint("auth", __name__)


@pages.get("/")
def home() -> Response:
    """Redirect to the start page of the user's role; to the set-up while there is no organisation."""
    who = viewer()
    if who is None:
        return redirect_to(url_for(_beginning() or "auth.sign_in"))
    if who.is_rep:
        return redirect_to(url_for("meetings.index"))
    return redirect_to(url_for("today.show" if who.begins_with_today else "leaderboard.show"))


@pages.get("/sign-in")
def sign_in() -> Response:
    if viewer():
        return redirect_to(safe_next(request.args.get("next")) or "/")
    if first := _beginning():
        return redirect_to(url_for(first))
    return _sign_in_page(SignInForm())


@pages.post("/sign-in")
def check() -> Response:
    """Sign in. The message and the time taken are the same for an unknown address and for a wrong
    password. Only attempts that fail count against the limits."""
    form, limits = SignInForm(), sign_in_limits(request.form.get("email", ""))
    if not reserve(db(), limits, now()):
        abort(429)
    if not form.validate():
        return _sign_in_page(form, 422)
    candidates = credentials(read_session(), small_letters(str(form.email.data)))
    found = actions.verify_password(candidates, str(form.password.data))
    wanted, proven = request.form.get("organisation"), found
    if len(found) > 1:
        found = [c for c in found if str(c.organisation_id) == wanted] or found
    if not found:
        record_failed_sign_in(
            db(), candidates, attempt_key("audit", str(form.email.data)), network_mark, now()
        )
        form.password.errors = [
            app_text("E-mail and password do not fit together. Check both, and try again.")
        ]
        return _sign_in_page(form, 422)
    release(db(), limits)
    if len(found) > 1:
        return _sign_in_page(form, choices=found)
    return enter(found[0], [each for each in proven if each is not found[0]])


@pages.post("/sign-out")
def sign_out() -> Response:
    """Sign out of this browser; with everywhere=1 of all browsers."""
    who = viewer()
    if who and request.form.get("everywhere") == "1":
        with changing() as c:
            end_sessions(c, who.id)
    if who:
        with tap(db(), who.organisation_id, now()) as c:
            release_codes(c, current_session())
    leave_session(AuditKind.SIGNED_OUT)
    return forget_this_site(redirect_to(url_for("auth.sign_in")))


@pages.get("/set-up")
def set_up() -> Response:
    """Ask for the first organisation. Whoever comes back after making it is led on, as by the browser's back button."""
    if viewer():
        return redirect_to("/")
    _require_set_up_allowed()
    return render(
        "auth/set_up.html", form=SetUpForm(data={"timezone": "UTC", "language": browser_language()})
    )


@pages.post("/set-up")
def make_organisation() -> Response:
    """Make an organisation and sign its owner in. A wrong code counts against the limits, and nothing else does."""
    _require_set_up_allowed()
    form = SetUpForm()
    reasons = _wrong_code(str(form.code.data or ""))
    if form.validate() and not reasons:
        try:
            organisation_id, user_id = actions.set_up(
                db(),
                NewOrganisation(
                    organisation=form.organisation.data,
                    name=form.name.data,
                    email=form.email.data,
                    password=form.password.data,
                    timezone=form.timezone.data.strip(),
                    language=matching_language(form.language.data or "") or SOURCE,
                ),
                now(),
            )
        except Invalid as error:
            reasons = error.reasons
        else:
            forget_set_up_code(app_context().settings)
            start_session(organisation_id, user_id)
            response = redirect_to(url_for("start.show"))
            remember_device(response, form.email.data)
            return response
    return render("auth/set_up.html", status=422, form=form, reasons=reasons)


@pages.get("/demo/<ticket>")
def demo(ticket: str) -> Response:
    """Sign in by a printed address of the example organisation. No other organisation has such addresses."""
    try:
        organisation_id, user_id = map(UUID, demo_tickets(app_context().settings).loads(ticket))
    except (BadSignature, ValueError):
        abort(404)
    if not people.is_example(read_session(), organisation_id, user_id):
        abort(404)
    start_session(organisation_id, user_id)
    return redirect_to("/")


def demo_tickets(settings: Settings) -> URLSafeSerializer:
    """Return the signer of the tickets in the printed addresses of the example organisation."""
    return URLSafeSerializer(settings.secret_key, salt="demo sign-in")


@pages.post("/me/organisation")
@login_required
def switch() -> Response:
    """Go on in another organisation of the same person."""
    try:
        wanted = UUID(request.form.get("organisation", ""))
    except ValueError:
        raise NotFound("organisation") from None
    switch_session(wanted)
    return redirect_to("/")


@pages.get("/me")
@login_required
def account() -> Response:
    """Show the person's account, and where they are signed in."""
    return own_account_page()


def _sign_in_page(form: SignInForm, status: int = 200, choices: Sequence[Credentials] = ()) -> Response:
    one, several = only_provider(read_session())
    return render(
        "auth/sign_in.html",
        status=status,
        provider=one,
        several_providers=several,
        form=form,
        choices=choices,
        open=by_mail(),
        mails=mails_from() is not None,
        passkeys=passkey_site() is not None,
        next=safe_next(request.args.get("next")),
    )


def _beginning() -> str | None:
    """Return the endpoint where the first organisation is made; None when there is one."""
    if people.any_organisation(read_session()):
        return None
    return "sign_up.ask" if by_mail() else "auth.set_up"


def _wrong_code(typed: str) -> dict[str, str]:
    """Return the reason when this is not the server's code; abort with 429 after too many wrong ones."""
    limits = set_up_limits()
    if not reserve(db(), limits, now()):
        abort(429)
    wanted = _letters(set_up_code(app_context().settings))
    if not wanted or not compare_digest(_letters(typed), wanted):  # none while another process is writing it
        return {"code": "This is not the code of this server."}
    release(db(), limits)
    return {}


def _letters(code: str) -> bytes:
    return re.sub(r"[\W_]", "", code).upper().encode()


def _require_set_up_allowed() -> None:
    """Abort with 404 unless there is no organisation yet. Whoever is not the first signs up (web/sign_up.py)."""
    if people.any_organisation(read_session()):
        abort(404)
