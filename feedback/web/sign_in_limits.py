"""How often may somebody try to sign in. Whoever tries on somebody else's account must not lock its owner out.

A browser in which somebody signed in before carries a signed cookie that says so, and is counted by itself: no attempt
from elsewhere uses its limit up. Everybody else is counted by account and network, and each of them as a whole.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from feedback.context import app_context
from feedback.db.counters import Limit
from feedback.web.limits import network

# Failed attempts in ten minutes (db/counters.py).
PER_DEVICE = 10  # that is known for this account
PER_ACCOUNT_AND_NETWORK = 10
PER_NETWORK = 100  # a whole office shares one
PER_ACCOUNT = 100  # from wherever
PER_NETWORK_SET_UP = 10  # wrong codes for the set-up of a new server
PER_NETWORK_FORGOTTEN = 20  # mails with a link that are asked for
WRONG_CODES = 5  # of a second factor
WRONG_CODES_A_DAY = 30
PER_NETWORK_SIGN_UP = 10  # mails in a day
SET_UPS = 100  # from wherever
DEVICE_KNOWN_FOR = timedelta(days=365)


def sign_in_limits(email: str) -> list[Limit]:
    """Return the limits under which this request may try to sign in with an address, as it was typed."""
    account = _normal(email)
    device = _known_device(account)
    if device:
        return [_limit(PER_DEVICE, "device", account, device)]
    return [
        _limit(PER_ACCOUNT_AND_NETWORK, "both", account, network()),
        _limit(PER_NETWORK, "network", network()),
        _limit(PER_ACCOUNT, "account", account),
    ]


def set_up_limits() -> list[Limit]:
    """Return the limits under which this request may try a code to set up a new server."""
    return [_limit(PER_NETWORK_SET_UP, "set-up", network()), _limit(SET_UPS, "set-up")]


def own_password_limits(user_id: UUID) -> list[Limit]:
    """Return the limits under which a signed-in person may try their old password."""
    return [_limit(PER_DEVICE, "own password", str(user_id))]


def code_limits(user_id: UUID) -> list[Limit]:
    """Return the limits under which a person's codes may be tried. Three of a million fit: five tries in ten minutes,
    and thirty in a day, leave a guess of one in ten thousand."""
    return [
        _limit(WRONG_CODES, "code", str(user_id)),
        Limit(_hash("codes", str(user_id)), WRONG_CODES_A_DAY, timedelta(hours=24)),
    ]


def passkey_limits() -> list[Limit]:
    """Return the limits under which this request may try to sign in with a passkey."""
    return [_limit(PER_NETWORK, "passkey", network())]


def proof_limits(user_id: UUID) -> list[Limit]:
    """Return the limits under which a signed-in person may show again who they are."""
    return [_limit(PER_DEVICE, "proof", str(user_id))]


def forgotten_limits() -> list[Limit]:
    """Return the limits under which this request may ask for a mail to whomever."""
    return [_limit(PER_NETWORK_FORGOTTEN, "forgotten", network())]


def link_limits() -> list[Limit]:
    """Return the limits under which this request may ask for a mail with a link to sign in."""
    return [_limit(PER_NETWORK_FORGOTTEN, "sign-in link", network())]


def sign_up_limits() -> list[Limit]:
    """Return the limits under which this request may ask for an organisation."""
    return [Limit(_hash("sign-up", network()), PER_NETWORK_SIGN_UP, timedelta(hours=24))]


def remember_device(response: Response, email: str) -> None:
    """Let this browser be known for an account: it has just shown the right password."""
    account = _normal(email)
    known = _known_device(account) or secrets.token_urlsafe(16)
    response.set_cookie(
        _cookie_name(),
        _signer().dumps([_hash("known", account), known]),
        max_age=DEVICE_KNOWN_FOR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def is_known_device(email: str) -> bool:
    """Tell whether somebody has signed in to an account in this browser before."""
    return _known_device(_normal(email)) is not None


def _known_device(account: str) -> str | None:
    """Return the id of this browser when it is known for the account, else None."""
    try:
        for_account, device = _signer().loads(request.cookies.get(_cookie_name(), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(device) if hmac.compare_digest(str(for_account), _hash("known", account)) else None


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME'].removesuffix('session')}device"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(app_context().settings.secret_key, salt="known device")


def attempt_key(what: str, email: str) -> str:
    """Return the key of a counter about an address, from which the address cannot be read."""
    return _hash(what, _normal(email))


def _limit(most: int, *words: str) -> Limit:
    return Limit(_hash(*words), most)


def _hash(*words: str) -> str:
    key = app_context().settings.secret_key.encode()
    return hmac.new(key, "\n".join(("attempts", *words)).encode(), hashlib.sha256).hexdigest()


def _normal(email: str) -> str:
    return email.strip().casefold()[:320]
