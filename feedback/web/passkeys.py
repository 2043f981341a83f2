"""Passkeys: one's own at /me/passkeys, and signing in with one."""

from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, request, url_for

from feedback.actions.passkeys import (
    NOT_KNOWN,
    add_passkey,
    new_passkey_options,
    passkey_options,
    remove_passkey,
    rename_passkey,
)
from feedback.actions.sessions import note_second_factor
from feedback.core.access import NotFound
from feedback.db.change import Invalid
from feedback.db.counters import release, reserve
from feedback.models import User
from feedback.store.credentials import one_credentials
from feedback.store.passkeys import passkeys_of
from feedback.web.context import (
    changing,
    current_session,
    current_sign_in,
    current_user,
    db,
    login_required,
    mails_from,
    now,
    read_session,
)
from feedback.web.entering import enter
from feedback.web.htmx import redirect_to, render
from feedback.web.proof import proof_required
from feedback.web.shown_passkeys import (
    PROVES,
    SIGNS_IN,
    challenge_here,
    new_challenge,
    shown_passkey,
    site_here,
)
from feedback.web.sign_in_limits import passkey_limits
from feedback.web.sites import passkey_site
from feedback.wording.i18n import app_text

pages = Blueprint("passkeys", __name__)


@pages.get("/sign-in/passkey/options")
def options() -> Response:
    """Return what a browser needs to show a passkey, with a challenge that this browser alone answers."""
    purpose = PROVES if request.args.get("for") == "proof" else SIGNS_IN
    return jsonify(passkey_options(site_here(), new_challenge(purpose)))


@pages.get("/sign-in/passkey/new")
@login_required
def new_options() -> Response:
    """Return what a browser needs to make a passkey."""
    who = current_user()
    user = read_session().get_one(User, (who.organisation_id, who.id))
    known = [each.credential_id for each in passkeys_of(read_session(), who.organisation_id, who.id)]
    return jsonify(new_passkey_options(site_here(), user, known, new_challenge()))


@pages.get("/me/passkeys")
@login_required
def show() -> Response:
    return _page()


@pages.post("/me/passkeys")
@login_required
@proof_required
def update() -> Response:
    """Add a passkey, give one another name, or remove one; `what` in the form says which."""
    who, what = current_user(), request.form.get("what", "")
    try:
        with changing() as c:
            match what:
                case "add":
                    reply, name = request.form.get("passkey", ""), request.form.get("name", "")
                    add_passkey(c, who.id, name, reply, site_here(), challenge_here(), mails_from())
                    note_second_factor(c, current_session())
                case "rename":
                    rename_passkey(c, who.id, _chosen(), request.form.get("name", ""))
                case "remove":
                    remove_passkey(c, who.id, _chosen(), mails_from())
                case _:
                    raise Invalid(passkey=app_text("Choose one of the buttons."))
    except Invalid as error:
        return _page(422, error.reasons)
    return redirect_to(url_for("passkeys.show"))


@pages.post("/sign-in/passkey")
def sign_in() -> Response:
    """Sign in with a passkey: it is as good as a password and a second factor, for the device asked for a finger, a face
    or a PIN."""
    limits = passkey_limits()
    if not reserve(db(), limits, now()):
        abort(429)
    try:
        organisation_id, user_id = shown_passkey(request.form.get("passkey", ""))
        who = one_credentials(read_session(), organisation_id, user_id)
    except Invalid as error:
        return _refused(next(iter(error.reasons.values())))
    except NotFound:
        return _refused(str(NOT_KNOWN))
    release(db(), limits)
    return enter(who, strong=True)


def _refused(reason: str) -> Response:
    return render("auth/passkey_refused.html", status=422, reason=reason)


def _chosen() -> UUID:
    try:
        return UUID(request.form.get("id", ""))
    except ValueError:
        raise NotFound("passkey") from None


def _page(status: int = 200, reasons: dict[str, str] | None = None) -> Response:
    who = current_user()
    return render(
        "auth/passkeys.html",
        status=status,
        who=who,
        found=passkeys_of(read_session(), who.organisation_id, who.id),
        possible=passkey_site() is not None,
        must=current_sign_in().lacks_second_factor,
        reasons=reasons or {},
        now=now(),
    )
