"""Rate limits. They are counted in memory, or in Redis for several processes."""

from ipaddress import ip_address

from flask import request
from flask_limiter import Limiter

from feedback.core.tokens import normalise_token

POSTS_PER_TOKEN = "60 per minute"  # noqa: S105 (a limit, no password)
REQUESTS_PER_NETWORK = "1200 per minute"  # a whole office shares one
FAILURES_PER_ACCOUNT = "10 per 10 minutes"
FAILURES_PER_NETWORK = "100 per 10 minutes"


def network() -> str:
    """Return the network of a request: the IPv4 address, or of IPv6 the /64, which a household or office
    has."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 (no socket is bound)
    return str(address) if address.version == 4 else ":".join(address.exploded.split(":")[:4])


def token_key() -> str:
    """Return the key that requests for one invitation are counted under."""
    return f"token {normalise_token(str((request.view_args or {}).get('token', '')))}"


def account_key() -> str:
    """Return the key that attempts to sign in with one e-mail address are counted under."""
    return f"account {request.form.get('email', '').strip().casefold()[:320]}"


limiter = Limiter(network, default_limits=[], headers_enabled=False)
