"""Headers that every response carries, pages and static files alike."""

from collections.abc import Callable
from wsgiref.headers import Headers

from flask import Response, g

from feedback.web.assets import content_policy

YEAR = 365 * 24 * 60 * 60  # seconds
_FILE_POLICY = "default-src 'none'; frame-ancestors 'none'"  # should somebody open a picture by itself
# What a script put into our pages could ask for, and no page of ours needs.
_NEVER_USED = ("camera", "geolocation", "microphone", "payment", "usb")


def common_headers(https: bool) -> dict[str, str]:
    """Return what every response carries. https: whether the public address has TLS; browsers then come back with TLS
    only. (Whether names below ours do, too, is for whoever owns the name to say.)"""
    return {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NEVER_USED),
        "Server": "web",  # left out, the server would name itself
        **({"Strict-Transport-Security": f"max-age={YEAR}"} if https else {}),
    }


def page_headers(https: bool) -> Callable[[Response], Response]:
    """Return the function that adds to a response of a view what the view did not set itself."""
    defaults = {**common_headers(https), "Cache-Control": "no-store"}

    def add(response: Response) -> Response:
        for name, value in defaults.items():
            if name not in response.headers:
                response.headers.add(name, value)
        response.headers.setdefault("Content-Security-Policy", content_policy(g.get("inlined", ())))
        return response

    return add


def add_file_headers(https: bool) -> Callable[[Headers, str, str], None]:
    """Return the function that adds to a static file what it carries, as WhiteNoise calls it."""
    carried = {**common_headers(https), "Content-Security-Policy": _FILE_POLICY}

    def add(headers: Headers, _path: str, _url: str) -> None:
        for name, value in carried.items():
            headers[name] = value

    return add


def forget_this_site(response: Response) -> Response:
    """Let the browser forget the pages it has seen. Its storage stays: taps of a client may wait there for a network,
    and codes that were kept are deleted by the service worker."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
