"""The outermost layer of the application: numbers each request, counts it, and writes its line.

It stands before everything else, and costs a few microseconds: the client's page passes here, too.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any
from uuid import UUID

from feedback.logs import REQUEST_NUMBER, RequestLine, request_writer
from feedback.web.metrics import count_request

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

NUMBER = "feedback.request"  # in the environ: the number of the request
ORGANISATION = "feedback.organisation"  # set by whoever finds out whose request it is
ROUTE = "feedback.route"  # set by whoever answers before Flask has looked for the route
HEADER = "X-Request-ID"
_FROM_PROXY = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_CLIENTS = ("/f/<token>", "/f/<token>/<key>", "/f/<token>/<key>/<what>")  # by how many parts follow /f/


def observed(app: WsgiApp, log: str, *, proxied: bool) -> WsgiApp:
    """Return the application with numbers, counts and lines. log: a style of feedback.logs, or one that writes
    nothing. proxied: whether a proxy that is trusted stands in front, and may give the number."""
    write = request_writer(log)

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = perf_counter()
        number = number_of(environ, proxied=proxied)
        REQUEST_NUMBER.set(number)
        status, size, route = 500, None, ""

        def start(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status, size, route
            status, route = int(line[:3]), route_of(environ)  # here, for Flask forgets it when it is done
            for name, value in headers:
                if name == "Content-Length":
                    size = int(value)
            return start_response(line, [*headers, (HEADER, number)], *error)

        try:
            return app(environ, start)
        finally:
            seconds = perf_counter() - began
            method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "other"
            route = route or route_of(environ)
            count_request(route, method, status, seconds)
            if write:
                write(RequestLine(number, method, route, status, seconds, size, environ.get(ORGANISATION)))

    return answer


def number_of(environ: Environ, *, proxied: bool) -> str:
    """Return the number of a request, and write it down there: the proxy's or a new one. proxied: as of `observed`."""
    number: str = environ.get(NUMBER) or (environ.get("HTTP_X_REQUEST_ID", "") if proxied else "")
    if not _FROM_PROXY.fullmatch(number):
        # Random, for the next number would tell a rep whether somebody else asked meanwhile.
        number = secrets.token_hex(8)
    environ[NUMBER] = number
    return number


def route_of(environ: Environ) -> str:
    """Return the template of the address that was asked for, "none" where there is no such address."""
    told: str | None = environ.get(ROUTE)
    if told is not None:
        return told
    found = getattr(environ.get("werkzeug.request"), "url_rule", None)
    if found is not None:
        rule: str = found.rule
        return rule
    path: str = environ.get("PATH_INFO", "")
    if path.startswith("/static/"):
        return "/static/<file>"
    if path[:3] in ("/f/", "/F/"):
        return _CLIENTS[min(path.count("/", 3), 2)]
    return "none"


def note_organisation(environ: Environ, organisation_id: UUID) -> None:
    """Write down whose request it is, for its line."""
    environ[ORGANISATION] = organisation_id
