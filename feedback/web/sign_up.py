"""Signing up where anybody may (FEEDBACK_SIGN_UP=open): the organisation is made when the link of a mail is used."""

from uuid import UUID

from flask import Blueprint, Response, abort, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from feedback.actions import sign_ups as actions
from feedback.actions.people import NewOrganisation
from feedback.config import Settings
from feedback.context import app_context
from feedback.db.change import Invalid
from feedback.db.counters import reserve
from feedback.models import SignUp
from feedback.store.sign_ups import sign_up_by_id
from feedback.web.context import db, now, read_session, start_session
from feedback.web.forms import SignUpForm
from feedback.web.htmx import redirect_to, render
from feedback.web.passwords import NewPasswordForm, mail_address
from feedback.web.sign_in_limits import attempt_key, remember_device, sign_up_limits

pages = Blueprint("sign_up", __name__)


def by_mail() -> bool:
    """Tell whether anybody may sign up, and mail can confirm it."""
    return app_context().settings.sign_up == "open" and mail_address() is not None


@pages.get("/sign-up")
def ask() -> Response:
    """Show the form; without mail, how to go on."""
    _require_open()
    return render(
        "auth/sign_up.html", form=SignUpForm(data={"timezone": "UTC"}), by_mail=by_mail(), reasons={}
    )


@pages.post("/sign-up")
def send() -> Response:
    """Take the wish down, and mail a link. Whether somebody has the address already is not said."""
    _require_open()
    form, reasons = SignUpForm(), {}
    if not by_mail():
        return render("auth/sign_up.html", status=422, form=form, by_mail=False, reasons={})
    if form.validate():
        if not reserve(db(), sign_up_limits(), now()):
            abort(429)
        new = NewOrganisation(
            form.organisation.data, form.name.data, form.email.data, "", form.timezone.data.strip()
        )
        try:
            actions.ask_to_sign_up(db(), new, attempt_key("sign-up", new.email), now())
        except Invalid as error:
            reasons = error.reasons
        else:
            return render("auth/sign_up_sent.html", email=new.email.strip())
    return render("auth/sign_up.html", status=422, form=form, by_mail=True, reasons=reasons)


@pages.get("/sign-up/<ticket>")
def confirm(ticket: str) -> Response:
    """Ask for a password. Looking changes nothing: mail scanners open links."""
    found = _asked(ticket)
    if found is None:
        return render("auth/sign_up_over.html", status=410)
    return render("auth/confirm.html", form=NewPasswordForm(), found=found, ticket=ticket, reasons={})


@pages.post("/sign-up/<ticket>")
def make(ticket: str) -> Response:
    """Make the organisation, once, and sign its owner in."""
    found, form, reasons = _asked(ticket), NewPasswordForm(), {}
    if found is None:
        return render("auth/sign_up_over.html", status=410)
    if form.validate():
        try:
            made = actions.confirm_sign_up(db(), found, str(form.password.data), now())
        except Invalid as error:
            reasons = error.reasons
        else:
            if made is None:
                return render("auth/sign_up_over.html", status=410)
            start_session(*made)
            response = redirect_to(url_for("start.show"))
            remember_device(response, found.email)
            return response
    return render("auth/confirm.html", status=422, form=form, found=found, ticket=ticket, reasons=reasons)


def ticket_of(settings: Settings, asked: SignUp) -> str:
    """Return the end of the link that confirms a sign-up."""
    return str(_signer(settings).dumps(asked.id.hex))


def _asked(ticket: str) -> SignUp | None:
    try:
        sign_up_id = UUID(str(_signer(app_context().settings).loads(ticket)))
    except (BadSignature, ValueError):
        return None
    return sign_up_by_id(read_session(), sign_up_id, now())


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="sign up")


def _require_open() -> None:
    """Abort with 404 unless anybody may sign up."""
    if app_context().settings.sign_up != "open":
        abort(404)
