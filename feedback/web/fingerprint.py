"""Where a request comes from, as keyed hashes that say nothing by themselves."""

import hashlib
import hmac
from uuid import UUID

from flask import request, session

from feedback.actions.trust import Fingerprint
from feedback.context import app_context
from feedback.web.context import viewer
from feedback.web.limits import network


def fingerprint_of(organisation_id: UUID, token: str | None = None) -> Fingerprint:
    """This request's marks. token: the invitation being answered, to know a rep's phone that was handed
    over for it; one that was handed over for another is a rep's browser like any other."""
    who, handed_over_for = viewer(), session.get("handed_over")
    handed_over = token is not None and handed_over_for == token
    signed_in = who is not None and who.is_rep and who.organisation_id == organisation_id
    strayed = (
        bool(handed_over_for) and not handed_over and session.get("organisation") == str(organisation_id)
    )
    mark = request.form.get("mark", "")[:64]
    return Fingerprint(
        device=_hash(organisation_id, "device", mark) if mark else None,
        network=_hash(organisation_id, "network", network()),
        browser=_hash(organisation_id, "browser", request.user_agent.string[:500]),
        reps_browser=signed_in or strayed,
        handed_over=handed_over,
        scripted="sequence" in request.form,
    )


def _hash(organisation_id: UUID, kind: str, value: str) -> str:
    key = app_context().settings.secret_key.encode()
    return hmac.new(key, f"{organisation_id}\n{kind}\n{value}".encode(), hashlib.sha256).hexdigest()[:32]
