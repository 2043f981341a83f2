"""Fetching what an address of a stranger leads to: from checked IP addresses only, within a budget of time and bytes, over
all redirects together. Nothing of an address is ever in an error or a log: it may be as good as a password."""

import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from time import monotonic
from urllib.parse import urljoin, urlsplit

from feedback import __version__
from feedback.calendar.planned import LARGEST
from feedback.core.calendar.faults import CalendarFault
from feedback.sending.http import CheckedConnection
from feedback.webhooks.subscriptions import addresses_of
from feedback.webhooks.targets import target_of

SECONDS = 15.0  # for all of it
MOST_REDIRECTS = 5

_PART = 1 << 16  # bytes read at a time
_REDIRECTS = (301, 302, 303, 307, 308)


class Unfetched(Exception):
    """Raised when nothing came that can be used; `fault` says why."""

    def __init__(self, fault: CalendarFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(slots=True)
class Budget:
    """What is left of time and bytes for one calendar, whatever it takes."""

    private: bool = False  # whether it may lead into our own network
    deadline: float = field(default_factory=lambda: monotonic() + SECONDS)
    left: int = LARGEST  # bytes, unpacked

    @property
    def seconds(self) -> float:
        """Return the seconds that are left, above 0. Raises Unfetched."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise Unfetched(CalendarFault.TIME)
        return left


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whole and unpacked."""

    status: int
    headers: Mapping[str, str]  # by names in lower case
    body: bytes


def fetch(url: str, headers: Mapping[str, str], budget: Budget) -> Fetched:
    """Return what is at an address, after redirects, each of which is checked like the first. Status 200 or 304, nothing
    else. Raises Unfetched."""
    for _ in range(MOST_REDIRECTS + 1):
        found = request("GET", url, headers, None, budget)
        if found.status not in _REDIRECTS:
            return checked(found)
        url = redirected(url, found.headers.get("location", ""))
    raise Unfetched(CalendarFault.REDIRECTS)


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads. Raises Unfetched."""
    try:
        return https_of(urljoin(url, location)) if location else ""
    except ValueError as error:
        raise Unfetched(CalendarFault.REDIRECTS) from error


def https_of(url: str) -> str:
    """Return an address as it is fetched: webcal:// is another word for https://."""
    scheme, rest = url.partition("://")[::2]
    return f"https://{rest}" if scheme.lower() in ("webcal", "webcals") else url


def checked(found: Fetched) -> Fetched:
    """Return an answer that is one. Raises Unfetched."""
    if found.status in (401, 403, 407):
        raise Unfetched(CalendarFault.SIGN_IN)
    if found.status in (404, 410):
        raise Unfetched(CalendarFault.GONE)
    if found.status not in (200, 207, 304):
        raise Unfetched(CalendarFault.SERVER)
    return found


def request(method: str, url: str, headers: Mapping[str, str], body: bytes | None, budget: Budget) -> Fetched:
    """Send one request and return the answer, whatever its status; follows no redirect. Raises Unfetched."""
    try:
        target = target_of(url.partition("#")[0], private=budget.private)
    except ValueError as error:
        raise Unfetched(CalendarFault.REDIRECTS) from error
    try:
        addresses = addresses_of(target, private=budget.private, seconds=budget.seconds)
    except TimeoutError:
        raise Unfetched(CalendarFault.TIME) from None
    except OSError as error:  # with a cause where the name is not known
        fault = CalendarFault.ADDRESS if error.__cause__ else CalendarFault.PRIVATE
        raise Unfetched(fault) from None
    sent = {"User-Agent": f"Beyond-Doughnuts/{__version__}", "Accept-Encoding": "gzip", **headers}
    connection = CheckedConnection(target, addresses, budget.seconds)
    try:
        connection.request(method, target.path, body, sent)
        with connection.getresponse() as response:
            read = _body(response, budget, lambda: connection.timed_out)
        return Fetched(response.status, {k.lower(): v for k, v in response.getheaders()}, read)
    except Unfetched:
        raise
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        if connection.timed_out:
            raise Unfetched(CalendarFault.TIME) from None
        is_certificate = isinstance(error, ssl.SSLCertVerificationError)
        fault = CalendarFault.CERTIFICATE if is_certificate else CalendarFault.CONNECTION
        raise Unfetched(fault) from None
    finally:
        connection.finish()


def same_server(url: str, other: str) -> bool:
    """Tell whether what one server may be told may be told to the other."""
    first, second = urlsplit(url), urlsplit(other)
    return (first.scheme, first.hostname, first.port) == (second.scheme, second.hostname, second.port)


def _body(response: HTTPResponse, budget: Budget, timed_out: Callable[[], bool]) -> bytes:
    """Read an answer and unpack it as it comes, so that what unfolds to more than is left is not unfolded."""
    packed = response.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip", "deflate")
    unpack = zlib.decompressobj(47) if packed else None  # 47: gzip or zlib, as it says itself
    parts: list[bytes] = []
    raw_left = budget.left
    while part := response.read(_PART):
        raw_left -= len(part)
        plain = unpack.decompress(part, budget.left + 1) if unpack else part
        budget.left -= len(plain)
        if budget.left < 0 or raw_left < 0 or (unpack and unpack.unconsumed_tail):
            raise Unfetched(CalendarFault.SIZE)
        parts.append(plain)
    if timed_out():
        raise Unfetched(CalendarFault.TIME)
    if response.length or (unpack and not unpack.eof and parts):
        raise Unfetched(CalendarFault.CONNECTION)  # it ended in the middle
    return b"".join(parts)
