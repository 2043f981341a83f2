"""Headers that every response carries, pages and static files alike."""

from collections.abc import Callable
from wsgiref.headers import Headers

from flask import Response, g

from feedback.config import Settings
from feedback.web.assets import content_policy

YEAR = 365 * 24 * 60 * 60  # seconds
_FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"  # should somebody open a picture by itself
# What a script put into our pages could ask for, and no page of ours needs.
_NEVER_USED = ("camera", "geolocation", "microphone", "payment", "usb")


def transport_policy(settings: Settings) -> str | None:
    """Return how browsers are to come back: with TLS only, where the public address has it; to hosts below it, too, where
    whoever owns the name says so. None: as they like."""
    if not settings.has_tls:
        return None
    return f"max-age={YEAR}; includeSubDomains" if settings.hsts == "subdomains" else f"max-age={YEAR}"


def common_headers(transport: str | None) -> dict[str, str]:
    """Return what every response carries. transport: of transport_policy."""
    return {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NEVER_USED),
        "Server": "web",  # left out, the server would name itself
        **({"Strict-Transport-Security": transport} if transport else {}),
    }


def page_headers(transport: str | None) -> Callable[[Response], Response]:
    """Return the function that adds to a response of a view what the view did not set itself."""
    defaults = {**common_headers(transport), "Cache-Control": "no-store"}

    def add(response: Response) -> Response:
        for name, value in defaults.items():
            if name not in response.headers:
                response.headers.add(name, value)
        response.headers.setdefault("Content-Security-Policy", content_policy(g.get("inlined", ())))
        return response

    return add


def text_headers(transport: str | None) -> dict[str, str]:
    """Return what an answer in plain text carries that no view made. transport: of transport_policy."""
    return {
        "Content-Type": "text/plain; charset=utf-8",
        **common_headers(transport),
        "Cache-Control": "no-store",
        "Content-Security-Policy": _FILE_POLICY,
    }


def add_file_headers(transport: str | None) -> Callable[[Headers, str, str], None]:
    """Return the function that adds to a static file what it carries, as WhiteNoise calls it."""
    carried = {**common_headers(transport), "Content-Security-Policy": _FILE_POLICY}

    def add(headers: Headers, _path: str, _url: str) -> None:
        for name, value in carried.items():
            headers[name] = value

    return add


def forget_this_site(response: Response) -> Response:
    """Let the browser forget the pages it has seen. Its storage stays: taps of a client may wait there for a network,
    and codes that were kept are deleted by the service worker."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
