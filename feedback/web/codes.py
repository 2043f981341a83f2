"""The second step of signing in: a code of the phone, or a recovery code."""

from flask import Blueprint, Response, abort, request, session, url_for

from feedback.actions.audit import record_failed_sign_in
from feedback.actions.change import tap
from feedback.actions.second_factor import WRONG_CODE, use_code
from feedback.db.counters import release, reserve
from feedback.store.second_factor import second_factor
from feedback.web.context import db, now, read_session
from feedback.web.entering import Waiting, finish, trust_device, waiting_here
from feedback.web.htmx import redirect_to, render
from feedback.web.origin import network_mark
from feedback.web.sign_in_limits import attempt_key, code_limits
from feedback.web.sites import passkey_site

pages = Blueprint("codes", __name__)


@pages.get("/sign-in/code")
def ask() -> Response:
    waiting = waiting_here()
    return _page(waiting) if waiting else _anew()


@pages.post("/sign-in/code")
def check() -> Response:
    """Sign in. Six figures are quickly tried: only a few wrong ones are taken, and the log has them."""
    waiting = waiting_here()
    if waiting is None:
        return _anew()
    who, limits = waiting.who, code_limits(waiting.who.user_id)
    if not reserve(db(), limits, now()):
        abort(429)
    with tap(db(), who.organisation_id, now()) as c:
        right = use_code(c, who.user_id, request.form.get("code", ""))
    if not right:
        record_failed_sign_in(db(), [who], attempt_key("audit", who.email), network_mark, now())
        return _page(waiting, WRONG_CODE)
    release(db(), limits)
    response = finish(waiting, second=True)
    if request.form.get("remember") == "1":
        trust_device(response, who)
    return response


def _page(waiting: Waiting, reason: str | None = None) -> Response:
    who = waiting.who
    return render(
        "auth/code.html",
        status=422 if reason else 200,
        who=who,
        next=waiting.next,
        reason=reason,
        factor=second_factor(read_session(), who.organisation_id, who.user_id),
        passkeys=passkey_site() is not None,
    )


def _anew() -> Response:
    """Nobody has shown the first thing here, or it was too long ago."""
    session.pop("waiting", None)
    return redirect_to(url_for("auth.sign_in", next=request.args.get("next")))
