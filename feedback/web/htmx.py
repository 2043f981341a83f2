"""Page or partial: decided here and nowhere else."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask_htmx import HTMX

htmx = HTMX()


def wants_partial() -> bool:
    """htmx asks for a partial, except when it restores history: then it needs the whole page."""
    return bool(htmx) and not htmx.history_restore_request


def render(template: str, partial: str | None = None, *, status: int = 200, **values: Any) -> Response:
    """The page, or only the partial in it when that is what was asked for."""
    name = partial if partial and wants_partial() else template
    response = make_response(render_template(name, **values), status)
    response.vary.add("HX-Request")
    return response


def conditional(response: Response) -> Response:
    """304 when the asker has exactly this already. For partials that are asked for again and again."""
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def redirect_to(address: str) -> Response:
    """On to another page, after a form: GET it."""
    if wants_partial():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, code=303))
