"""Rate limits of requests. They are counted in the memory of each process, or in Redis for several; attempts to sign in
are counted in the database (web/sign_in_limits.py)."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from uuid import UUID

from flask import abort, current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback.core.tokens import normalise_token

POSTS_PER_TOKEN = RateLimitItemPerMinute(60)
UPLOADS_PER_PERSON = RateLimitItemPerMinute(10)
SECONDS_READ_PER_PERSON = RateLimitItemPerMinute(10)  # of calendars; one that was begun is read to its end
REQUESTS_PER_API_TOKEN = RateLimitItemPerMinute(600)
PROVIDERS_PER_NETWORK = RateLimitItemPerMinute(60)  # each asks somebody else's server
REQUESTS_PER_NETWORK = RateLimitItemPerMinute(1200)  # a whole office shares one
COUNTED = "feedback.counted"  # marks, in its environ, a request that was counted
UNKNOWN = "unknown"  # the network of whatever a proxy writes in place of an address


def network() -> str:
    """Return the network of a request: the IPv4 address, or of IPv6 the /64, which a household or office has.
    Proxies write ports and zones beside an address, or a word where they hide it: whatever is no address is one network,
    or a word made up for each request would be under no limit."""
    return network_of(request.remote_addr or "")


def network_of(remote_addr: str) -> str:
    """Return the network of an address, as `network` does."""
    text = remote_addr.strip().strip('"')  # as in Forwarded (RFC 7239), from where some proxies copy it
    address = _address(text)
    if address is None:
        return UNKNOWN
    return str(address) if address.version == 4 else ":".join(address.exploded.split(":")[:4])


def network_of_head(trusted_proxies: int) -> Callable[[str, Sequence[tuple[bytes, bytes]]], str]:
    """Return what tells the network of a request by its head, as `network` tells it to the application: called with the
    address of the connection and the headers."""

    def network_told(address: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        passed_on = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": ",".join(passed_on)}
        behind(environ, lambda *_: bytes)  # it sets REMOTE_ADDR to what it believes
        return network_of(environ["REMOTE_ADDR"])

    behind = ProxyFix(lambda *_: [], x_for=trusted_proxies, x_proto=0, x_host=0)
    return network_told if trusted_proxies else lambda address, _headers: network_of(address)


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
    if COUNTED in request.environ:
        return
    _count(REQUESTS_PER_NETWORK, "client", network())
    token = (request.view_args or {}).get("token")
    if token and request.method == "POST":
        _count(POSTS_PER_TOKEN, "answer", normalise_token(token) or "")


def limit_uploads(user_id: UUID) -> None:
    """Count a person's upload; 429 for one too many."""
    _count(UPLOADS_PER_PERSON, "upload", str(user_id))


@contextmanager
def reading_for(user_id: UUID) -> Iterator[None]:
    """Read a person's calendar while the block runs, which counts its seconds; 429 for somebody whose calendars have taken
    too long just now, or one person could take the turns of everybody else."""
    counters: FixedWindowRateLimiter = current_app.extensions["limits"]
    key = ("reading", str(user_id))
    if not counters.test(SECONDS_READ_PER_PERSON, *key):
        abort(429)
    began = time.monotonic()
    try:
        yield
    finally:
        if seconds := int(time.monotonic() - began):
            counters.hit(SECONDS_READ_PER_PERSON, *key, cost=seconds)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests somebody has left."""

    within: bool  # this one is allowed
    limit: int  # requests a minute
    left: int
    seconds: int  # until all are there again


def limit_programs() -> None:
    """Count a request to the API, whoever sends it; 429 for one too many from a network."""
    _count(REQUESTS_PER_NETWORK, "api", network())


def count_token(token_id: UUID) -> Allowance:
    """Count a request with a token of the API."""
    counters: FixedWindowRateLimiter = current_app.extensions["limits"]
    limit, key = REQUESTS_PER_API_TOKEN, ("api token", str(token_id))
    within = counters.hit(limit, *key)
    stats = counters.get_window_stats(limit, *key)
    seconds = max(1, round(stats.reset_time - time.time()))
    return Allowance(within, limit.amount, stats.remaining, seconds)


def limit_providers() -> None:
    """Count a request about an OpenID Connect provider; 429 for one too many from a network."""
    _count(PROVIDERS_PER_NETWORK, "provider", network())


def count_client(
    counters: FixedWindowRateLimiter, environ: dict[str, Any], network: str, posted_to: str | None = None
) -> bool:
    """Count a request for a client's page as limit_client does, which then does not count it again; tell whether it is
    within the limits. posted_to: the normalised token of a POST."""
    within = counters.hit(REQUESTS_PER_NETWORK, "client", network)
    if within and posted_to:
        within = counters.hit(POSTS_PER_TOKEN, "answer", posted_to)
    if within:
        environ[COUNTED] = True
    return within


def _count(limit: RateLimitItem, scope: str, key: str) -> None:
    counters: FixedWindowRateLimiter = current_app.extensions["limits"]
    if not counters.hit(limit, scope, key):
        abort(429)
