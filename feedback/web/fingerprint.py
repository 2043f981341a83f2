"""The origin of a request, as keyed hashes from which nothing can be read."""

import hashlib
import hmac
from uuid import UUID

from flask import request, session

from feedback.actions.trust import Fingerprint
from feedback.context import app_context
from feedback.web.context import viewer
from feedback.web.limits import network


def fingerprint_of(organisation_id: UUID, token: str | None = None) -> Fingerprint:
    """Return the fingerprint of this request.

    token: of the invitation being answered. A rep's phone that was handed over for it counts as handed over;
    one that was handed over for another invitation counts as a rep's browser.
    """
    user, handed_over_for = viewer(), session.get("handed_over")
    handed_over = token is not None and handed_over_for == token
    signed_in = user is not None and user.is_rep and user.organisation_id == organisation_id
    handed_over_for_another = (
        bool(handed_over_for) and not handed_over and session.get("organisation") == str(organisation_id)
    )
    device_mark = request.form.get("mark", "")[:64]
    return Fingerprint(
        device=_hash(organisation_id, "device", device_mark) if device_mark else None,
        network=_hash(organisation_id, "network", network()),
        browser=_hash(organisation_id, "browser", request.user_agent.string[:500]),
        reps_browser=signed_in or handed_over_for_another,
        handed_over=handed_over,
        scripted="sequence" in request.form,
    )


def _hash(organisation_id: UUID, kind: str, value: str) -> str:
    key = app_context().settings.secret_key.encode()
    return hmac.new(key, f"{organisation_id}\n{kind}\n{value}".encode(), hashlib.sha256).hexdigest()[:32]
