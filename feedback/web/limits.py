"""Rate limits. They are counted in memory, or in Redis for several processes."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import abort, request
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerMinute

from feedback.core.tokens import normalise_token

POSTS_PER_TOKEN = RateLimitItemPerMinute(60)
REQUESTS_PER_NETWORK = RateLimitItemPerMinute(1200)  # a whole office shares one
FAILURES_PER_ACCOUNT = "10 per 10 minutes"
FAILURES_PER_NETWORK = "100 per 10 minutes"
LONGEST_WORD = 64  # that a proxy writes in place of an address


def network() -> str:
    """Return the network of a request: the IPv4 address, or of IPv6 the /64, which a household or office has.
    Proxies write ports and zones beside an address, or a word where they hide it; a word is one network."""
    text = (request.remote_addr or "").strip()
    address = _address(text)
    if address is None:
        return f"hidden {text[:LONGEST_WORD]}"
    return str(address) if address.version == 4 else ":".join(address.exploded.split(":")[:4])


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in 192.0.2.1, 192.0.2.1:4711, 2001:db8::1, [2001:db8::1]:4711 or fe80::1%eth0."""
    bare = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", text).partition("%")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def limit_client() -> None:
    """Count a request for a client's page; 429 for one too many from a network, or to one invitation."""
    _count(REQUESTS_PER_NETWORK, "client", network())
    token = (request.view_args or {}).get("token")
    if token and request.method == "POST":
        _count(POSTS_PER_TOKEN, "answer", normalise_token(token) or "")


def _count(limit: RateLimitItem, scope: str, key: str) -> None:
    if not limiter.limiter.hit(limit, scope, key):
        abort(429)


def account_key() -> str:
    """Return the key that attempts to sign in with one e-mail address are counted under."""
    return f"account {request.form.get('email', '').strip().casefold()[:320]}"


limiter = Limiter(network, default_limits=[], headers_enabled=False)
