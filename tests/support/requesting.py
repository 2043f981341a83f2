"""Tries what belongs to a request, a round of the worker, or an import, on the database that answers: with settings, a
clock, whoever asks, and what was typed or uploaded.

No page is written out: what its template is given is told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any, BinaryIO, Literal, get_args, get_origin
from unittest.mock import patch

from flask import Flask, Response, g, session, templating
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException

from feedback.app import create_app
from feedback.config import Settings
from feedback.context import AppContext
from feedback.imports.ledger import Ledger
from feedback.imports.report import Instructions, Source
from feedback.imports.run import HEADERS
from feedback.sending import calendars, rounds
from feedback.store.api_tokens import TokenView
from feedback.store.people import SignedIn, Viewer
from feedback.web import look, mail_links, metrics
from feedback.web.bounded import Bounded
from feedback.web.client_pages import prepared_pages
from feedback.web.look import MOST_LOOKS
from support.acting import US, Acting, ActionDrawer
from support.answering import NAMED
from support.keys import KEY
from support.likely import CELLS, FILES
from support.one_by_one import OneByOne
from support.trying import hints_of, shown
from support.typed import OWN, Typed, known_words

COLUMNS = tuple(dict.fromkeys(name for columns, _ in HEADERS.values() for name in columns))  # of files
OFTEN = (
    "feedback.jobs.",
    "feedback.imports.",
    "feedback.calendar.",
    "feedback.webhooks.",
)  # are tried more often
FITS = 6  # draws of a body, until one is as it has to be
SERVERS = ({}, {"base_url": "https://us.example"}, {"base_url": "https://us.example", "smtp_url": "smtp://mail.example", "mail_from": "us@us.example"})  # fmt: skip


class Requesting(Acting):
    """The database, and the app on it. folder: of the app's instance."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.app = create_app(self.settings(), database=self.db)
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.app.jinja_env.get_or_select_template = lambda name: name  # type: ignore[method-assign, assignment]
        with self.app.test_request_context():
            known_words()

    def settings(self, **more: Any) -> Settings:
        """Return settings."""
        return Settings(instance=self.folder, database_url="sqlite://", secret_key=KEY, **more)


