"""A page rendered once for each language and look, with what differs from client to client filled in for each request.

Measured: to render the six rows, their thirty rings and the menu of languages took ten times as long as everything
else that a request needs.
"""

import re
from collections.abc import Callable, Mapping

from flask import Response, g, request
from markupsafe import escape

from feedback.web.bounded import Bounded

# No element of the six rows stands in a line of text, so the space between two lines means nothing.
_BETWEEN_LINES = re.compile(r"(?<=>)\s*\n\s*(?=<)|(?<=\n)\s+")
PREPARED = "feedback.prepared"  # names, in the environ of a request, the kind of page that answers it
_MARK = re.compile(r"zq(\w+?)qz")  # in letters that stay as they are in texts and in addresses


def mark(name: str) -> str:
    """Return what stands in a prepared page in place of a value."""
    return f"zq{name}qz"


Kind = tuple[str | None, ...]  # what two pages differ in, beside their marks
MOST_PAGES = 1000  # of some 10 KB: 37 languages of what all organisations have alike, and those with a look of their own


class PreparedPages:
    """Prepared pages by what they differ in; each is rendered when it is first asked for."""

    def __init__(self) -> None:
        # each in pieces (text, name, text, name, ..., text), and which styles and scripts it carries
        self._pages: Bounded[Kind, tuple[list[str], frozenset[str]]] = Bounded(MOST_PAGES)

    def response(
        self, kind: Kind, render: Callable[[], str], values: Mapping[str, str], *, tight: bool = True
    ) -> Response:
        """Return the page of this kind with these values, escaped, by the names of its marks. render: renders
        it with marks, the first time. tight: without what stands between its lines. Raises KeyError when a value is
        missing."""
        known = self._pages.get(kind)
        if known is None:
            page = render()
            pieces = _MARK.split(_BETWEEN_LINES.sub("", page) if tight else page)
            known = pieces, frozenset(g.get("inlined", ()))
            self._pages.put(kind, known)
        g.inlined = known[1]
        request.environ[PREPARED] = kind
        response = Response(_filled(known[0], values), mimetype="text/html")
        response.headers["Vary"] = "HX-Request"
        return response

    def filled(self, kind: Kind, values: Mapping[str, str]) -> str | None:
        """Return a page of a kind that was rendered; None where it was not, or is remembered no more. Raises KeyError
        when a value is missing."""
        known = self._pages.get(kind)
        return _filled(known[0], values) if known else None


def _filled(pieces: list[str], values: Mapping[str, str]) -> str:
    page = pieces.copy()
    escaped = {name: str(escape(values[name])) for name in {*page[1::2]}}  # some stand there three times
    page[1::2] = [escaped[name] for name in page[1::2]]
    return "".join(page)
