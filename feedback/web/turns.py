"""Requests that take as long as whoever sends them likes, since a calendar is read for them. They are answered one after
the other beside all others (serving/bridge.py), which wait for none of them."""

from typing import Any

from flask import abort, request

from feedback.web.errors import RETRY_AFTER, error_page
from feedback.wording.i18n import lazy_app_text

BUSY = "feedback.busy"  # in the environ: those before it took too long, and its body is no longer here
TAKE_LONG = {
    "calendar.upload": ("POST", "/meetings/calendar"),
    "api.upload_calendar": ("PUT", "/api/v1/calendar"),
}  # how, and where
_app = lazy_app_text
WORDS = (
    _app("Others are uploading their calendars just now"),
    _app("Nothing was changed."),
    _app("Wait a minute, then go back and try once more."),
)


def takes_long(method: str, path: str) -> bool:
    """Tell whether a request waits for a calendar to be read."""
    return (method, path) in TAKE_LONG.values()


def refuse_while_busy(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Refuse what did not get its turn, before anything reads its form, which is gone: 503."""
    if BUSY in request.environ:
        response = error_page(503, WORDS)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        abort(response)
