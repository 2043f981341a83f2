"""What programs are told when something goes wrong: problem+json (RFC 9457), in the words of the pages."""

import json
from typing import Any

from flask import Response, make_response

MEDIA = "application/problem+json"


def for_programs(path: str) -> bool:
    """Tell whether an address is asked by programs, with a token, and not by browsers."""
    return path.startswith("/api/v1/") or path == "/mcp"


def problem(status: int, title: str, detail: str = "", **more: Any) -> Response:
    """Return a problem. more: members of its own, such as `errors`, by field; those that are None are left out."""
    said = {"type": "about:blank", "title": str(title), "status": status, "detail": str(detail), **more}
    body = json.dumps({name: value for name, value in said.items() if value is not None and value != ""})
    response = make_response(body, status)
    response.headers["Content-Type"] = MEDIA
    return response
