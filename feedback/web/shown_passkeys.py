"""Passkeys that a browser shows: the challenge it is given, once, and whose passkey answers it."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from flask import abort, session

from feedback.actions.change import tap
from feedback.actions.passkeys import NOT_KNOWN, NOT_RIGHT, Cloned, Site, organisation_in, use_passkey
from feedback.db.change import Invalid
from feedback.web.context import db, mails_from, now
from feedback.web.sites import passkey_site

CHALLENGE_FOR = timedelta(minutes=10)
SIGNS_IN, PROVES = (
    "challenge",
    "proof_challenge",
)  # a proof must not use up the challenge of a passkey that is being made


def site_here() -> Site:
    """Return where passkeys are for; abort with 404 where there can be none."""
    found = passkey_site()
    if found is None:
        abort(404)
    return found


def new_challenge(purpose: str = SIGNS_IN) -> bytes:
    """Make a challenge that this browser alone answers."""
    challenge = secrets.token_bytes(32)
    session[purpose] = [urlsafe_b64encode(challenge).decode(), now().isoformat()]
    return challenge


def challenge_here(purpose: str = SIGNS_IN) -> bytes:
    """Return the challenge that this browser was given lately, once. Raises Invalid."""
    try:
        challenge, since = session.pop(purpose)
        if now() - datetime.fromisoformat(since) < CHALLENGE_FOR:
            return urlsafe_b64decode(challenge)
    except (KeyError, ValueError, TypeError):
        pass
    raise Invalid(passkey=NOT_RIGHT)


def shown_passkey(reply: str, purpose: str = SIGNS_IN) -> tuple[UUID, UUID]:
    """Return organisation and id of whose passkey this browser has just shown. Raises Invalid."""
    site, challenge, where = site_here(), challenge_here(purpose), organisation_in(reply)
    if where is None:
        raise Invalid(passkey=NOT_KNOWN)
    cloned: Cloned | None = None
    with tap(db(), where, now()) as c:
        try:
            return where, use_passkey(c, reply, site, challenge, mails_from())
        except Cloned as error:
            cloned = error  # what was written about it stays
    raise cloned
