"""The origin of a request, as keyed hashes from which nothing can be read."""

import hmac
from uuid import UUID

from flask import request, session

from feedback.actions.trust import Fingerprint
from feedback.context import app_context
from feedback.core.answer_key import Browser
from feedback.web.context import viewer
from feedback.web.limits import network


def browser_of(organisation_id: UUID, token: str | None = None) -> Browser:
    """Return whose browser this request comes from.

    token: of the invitation being answered. A rep's phone that was handed over for it counts as handed over;
    one that was handed over for another invitation counts as a rep's browser.
    """
    user, handed_over_for = viewer(), session.get("handed_over")
    if token is not None and handed_over_for == token:
        return Browser.HANDED_OVER
    signed_in = user is not None and user.is_rep and user.organisation_id == organisation_id
    for_another = bool(handed_over_for) and session.get("organisation") == str(organisation_id)
    return Browser.REPS if signed_in or for_another else Browser.CLIENTS


def fingerprint_of(organisation_id: UUID, token: str | None = None) -> Fingerprint:
    """Return the fingerprint of this request. token: as in browser_of."""
    return make_fingerprint(
        app_context().settings.secret_key,
        organisation_id,
        mark=request.form.get("mark", ""),
        network=network(),
        browser=request.user_agent.string,
        whose=browser_of(organisation_id, token),
        scripted="sequence" in request.form,
    )


def make_fingerprint(
    secret_key: str,
    organisation_id: UUID,
    *,
    mark: str,
    network: str,
    browser: str,
    whose: Browser,
    scripted: bool,
) -> Fingerprint:
    """Return the fingerprint of a request that said this of itself. mark: of the device, empty for none. browser: its
    User-Agent."""
    key, device_mark = secret_key.encode(), mark[:64]
    return Fingerprint(
        device=_hash(key, organisation_id, "device", device_mark) if device_mark else None,
        network=_hash(key, organisation_id, "network", network),
        browser=_hash(key, organisation_id, "browser", browser[:500]),
        whose=whose,
        scripted=scripted,
    )


def _hash(key: bytes, organisation_id: UUID, kind: str, value: str) -> str:
    return hmac.digest(key, f"{organisation_id}\n{kind}\n{value}".encode(), "sha256").hex()[:32]
