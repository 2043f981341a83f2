"""The decision between a whole page and a partial for htmx. No other module makes it."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask_htmx import HTMX

htmx = HTMX()


def wants_partial() -> bool:
    """Tell whether the request wants a partial: htmx does, except when it restores history and needs the
    whole page."""
    return bool(htmx) and not htmx.history_restore_request


def render(template: str, partial: str | None = None, *, status: int = 200, **values: Any) -> Response:
    """Render the page, or only its partial when the request wants that."""
    name = partial if partial and wants_partial() else template
    response = make_response(render_template(name, **values), status)
    response.vary.add("HX-Request")
    return response


def conditional(response: Response) -> Response:
    """Answer 304 when the browser has exactly this response already. For partials that are polled."""
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def redirect_to(address: str) -> Response:
    """Send the browser to another page after a form; it loads that page with GET."""
    if wants_partial():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, code=303))
