"""Signing in by a link that is mailed. It works once, in the browser that asked for it; opening it changes nothing, for
mail scanners open links."""

import secrets
from hmac import compare_digest
from time import monotonic, sleep
from uuid import UUID

from flask import Blueprint, Response, abort, request, session
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from feedback.actions.audit import record_failed_sign_in
from feedback.actions.change import change
from feedback.actions.sessions import session_hash
from feedback.actions.sign_in_links import ask_for_sign_in_link, use_sign_in_link
from feedback.config import Settings
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.emails import small_letters
from feedback.core.sign_in_links import LINK_FOR
from feedback.db.counters import reserve
from feedback.store.credentials import Credentials, credentials, one_credentials
from feedback.store.sign_in_links import SignInLinkView, sign_in_link
from feedback.web.context import db, mails_from, now, read_session, safe_next
from feedback.web.entering import enter
from feedback.web.htmx import render
from feedback.web.origin import network_mark
from feedback.web.sign_in_limits import attempt_key, link_limits
from feedback.wording.i18n import lazy_app_text

pages = Blueprint("mail_links", __name__)

_app = lazy_app_text
MINUTES = LINK_FOR.seconds // 60
TAKES = 0.1  # seconds that asking takes, whoever has the address


class LinkForm(FlaskForm):
    email = EmailField(_app("E-mail"), [InputRequired(_app("Your e-mail address.")), Length(max=320)])


@pages.get("/sign-in/link")
def ask() -> Response:
    return _ask_page(LinkForm(formdata=None))


@pages.post("/sign-in/link")
def send() -> Response:
    """Mail a link. Words and time are the same whether or not somebody has the address."""
    form, ours, began = LinkForm(), mails_from(), monotonic()
    if ours is None or not form.validate():
        return _ask_page(form, 422)
    if not reserve(db(), link_limits(), now()):
        abort(429)
    email = small_letters(str(form.email.data))
    secret = session.setdefault("asks", secrets.token_urlsafe(32))
    ask_for_sign_in_link(db(), email, attempt_key("sign-in link", email), session_hash(secret), ours, now())
    sleep(max(0.0, began + TAKES - monotonic()))
    return _ask_page(form, sent=True)


@pages.get("/sign-in/link/<token>")
def show(token: str) -> Response:
    """Show the button that signs in, or why there is none."""
    link = _link(token)
    return _link_page(link) if _may_use(link) else _refused(link)


@pages.post("/sign-in/link/<token>")
def use(token: str) -> Response:
    """Sign in, once. Whoever is in several organisations is asked which, before the link is used up."""
    link = _link(token)
    if not _may_use(link):
        _note_failure(link)
        return _refused(link)
    found = [each for each in credentials(read_session(), link.email) if each.password_hash]
    wanted = request.form.get("organisation")
    chosen = [each for each in found if str(each.organisation_id) == wanted] or found
    if len(chosen) > 1:
        return _link_page(link, chosen)
    with change(db(), link.organisation_id, now()) as c:
        used = bool(chosen) and use_sign_in_link(c, link.id, _browser())
    if not used:  # the same link in two windows of this browser
        return _refused(link)
    others = [each for each in found if each is not chosen[0]]
    return enter(chosen[0], others)


def signed_link(settings: Settings, organisation_id: UUID, link_id: UUID) -> str:
    """Return the token of a link."""
    return str(_signer(settings).dumps([organisation_id.hex, link_id.hex]))


def _link(token: str) -> SignInLinkView:
    """Return the link of a token; abort with 404 for what we never made, and for what is forgotten by now."""
    try:
        organisation_id, link_id = map(UUID, _signer(app_context().settings).loads(token))
    except (BadSignature, ValueError, TypeError):
        abort(404)
    found = sign_in_link(read_session(), organisation_id, link_id)
    if found is None:
        abort(404)
    return found


def _may_use(link: SignInLinkView) -> bool:
    return link.good(now()) and compare_digest(link.browser_hash, _browser())


def _browser() -> str:
    return session_hash(str(session.get("asks", "")))


def _note_failure(link: SignInLinkView) -> None:
    try:
        about = [one_credentials(read_session(), link.organisation_id, link.user_id)]
    except NotFound:  # left this moment
        return
    record_failed_sign_in(db(), about, attempt_key("audit", link.email), network_mark, now())


def _ask_page(form: LinkForm, status: int = 200, *, sent: bool = False) -> Response:
    return render(
        "auth/ask_link.html",
        status=status,
        form=form,
        sent=sent,
        by_mail=mails_from() is not None,
        minutes=MINUTES,
        next=safe_next(request.args.get("next")),
    )


def _link_page(link: SignInLinkView, choices: list[Credentials] | None = None) -> Response:
    return render("auth/use_link.html", link=link, choices=choices or [], address=request.path)


def _refused(link: SignInLinkView) -> Response:
    return render("auth/sign_in_link_over.html", status=410, elsewhere=link.good(now()), minutes=MINUTES)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="sign-in link")
