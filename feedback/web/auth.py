"""Signing in and out, and the very first organisation."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from feedback.actions import people as actions
from feedback.actions.change import Invalid
from feedback.config import Settings
from feedback.store import people
from feedback.store.people import Credentials
from feedback.web.context import begin_session, db, ground, me, now, reading, safe_next, signed_in, viewer
from feedback.web.forms import SetUpForm, SignInForm
from feedback.web.htmx import go, page
from feedback.web.limits import FAILURES_PER_ACCOUNT, FAILURES_PER_NETWORK, account_key, limiter

pages = Blueprint("auth", __name__)


def failed(response: Response) -> bool:
    return response.status_code == 422


@pages.get("/")
def home() -> Response:
    """To the role's home; to the set-up while there is nobody."""
    who = viewer()
    if who is None:
        empty = not people.any_organisation(reading())
        return go(url_for("auth.set_up" if empty else "auth.sign_in"))
    return go(url_for("rep.meetings" if who.is_rep else "manager.leaderboard"))


@pages.get("/sign-in")
def sign_in() -> Response:
    if viewer():
        return go(safe_next(request.args.get("next")) or "/")
    if not people.any_organisation(reading()):
        return go(url_for("auth.set_up"))
    return page("auth/sign_in.html", form=SignInForm(), choices=[])


@pages.post("/sign-in")
@limiter.limit(FAILURES_PER_NETWORK, deduct_when=failed)
@limiter.limit(FAILURES_PER_ACCOUNT, key_func=account_key, deduct_when=failed)
def check() -> Response:
    """The same words and the same time, whether the address is unknown or the password wrong."""
    form = SignInForm()
    if not form.validate():
        return page("auth/sign_in.html", status=422, form=form, choices=[])
    candidates = people.credentials(reading(), str(form.email.data).strip().casefold())
    found = actions.matching(candidates, str(form.password.data))
    wanted = request.form.get("organisation")
    if len(found) > 1:
        found = [c for c in found if str(c.organisation_id) == wanted] or found
    if not found:
        form.password.errors = ["E-mail and password do not fit together. Check both, and try again."]
        return page("auth/sign_in.html", status=422, form=form, choices=[])
    if len(found) > 1:
        return page("auth/sign_in.html", form=form, choices=found)
    begin_session(found[0])
    return go(safe_next(request.args.get("next")) or "/")


@pages.post("/sign-out")
def sign_out() -> Response:
    """Out of this browser; with everywhere=1 out of all of them."""
    who = viewer()
    if who and request.form.get("everywhere") == "1":
        actions.end_sessions(db(), who.organisation_id, who.id, now())
    session.clear()
    return go(url_for("auth.sign_in"))


@pages.get("/set-up")
def set_up() -> Response:
    _may_set_up()
    return page("auth/set_up.html", form=SetUpForm(data={"timezone": "UTC"}))


@pages.post("/set-up")
def make_organisation() -> Response:
    _may_set_up()
    form = SetUpForm()
    reasons: dict[str, str] = {}
    if form.validate():
        try:
            organisation_id, user_id = actions.set_up(
                db(),
                organisation=form.organisation.data,
                name=form.name.data,
                email=form.email.data,
                password=form.password.data,
                timezone=form.timezone.data.strip(),
                now=now(),
            )
        except Invalid as error:
            reasons = error.reasons
        else:
            begin_session(_just_made(form.email.data, organisation_id, user_id))
            return go("/")
    return page("auth/set_up.html", status=422, form=form, reasons=reasons)


@pages.get("/demo/<ticket>")
def demo(ticket: str) -> Response:
    """The printed addresses of the example organisation sign in at once. No other organisation has any."""
    try:
        organisation_id, user_id = map(UUID, demo_tickets(ground().settings).loads(ticket))
    except (BadSignature, ValueError):
        abort(404)
    who = people.demo_credentials(reading(), organisation_id, user_id)
    if who is None:
        abort(404)
    begin_session(who)
    return go("/")


def demo_tickets(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="demo sign-in")


@pages.get("/me")
@signed_in()
def account() -> Response:
    return page("auth/account.html", who=me())


def _may_set_up() -> None:
    """While there is no organisation; afterwards only where sign-up is open to all."""
    if ground().settings.sign_up != "open" and people.any_organisation(reading()):
        abort(404)


def _just_made(email: str, organisation_id: object, user_id: object) -> Credentials:
    found = people.credentials(reading(), actions.normal_email(email))
    return next(c for c in found if c.organisation_id == organisation_id and c.user_id == user_id)
