"""New passwords: one's own, with the old one; a forgotten one, by a link. And where one is signed in."""

from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from feedback.actions import passwords as actions
from feedback.actions.change import change
from feedback.actions.people import begin_with_today
from feedback.actions.people import choose_language as choose_own_language
from feedback.actions.sessions import end_one_session, end_other_sessions
from feedback.config import Settings
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.emails import small_letters
from feedback.core.password_links import PasswordLink, link_of
from feedback.core.passwords import password_strength
from feedback.db.change import Invalid
from feedback.db.counters import release, reserve
from feedback.store.credentials import Credentials, one_credentials
from feedback.store.providers import provider_naming
from feedback.store.sessions import running_sessions
from feedback.web.context import (
    changing,
    current_session,
    current_sign_in,
    current_user,
    db,
    login_required,
    manager_required,
    now,
    other_organisations,
    read_session,
    start_session,
)
from feedback.web.entering import enter
from feedback.web.htmx import redirect_to, render
from feedback.web.origin import network_mark
from feedback.web.sign_in_limits import attempt_key, forgotten_limits, own_password_limits
from feedback.wording.i18n import lazy_app_text

pages = Blueprint("passwords", __name__)

_app = lazy_app_text
NEW = _app("At least 12 characters; a short sentence does well.")


class NewPasswordForm(FlaskForm):
    password = PasswordField(_app("New password"), [InputRequired(NEW), Length(max=1000)])


class OwnPasswordForm(NewPasswordForm):
    old = PasswordField(
        _app("Your password now"), [InputRequired(_app("Your password as it is now.")), Length(max=1000)]
    )


class ForgottenForm(FlaskForm):
    email = EmailField(_app("E-mail"), [InputRequired(_app("Your e-mail address.")), Length(max=320)])


def own_account_page(form: OwnPasswordForm | None = None, status: int = 200, **reasons: str) -> Response:
    """Return the page of the person's account: the password, and where they are signed in."""
    who = current_user()
    return render(
        "auth/account.html",
        status=status,
        who=who,
        form=form or OwnPasswordForm(formdata=None),
        reasons=reasons,
        strength=request.args.get("strength") if status == 200 else None,
        ended=request.args.get("ended"),
        running=running_sessions(read_session(), who.organisation_id, who.id, now()),
        this=current_session(),
        others=other_organisations(),
        now=now(),
        network=network_mark(who.organisation_id),
        password=one_credentials(read_session(), who.organisation_id, who.id).password_hash is not None,
        provider=provider_naming(read_session(), who.organisation_id, who.id),
    )


@pages.post("/me/password")
@login_required
def change_own() -> Response:
    """Change one's own password: it asks for the old one, and signs out everywhere else. Wrong ones are counted."""
    form, who, limits = OwnPasswordForm(), current_user(), own_password_limits(current_user().id)
    if not form.validate():
        return own_account_page(form, 422)
    if not reserve(db(), limits, now()):
        abort(429)
    new, second = str(form.password.data), current_sign_in().second_factor
    try:
        with changing() as c:
            actions.change_own_password(c, who.id, str(form.old.data), new, mail_address())
    except Invalid as error:
        if "old" not in error.reasons:
            release(db(), limits)
        return own_account_page(form, 422, **error.reasons)
    release(db(), limits)
    start_session(who.organisation_id, who.id, second_factor=second)
    return redirect_to(url_for("auth.account", strength=password_strength(new)))


@pages.post("/me/sessions")
@login_required
def end_others() -> Response:
    """Sign out everywhere but here."""
    with changing() as c:
        ended = end_other_sessions(c, current_user().id, current_session())
    return redirect_to(url_for("auth.account", ended=ended))


@pages.post("/me/sessions/<uuid:session_id>")
@login_required
def end_one(session_id: UUID) -> Response:
    """Sign out of one other browser."""
    with changing() as c:
        if session_id == current_session() or not end_one_session(c, current_user().id, session_id):
            raise NotFound("session")
    return redirect_to(url_for("auth.account", ended=1))


@pages.post("/me/language")
@login_required
def choose_language() -> Response:
    """Choose the language of one's own pages and mails; without one the browser's is used."""
    try:
        with changing() as c:
            choose_own_language(c, current_user().id, request.form.get("language") or None)
    except Invalid as error:
        return own_account_page(None, 422, **error.reasons)
    return redirect_to(url_for("auth.account", _anchor="language"))


@pages.post("/me/home")
@manager_required
def choose_home() -> Response:
    """Choose the page that one begins with."""
    with changing() as c:
        begin_with_today(c, current_user().id, request.form.get("home") == "today")
    return redirect_to(url_for("auth.account", _anchor="home"))


@pages.get("/forgot-password")
def forgotten() -> Response:
    return render("auth/forgotten.html", form=ForgottenForm(), by_mail=mail_address() is not None, sent=False)


@pages.post("/forgot-password")
def ask() -> Response:
    """Mail a link to whoever has the address. The words are the same whether or not somebody has."""
    form, ours = ForgottenForm(), mail_address()
    if ours is None:
        return render("auth/forgotten.html", status=422, form=form, by_mail=False, sent=False)
    if not form.validate():
        return render("auth/forgotten.html", status=422, form=form, by_mail=True, sent=False)
    if not reserve(db(), forgotten_limits(), now()):
        abort(429)
    email = small_letters(str(form.email.data))
    actions.ask_for_link(db(), email, attempt_key("forgotten", email), ours, now())
    return render("auth/forgotten.html", form=form, by_mail=True, sent=True)


@pages.get("/new-password/<token>")
def by_link(token: str) -> Response:
    """Show the form. Looking changes nothing: mail scanners open links."""
    link, person = _person_of(token)
    if person is None:
        return render("auth/link_over.html", status=410 if link else 404)
    return render("auth/new_password.html", form=NewPasswordForm(), person=person, token=token, reasons={})


@pages.post("/new-password/<token>")
def set_by_link(token: str) -> Response:
    """Set a new password, once, and sign the person in."""
    (link, person), form = _person_of(token), NewPasswordForm()
    if link is None or person is None:
        return render("auth/link_over.html", status=410 if link else 404)
    reasons: dict[str, str] = {}
    if form.validate():
        try:
            with change(db(), link.organisation_id, now()) as c:
                done = actions.use_link(c, link, str(form.password.data), mail_address())
        except Invalid as error:
            reasons = error.reasons
        else:
            if not done:
                return render("auth/link_over.html", status=410)
            return enter(one_credentials(read_session(), link.organisation_id, link.user_id))
    return render(
        "auth/new_password.html", status=422, form=form, person=person, token=token, reasons=reasons
    )


def mail_address() -> str | None:
    """Return our public address when mails can carry links, else None."""
    settings = app_context().settings
    return settings.base_url if settings.smtp_url else None


def signed(settings: Settings, link: PasswordLink) -> str:
    """Return the token of a link."""
    return str(_signer(settings).dumps(link.values()))


def _person_of(token: str) -> tuple[PasswordLink | None, Credentials | None]:
    """Return a link, None for what we never made; and whose password it may set now, None when it is over."""
    try:
        link = link_of(_signer(app_context().settings).loads(token))
        person = one_credentials(read_session(), link.organisation_id, link.user_id)
    except (BadSignature, ValueError, NotFound):
        return None, None
    return link, person if link.holds(person.password_hash, now()) else None


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="new password")
