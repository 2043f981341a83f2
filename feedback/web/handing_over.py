"""The rep's phone in the client's hand: handed over with a PIN, and taken back with it."""

import hashlib
import hmac
import re
from uuid import UUID

from flask import Blueprint, Response, request, session, url_for

from feedback.actions.change import tap
from feedback.actions.sessions import end_session, session_hash, unlock_session
from feedback.context import app_context
from feedback.db.counters import Limit, release, reserve
from feedback.store.sessions import locked_by
from feedback.web.context import (
    db,
    lock_here,
    locked_here,
    now,
    read_session,
    rep_required,
    unlock_here,
)
from feedback.web.htmx import redirect_to, render
from feedback.web.meetings import own_invitation
from feedback.wording.i18n import app_text

pages = Blueprint("handing_over", __name__)
MOST_TRIES = 3


@pages.get("/meetings/<uuid:meeting_id>/hand-over")
@rep_required
def prepare(meeting_id: UUID) -> Response:
    """Explain what handing the phone over means, and ask for a PIN."""
    invitation = own_invitation(meeting_id, request.args.get("invitation"))
    return render("meetings/hand_over.html", invitation=invitation, reason=None)


@pages.post("/meetings/<uuid:meeting_id>/hand-over")
@rep_required
def hand_over(meeting_id: UUID) -> Response:
    """Hand the rep's phone over to the client: it shows only the client's page until the PIN is entered or somebody
    signs in, and the answer is marked."""
    invitation = own_invitation(meeting_id, request.form.get("invitation"))
    pin = request.form.get("pin", "")
    if not re.fullmatch(r"[0-9]{4}", pin):
        reason = app_text("A PIN is four digits, such as 4711.")
        return render("meetings/hand_over.html", status=422, invitation=invitation, reason=reason)
    lock_here(invitation.token, invitation.id, lambda secret: _hash_pin(secret, pin))
    return redirect_to(url_for("client.ask", token=invitation.token))


@pages.post("/unlock")
def unlock() -> Response:
    """Take the phone back by its PIN. After three wrong tries the session ends, and only signing in helps."""
    known = locked_here()
    if known is None:
        return redirect_to(url_for("auth.sign_in"))
    organisation_id, secret = known
    expected = locked_by(read_session(), organisation_id, session_hash(secret), now())
    tries = Limit(_hash("tries", secret), MOST_TRIES)
    if expected is None or not reserve(db(), [tries], now()):
        return _end(organisation_id, secret)
    if not hmac.compare_digest(expected, _hash_pin(secret, request.form.get("pin", ""))):
        # The second counter tells which try it was: after the last one a pause brings no new ones.
        if reserve(db(), [Limit(_hash("wrong", secret), MOST_TRIES - 1)], now()):
            return redirect_to(url_for("auth.sign_in", wrong=1))
        return _end(organisation_id, secret)
    release(db(), [tries])
    with tap(db(), organisation_id, now()) as c:
        unlock_session(c, secret)
    unlock_here()
    return redirect_to(url_for("meetings.index"))


def _end(organisation_id: UUID, secret: str) -> Response:
    with tap(db(), organisation_id, now()) as c:
        end_session(c, secret)
    session.pop("locked", None)
    return redirect_to(url_for("auth.sign_in"))


def _hash_pin(secret: str, pin: str) -> str:
    """Return what is stored of a PIN. It is bound to the session, and keyed, since four digits are quickly tried."""
    return _hash("pin", secret, pin)


def _hash(*words: str) -> str:
    key = app_context().settings.secret_key.encode()
    return hmac.new(key, "\n".join(("hand over", *words)).encode(), hashlib.sha256).hexdigest()