class RequestDrawer(ActionDrawer):
    """Draws what belongs to a request, beside what an action is given."""

    least, most, refused = 8, 16, 12

    def __init__(self, module: ModuleType, name: str, place: Requesting) -> None:
        super().__init__(module, name, place)
        self.place = place
        if module.__name__.startswith(OFTEN):
            self.most, self.refused = 30, 20

    def begin(self, number: int, session: Session) -> None:
        """Begin a try."""
        super().begin(number, session)
        self.settings = self.place.settings(
            **self.random.choice(SERVERS),
            sign_up=self.random.choice(("open", "closed")),
            private_webhooks=self.random.random() < 0.5,
        )
        self.moment: datetime = self.draw(datetime)

    def now(self) -> datetime:
        """Return the time by the clock that stands still."""
        return self.moment

    @contextmanager
    def around(self) -> Iterator[None]:
        """Open a request of somebody while the block runs."""
        app: Flask = self.place.app
        app.extensions["feedback"] = AppContext(self.db, self.settings, self.now)
        app.extensions["limits"].storage.reset()
        partial = {"HX-Request": "true"} if self.random.random() < 0.3 else {}
        method = self.random.choice(("GET", "POST", "POST"))
        with (
            patch.object(templating, "_render", _given),
            patch.object(look, "_looks", Bounded(MOST_LOOKS)),  # nothing is known from a try before
            patch.object(prepared_pages, "_pages", Bounded(MOST_LOOKS)),
            patch.dict(metrics._asked, clear=True),
            patch.object(mail_links, "sleep", lambda _seconds: None),
            patch.object(rounds, "ThreadPoolExecutor", OneByOne),
            patch.object(calendars, "ThreadPoolExecutor", OneByOne),
            app.test_request_context("/", method=method, headers=partial) as opened,
        ):
            asked = opened.request
            asked.__dict__["form"] = Typed(f"{self.about} form", 0.8 if method == "POST" else 0.0)
            asked.__dict__["files"] = self._files()
            asked.__dict__["args"] = Typed(f"{self.about} args", self.random.choice((0.1, 0.5)))
            self._enter()
            yield
            g.pop("reading", None)

    def _files(self) -> MultiDict[str, FileStorage]:
        """Draw what is uploaded: mostly nothing."""
        if self.random.random() < 0.6:
            return MultiDict()
        content = BytesIO(self.random.choice(FILES).encode())
        return MultiDict({"file": FileStorage(content, self.random.choice(("a.csv", "a.ics", "")), "file")})

    def _enter(self) -> None:
        signed = self.draw(SignedIn)
        teams = frozenset(signed.viewer.teams)
        who = replace(
            signed.viewer, timezone=self.random.choice(NAMED["timezone"]), language="en", teams=teams
        )
        g.reading, g.viewer, g.signed_in = self.session, who, replace(signed, viewer=who)
        g.token = self.draw(TokenView)
        if self.random.random() < 0.7:
            session["organisation"], session["secret"] = str(US), "a secret"

    def draw(self, hint: Any, name: str = "") -> Any:
        """Draw a value of a type. Raises Untried."""
        if name == "cursor":
            return None
        if name == "values" and get_origin(hint) is Mapping:
            return {key: self.random.choice(CELLS.get(key, ("", "", "1", "5", "6"))) for key in COLUMNS}
        if get_origin(hint) is Literal:
            return self.random.choice(get_args(hint))
        return super().draw(hint, name)

    def _one(self, kind: Any, name: str) -> Any:
        if kind is Settings:
            return self.settings
        if kind is Event:
            return Event()
        if kind is Flask:
            return self.place.app
        if kind is BinaryIO:
            return BytesIO(self.random.choice(FILES).encode())
        if kind is Source:
            return Source(BytesIO(self.random.choice(FILES).encode()))
        if kind is Instructions:
            return replace(super()._one(kind, name), ledger=_ledger())
        if kind is str and name in OWN:
            return self.random.choice(OWN[name])
        if kind is Viewer:
            return replace(super()._one(kind, name), timezone=self.random.choice(NAMED["timezone"]))
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._body(kind)
        return super()._one(kind, name)

    def _body(self, kind: type[BaseModel]) -> BaseModel:
        values: dict[str, Any] = {}
        for _ in range(FITS):
            for name, hint in hints_of(kind).items():
                field = kind.model_fields.get(name)
                if field and (field.is_required() or self.random.random() < 0.6):
                    values[name] = self.draw(hint, name)
            try:
                return kind(**values)
            except ValidationError as error:
                values = {
                    key: value
                    for key, value in values.items()
                    if (key,) not in {each["loc"][:1] for each in error.errors()}
                }
        return kind.model_construct(**values)

    def lists(self, statement: str) -> bool:
        """Tell whether a statement writes: what is read stands in the files of the store."""
        return not statement.startswith(("SELECT", "WITH"))

    def said(self, found: Any) -> str:
        """Return what came of it as text: of a reply all that a browser gets."""
        if not isinstance(found, Response):
            return shown(found)
        kept = [
            f"{key}={found.headers[key]}"
            for key in ("Location", "HX-Redirect", "Content-Type", "Content-Disposition")
            if key in found.headers
        ]
        told = (
            found.get_data(as_text=True)
            if not found.is_streamed
            else b"".join(found.response).decode("utf-8", "replace")
        )
        return f"{found.status_code} {kept} {told} {shown(dict(session))}"

    def raised(self, error: Exception) -> str:
        """Return what was raised as text: of a page that is refused all that a browser gets."""
        reply = getattr(error, "response", None)
        if isinstance(reply, Response):
            return self.said(reply)
        return f"{error.code}" if isinstance(error, HTTPException) else super().raised(error)


def _ledger() -> Ledger:
    """Return a ledger that keeps its rows in memory."""
    found = Ledger()
    found._file.close()
    found._file = StringIO()  # type: ignore[assignment]
    return found


def _given(_app: Flask, template: str, context: dict[str, Any]) -> str:
    """Return what a template is given, in its place."""
    return f"{template} {shown(context)}"
