"""What the page's script sends, answered before the application: that the page was opened, a tap, Done and the second page
without a choice. Of each answer these are eight requests of ten, and of a tap the framework around it took two thirds.

Only what is plain is answered here: nobody is signed in, the answer was begun on the client's own phone, and nothing has
to be said in words. Everything else goes on to the application, which answers this, too, and in the same way: the headers
are those that it gave to the first request of each kind.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from werkzeug.sansio.utils import get_host

from feedback.actions import answers
from feedback.actions.answer_keys import AnsweredElsewhere, AnswerErased, InvitationClosed, Sender
from feedback.actions.answers import Submission
from feedback.actions.change import change, is_due
from feedback.actions.taps import save_first_tap, save_next_tap
from feedback.context import AppContext
from feedback.core.answer_key import Browser, KeyKind, new_key, normalise_key
from feedback.core.tokens import normalise_token
from feedback.db.change import Calendar, Invalid
from feedback.db.errors import UNUSABLE, is_undone
from feedback.store.taps import find_opening, find_tapped, find_unbegun
from feedback.web.again import FAILED, note_long_way
from feedback.web.client_request import receipts_from, wished_languages
from feedback.web.fingerprint import make_fingerprint
from feedback.web.forms import tapped_fields
from feedback.web.hosts import takes_host
from feedback.web.limits import count_client, network_of
from feedback.web.request_log import note_organisation
from feedback.wording.i18n import LONGEST_HEADER, first_language, preferred_language

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_PATH = re.compile("/[fF]/([^/]+)(?:/([^/]+))?")
_FORM = "application/x-www-form-urlencoded"
LARGEST = 16 << 10  # bytes of a form that is read here
# What the page's script reads of a response without a body: where the page goes on, or what it opens next.
_GOES_ON, _OPENS_NEXT, _NOTHING = "HX-Replace-Url", "HX-Redirect", ""
_OF_ONE = (_GOES_ON, _OPENS_NEXT, "Date")  # headers of one response


@dataclass(frozen=True, slots=True)
class Sent:
    """A form of the client's page."""

    environ: Environ
    token: str  # normalised
    key: str | None  # of the address; None for the first tap
    form: dict[str, str]
    network: str

    def sender(self, organisation_id: UUID, key: str, context: AppContext) -> Sender:
        """Return who sent it."""
        fingerprint = make_fingerprint(
            context.settings.secret_key,
            organisation_id,
            mark=self.form.get("mark", ""),
            network=self.network,
            browser=self.environ.get("HTTP_USER_AGENT", ""),
            whose=Browser.CLIENTS,  # nobody is signed in
            scripted="sequence" in self.form,
        )
        return Sender(key, fingerprint, receipts_from(context.settings))

    def in_language(self, submission: Submission, found: Any) -> Submission:
        """Return the submission with the language of the page. found: the row that it is about."""
        browsers = preferred_language(self.environ.get("HTTP_ACCEPT_LANGUAGE", "")[:LONGEST_HEADER])
        wishes = wished_languages(found.contact_language, browsers, found.organisation_language)
        return replace(submission, language=first_language(*wishes))


