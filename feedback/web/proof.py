"""Asking again who somebody is, before what would hurt most: a session that somebody else got hold of shall not do it.

What was typed is kept: the page that asks carries the form, sends it to the same address, and goes on from there.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, abort, request

from feedback.actions.people import verify_password
from feedback.actions.second_factor import use_code
from feedback.actions.sessions import prove_session
from feedback.core.audit import AuditKind
from feedback.core.sessions import is_proved
from feedback.db.change import Invalid
from feedback.db.counters import release, reserve
from feedback.store.credentials import one_credentials
from feedback.store.providers import provider_naming
from feedback.store.second_factor import second_factor
from feedback.web.context import (
    changing,
    current_session,
    current_sign_in,
    current_user,
    db,
    now,
    read_session,
)
from feedback.web.htmx import render, wants_partial
from feedback.web.origin import network_mark
from feedback.web.shown_passkeys import PROVES, shown_passkey
from feedback.web.sign_in_limits import code_limits, proof_limits
from feedback.web.sites import passkey_site
from feedback.wording.i18n import app_text

P = ParamSpec("P")

WAYS = frozenset(
    {"proof_password", "proof_code", "proof_passkey", "proof_provider"}
)  # how a form shows who it is
OURS = WAYS | {"csrf_token"}  # the fields of the page that asks


def proof_required(view: Callable[P, Response]) -> Callable[P, Response]:
    """Decorate a view that takes a form of a signed-in person: it is called once the person has shown, in the last ten
    minutes, who they are. Goes below the decorator that asks for the role."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        return ask_for_proof() or view(*args, **kwargs)

    return guarded


def ask_for_proof() -> Response | None:
    """Return the page that asks a person to show who they are; None where that is done, by this form or lately. The
    people of the example organisation have no password that anybody knows: they are not asked."""
    if current_user().demo or is_proved(current_sign_in().proved_at, now()):
        return None
    if not request.form.keys() & WAYS:
        return _page()
    if "proof_provider" in request.form:  # whose word arrives in the other window (web/providers.py)
        return _page(_not_told())
    by_code = bool(request.form.get("proof_code", "").strip())
    limits = (code_limits if by_code else proof_limits)(current_user().id)
    if not reserve(db(), limits, now()):
        abort(429)
    fault = _fault()
    if fault:
        note_failed_proof()
        return _page(fault)
    with changing() as c:
        prove_session(c, current_session())
    release(db(), limits)
    return None


def note_failed_proof() -> None:
    """Write into the audit log that somebody did not prove who they are."""
    who = current_user()
    with changing() as c:
        c.audit(who.id, AuditKind.PROOF_FAILED, who.id, network=network_mark(who.organisation_id))


def _fault() -> str | None:
    """Return why what this form shows does not prove who the person is; None where it does: the password, a code of the
    second factor, or a passkey."""
    who, wrong = current_user(), app_text("This is not right. Check it, and try again.")
    if reply := request.form.get("proof_passkey", ""):
        try:
            found = shown_passkey(reply, PROVES)
        except Invalid as error:
            return str(next(iter(error.reasons.values())))
        return (
            None if found == (who.organisation_id, who.id) else app_text("This passkey is somebody else's.")
        )
    if code := request.form.get("proof_code", "").strip():
        with changing() as c:
            return None if use_code(c, who.id, code) else wrong
    own = one_credentials(read_session(), who.organisation_id, who.id)
    return None if verify_password([own], request.form.get("proof_password", "")) else wrong


def _not_told() -> str:
    return app_text(
        "Nothing has come back yet. Sign in again in the other window first, and then go on here."
    )


def _page(reason: str | None = None) -> Response:
    who = current_user()
    own = one_credentials(read_session(), who.organisation_id, who.id)
    factor = second_factor(read_session(), who.organisation_id, who.id)
    kept = [(name, text) for name, text in request.form.items(multi=True) if name not in OURS]
    response = render(
        "auth/proof.html", status=422 if reason else 200, who=who, kept=kept, reason=reason,
        password=own.password_hash is not None, codes=factor.id is not None,
        passkeys=factor.passkeys > 0 and passkey_site() is not None,
        provider=provider_naming(read_session(), who.organisation_id, who.id),
    )  # fmt: skip
    if wants_partial():  # a form that htmx sent: the question takes the whole page
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response
