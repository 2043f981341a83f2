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
from feedback.db.counters import release, reserve
from feedback.store.people import one_credentials
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
from feedback.web.sign_in_limits import code_limits, proof_limits
from feedback.wording.i18n import app_text

P = ParamSpec("P")

OURS = frozenset({"csrf_token", "proof_password", "proof_code"})  # the fields of the page that asks


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
    if not request.form.keys() & (OURS - {"csrf_token"}):
        return _page()
    by_code = bool(request.form.get("proof_code", "").strip())
    limits = (code_limits if by_code else proof_limits)(current_user().id)
    if not reserve(db(), limits, now()):
        abort(429)
    proved = _proves()
    with changing() as c:
        if proved:
            prove_session(c, current_session())
        else:
            who = current_user()
            c.audit(who.id, AuditKind.PROOF_FAILED, who.id, network=network_mark(who.organisation_id))
    if not proved:
        return _page(app_text("This is not right. Check it, and try again."))
    release(db(), limits)
    return None


def _proves() -> bool:
    """Tell whether what this form shows proves who the person is: the password, or a code of the second factor."""
    who = current_user()
    if code := request.form.get("proof_code", "").strip():
        with changing() as c:
            return use_code(c, who.id, code)
    own = one_credentials(read_session(), who.organisation_id, who.id)
    return bool(verify_password([own], request.form.get("proof_password", "")))


def _page(reason: str | None = None) -> Response:
    who = current_user()
    own = one_credentials(read_session(), who.organisation_id, who.id)
    codes = second_factor(read_session(), who.organisation_id, who.id).id is not None
    kept = [(name, text) for name, text in request.form.items(multi=True) if name not in OURS]
    response = render(
        "auth/proof.html", status=422 if reason else 200, who=who, kept=kept, reason=reason,
        password=own.password_hash is not None, codes=codes,
    )  # fmt: skip
    if wants_partial():  # a form that htmx sent: the question takes the whole page
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "body", "innerHTML"
    return response