class ShortWay:
    """A WSGI application in front of `inner`, which is that of `app`."""

    def __init__(self, app: Flask, inner: WsgiApp) -> None:
        self._app, self._inner = app, inner
        self._cookie = f"{app.config['SESSION_COOKIE_NAME']}="
        self._headers: dict[str, Headers] = {}  # of each kind, but what is of one response

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = _PATH.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if path is None or environ.get("QUERY_STRING") or self._cookie in environ.get("HTTP_COOKIE", ""):
            return self._inner(environ, start_response)
        opened = path[2] == "opened"
        form = _nothing(environ) if opened else _form(environ)
        if form is None:
            return self._inner(environ, start_response)
        kind = _NOTHING if opened else _OPENS_NEXT if "done" in form else _GOES_ON
        headers = self._headers.get(kind)
        if headers is None:
            return self._inner(environ, self._remembering(kind, start_response))
        try:
            address = self._opened(environ, path[1]) if opened else self._saved(environ, path, form)
        except Exception as error:
            note_long_way(self._app, error)
            if isinstance(error, UNUSABLE) and not is_undone(error):
                environ[FAILED] = error
            address = None
        if address is None:
            return self._inner(environ, start_response)
        start_response("204 NO CONTENT", [*headers, (kind, address)] if kind else headers)
        return []

    @property
    def _context(self) -> AppContext:
        found: AppContext = self._app.extensions["feedback"]
        return found

    def _opened(self, environ: Environ, text: str) -> str | None:
        """Record that a page was opened, and return no address; None when the application has to."""
        token = self._counted(environ, text, network_of(environ.get("REMOTE_ADDR", "")))
        if token is None:
            return None
        with self._context.db.connection() as connection:
            page = find_opening(connection, token)
        now = self._context.clock()
        if page is None or now >= page.closes_at:
            return None
        note_organisation(environ, page.organisation_id)
        if page.opened_at is None:
            due = _is_due(page, now)
            with change(self._context.db, page.organisation_id, now, nothing_due=not due) as c:
                c.know(Calendar(page.timezone, page.half_life_days, page.next_freeze))
                answers.note_opened(c, page.invitation_id, page.rep_id, page.held_at)
        return _NOTHING

    def _saved(self, environ: Environ, path: re.Match[str], form: dict[str, str]) -> str | None:
        """Save a form, and return the address that the page's script is told; None when the application has to."""
        key = normalise_key(path[2]) if path[2] else None
        submission = tapped_fields(form)
        if submission is None or (path[2] and key is None):
            return None
        network = network_of(environ.get("REMOTE_ADDR", ""))
        token = self._counted(environ, path[1], network)
        if token is None:
            return None
        sent = Sent(environ, token, key, form, network)
        if key is None:
            return self._begun(sent, submission)
        return self._done(sent, key, submission) if submission.done else self._tapped(sent, key, submission)

    def _begun(self, sent: Sent, submission: Submission) -> str | None:
        key = normalise_key(sent.form.get("key", "")) or new_key()
        with self._context.db.connection() as connection:
            found = find_unbegun(connection, sent.token, key)
        if found is None:
            return None
        note_organisation(sent.environ, found.organisation_id)
        sender = sent.sender(found.organisation_id, key, self._context)
        said = sent.in_language(submission, found)
        saved = save_first_tap(self._context.db, found, said, sender, self._context.clock())
        return f"/f/{sent.token}/{key}" if saved else None

    def _tapped(self, sent: Sent, key: str, submission: Submission) -> str | None:
        db, now = self._context.db, self._context.clock()
        with db.connection() as connection:
            row = find_tapped(connection, sent.token, key)
            if row is None:
                return None
            note_organisation(sent.environ, row.organisation_id)
            sender = sent.sender(row.organisation_id, key, self._context)
            saved = save_next_tap(db, connection, row, sent.in_language(submission, row), sender, now)
        return f"/f/{sent.token}/{key}" if saved else None

    def _done(self, sent: Sent, key: str, submission: Submission) -> str | None:
        """To read the invitation with all that a page shows of it, and to make the form's fields, took a sixth of a
        Done."""
        db, now = self._context.db, self._context.clock()
        with db.connection() as connection:
            row = find_tapped(connection, sent.token, key)
        if row is None or row.key_kind is not KeyKind.PAGE:
            return None
        note_organisation(sent.environ, row.organisation_id)
        sender = sent.sender(row.organisation_id, key, self._context)
        try:
            with change(db, row.organisation_id, now, nothing_due=not _is_due(row, now)) as c:
                answers.save_answer(c, row.invitation_id, sent.in_language(submission, row), sender)
        except (InvitationClosed, AnswerErased, AnsweredElsewhere, Invalid):
            return None  # nothing was saved
        step = "thanks" if submission.extras_sent else "extras"
        return f"/f/{sent.token}/{key}?step={step}"

    def _counted(self, environ: Environ, text: str, network: str) -> str | None:
        """Return the normalised token of a request that was counted, under a host of ours; None for any other."""
        token = normalise_token(text)
        host = get_host(environ["wsgi.url_scheme"], environ.get("HTTP_HOST"))
        if token is None or not takes_host(host, self._context.settings.base_url):
            return None
        return token if count_client(self._app.extensions["limits"], environ, network, token) else None

    def _remembering(self, kind: str, start_response: Callable[..., Any]) -> Callable[..., Any]:
        def start(status: str, headers: Headers, *error: Any) -> Any:
            names = {name for name, _ in headers}
            told = {_GOES_ON, _OPENS_NEXT} & names
            if status.startswith("204") and told == ({kind} if kind else set()) and "Set-Cookie" not in names:
                self._headers[kind] = [header for header in headers if header[0] not in _OF_ONE]
            return start_response(status, headers, *error)

        return start


def _nothing(environ: Environ) -> dict[str, str] | None:
    """Return no fields where a request brings none; None where it brings anything."""
    return {} if environ.get("CONTENT_LENGTH", "") in ("", "0") else None


def _form(environ: Environ) -> dict[str, str] | None:
    """Return the fields of a form that the page's script sent; None for any other, whose body is then still to be read."""
    length = environ.get("CONTENT_LENGTH", "")
    plain = (
        environ.get("HTTP_HX_REQUEST") == "true"
        and "HTTP_HX_HISTORY_RESTORE_REQUEST" not in environ
        and environ.get("CONTENT_TYPE", "").partition(";")[0] == _FORM
        and length.isascii() and length.isdigit() and int(length) <= LARGEST
    )  # fmt: skip
    if not plain:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)  # for the application, should it have to answer
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    found = dict(fields)
    return found if len(found) == len(fields) and b"%00" not in body and b"\0" not in body else None


def _is_due(found: Any, now: datetime) -> bool:
    return is_due(found.next_freeze, ZoneInfo(found.timezone), now)
