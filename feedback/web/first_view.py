"""The client's first view, and the second page that follows Done, answered before the application: a client waits for the
first at a door.

Only what is plain is answered here: a GET without a cookie, in a language that was asked for before, with the token alone
of an invitation that nobody has begun, or with its key of an answer that was done. Everything else goes on to the application, which answers this, too, and
in the same way: the headers are those that it gave to the first such page.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import brotli
from flask import Flask
from werkzeug.sansio.utils import get_host

from feedback.context import AppContext
from feedback.core.answer_key import hash_key, normalise_key
from feedback.core.tokens import normalise_token
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitation_by_token
from feedback.web.again import note_long_way
from feedback.web.bounded import Bounded
from feedback.web.client_pages import differing_values, extras_kind, extras_values, prepared_pages
from feedback.web.client_request import wished_languages
from feedback.web.hosts import takes_host
from feedback.web.limits import count_client, network_of
from feedback.web.prepared import PREPARED, Kind
from feedback.web.request_log import note_organisation
from feedback.wording.filters import day_in
from feedback.wording.i18n import LONGEST_HEADER, first_language, preferred_language

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
_ViewKind = tuple[Kind, str]  # of the prepared page, and Accept-Encoding
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_PATH = re.compile("/[fF]/([^/]+)(?:/([^/]+))?")
_SECOND = "step=extras"  # asks for the second page
BR_LEVEL, BR_WINDOW = 5, 16  # of brotli; an eighth smaller than level 4, for 0.05 ms
_OF_ONE = ("Content-Length", "Date")  # headers of one response; without a Date the server writes it
# What is remembered, so that nobody fills the memory with odd headers.
MOST_KINDS, LONGEST_ENCODING = 1000, 100


class FirstView:
    """A WSGI application in front of `inner`, which is that of `app`."""

    def __init__(self, app: Flask, inner: WsgiApp) -> None:
        self._app, self._inner = app, inner
        self._headers: Bounded[_ViewKind, Headers] = Bounded(MOST_KINDS)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = _PATH.fullmatch(environ["PATH_INFO"]) if _is_plain(environ) else None
        if path is None or (environ.get("QUERY_STRING", "") != (_SECOND if path[2] else "")):
            return self._inner(environ, start_response)
        try:
            key = normalise_key(path[2]) if path[2] else None
            invitation = None if path[2] and key is None else self._invitation(environ, path[1], key)
        except Exception as error:  # whatever it is, the application meets it, too, and has a page for it
            note_long_way(self._app, error)
            invitation = None
        if invitation is None:
            return self._inner(environ, start_response)
        tag = _language(invitation, environ)
        shown: Kind = (tag, None, extras_kind(invitation) if key else None, invitation.look)
        kind = shown, environ.get("HTTP_ACCEPT_ENCODING", "")
        headers = self._headers.get(kind)
        page = _page(invitation, shown, tag, key) if headers else None
        if headers is None or page is None:
            return self._inner(environ, self._remembering(kind, environ, start_response))
        note_organisation(environ, invitation.organisation_id)
        if ("Content-Encoding", "br") in headers:
            page = brotli.compress(page, quality=BR_LEVEL, lgwin=BR_WINDOW)
        start_response("200 OK", [*headers, ("Content-Length", str(len(page)))])
        return [page]

    def _invitation(self, environ: Environ, text: str, key: str | None) -> InvitationView | None:
        """Return the invitation that is asked for, counted and under a host of ours: while nobody has begun to answer, or
        with its key when it shows the second page; None for anything else."""
        context: AppContext = self._app.extensions["feedback"]
        token = normalise_token(text)
        host = get_host(environ["wsgi.url_scheme"], environ.get("HTTP_HOST"))
        if token is None or not takes_host(host, context.settings.base_url):
            return None
        if not count_client(
            self._app.extensions["limits"], environ, network_of(environ.get("REMOTE_ADDR", ""))
        ):
            return None
        now = context.clock()
        with context.db.connection() as connection:
            found = invitation_by_token(connection, token, hash_key(key) if key else None, now)
        if found is None or found.closed(now):
            return None
        plain = extras_kind(found) if key else found.looks_unbegun and not found.we_did
        return found if plain else None

    def _remembering(
        self, kind: _ViewKind, environ: Environ, start_response: Callable[..., Any]
    ) -> Callable[..., Any]:
        def start(status: str, headers: Headers, *error: Any) -> Any:
            known = environ.get(PREPARED) == kind[0]
            if known and dict(headers).get("Content-Encoding", "br") == "br":
                self._headers.put(kind, [header for header in headers if header[0] not in _OF_ONE])
            return start_response(status, headers, *error)

        return start


def _is_plain(environ: Environ) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "HTTP_COOKIE" not in environ
        and len(environ.get("HTTP_ACCEPT_ENCODING", "")) < LONGEST_ENCODING
    )


def _language(invitation: InvitationView, environ: Environ) -> str:
    browsers = preferred_language(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:LONGEST_HEADER])
    wishes = wished_languages(invitation.contact_language, browsers, invitation.organisation_language)
    return first_language(*wishes)


def _page(invitation: InvitationView, kind: Kind, tag: str, key: str | None) -> bytes | None:
    met_on = day_in(invitation.held_at, invitation.timezone, tag)
    values = extras_values(invitation, met_on, tag, key) if key else differing_values(invitation, met_on, tag)
    page = prepared_pages.filled(kind, values)
    return None if page is None else page.encode()
