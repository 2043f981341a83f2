"""Tries an action on the database that answers: what it returns or raises, and all that it writes.

What a row says agrees with what was asked for, so that an action goes on beyond its first refusal. Ids, secrets and
hashes are the same each time.
"""

import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count, groupby
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any, get_args, get_origin
from unittest.mock import patch
from uuid import UUID

import pyotp
from sqlalchemy import JSON, Boolean, Column, Connection, Integer
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, SQLModel

from feedback.actions import people
from feedback.config import Settings
from feedback.context import AppContext
from feedback.core.answer_key import KeyKind
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database, WritingSession
from feedback.models import Feedback, columns
from feedback.models.encrypted import Encrypted, EncryptedText
from support.agreeing import Question, Selected, holds, question_of
from support.answering import MOST_ROWS, AnswerDrawer, Answering, asked_with, short
from support.cast import NOON
from support.likely import DOCUMENTS, KEYS, NUMBERS, WORDS
from support.trying import TEXTS, arguments, shown, shown_call

# tries that took no new way, after which an action is tried no more; and so many more for each way that it took
NOTHING_NEW, MORE_OF_EACH = 7, 2
MOST_ASKED = 500  # in one try: then it goes round and round
US = UUID(int=9)
GONE = ("ended_at", "erased_at", "merged_at")  # half of them are still here
ENDS, FAR = ("closes_at", "expires_at"), timedelta(days=60)  # of half of them: what is over is refused
MADE = 1000  # ids made by an action begin here
DRAWS = 8  # until a value is one that was asked for
OPEN = (Session, Connection, Change, Database, Settings, AppContext)  # what is not told


class Acting(Answering):
    """The database as actions write to it."""

    drawer: "ActionDrawer | None"

    def _answer(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        if self.drawer is None or context is None:
            return statement, given
        if statement.startswith(
            "BEGIN"
        ):  # the rows are not touched, and one try is never in two transactions
            return "SELECT n FROM rows WHERE 0", ()
        compiled = context.compiled
        if compiled is None:
            if not statement.startswith(("INSERT", "UPDATE", "DELETE")):
                return statement, given
            self.asked.append(f"{statement} [{given if many else [given]}]")
            return _written(given, many)
        self.asked.append(asked_with(compiled, context.compiled_parameters))
        if not isinstance(compiled, SQLCompiler) or statement.startswith("PRAGMA"):
            return "SELECT n FROM rows WHERE 0", ()
        if len(self.asked) > MOST_ASKED:
            raise RecursionError
        self.drawer.begin_answer(self.asked[-1])
        if compiled._result_columns:
            question = question_of(compiled, connection.dialect)
            return self.drawer.answer(question, context.compiled_parameters[0])
        if context.isinsert or not compiled.statement._propagate_attrs:  # what a session writes of its rows
            return _written(given, many)
        return "UPDATE rows SET n = n WHERE n < ?", (self.drawer.number(statement),)


def _written(given: Any, many: bool) -> tuple[str, Any]:
    return "UPDATE rows SET n = n WHERE n < 1", [()] * len(given) if many else ()


class ActionDrawer(AnswerDrawer):
    """Draws what one action is called with, and what it is answered: the same for the same question."""

    # tries of one action: in any case, at most, and where it refused them all
    least, most, refused = 10, 60, 40

    def __init__(self, module: ModuleType, name: str, place: Acting) -> None:
        super().__init__(module, name, Session())
        self.db, self.name = place.db, f"{module.__name__}.{name}"

    def begin(self, number: int, session: Session) -> None:
        """Begin a try."""
        self.session, self.about, self.times = session, f"{self.name} {number}", dict[str, int]()
        self.random = Random(self.about)
        self.texts = self.random.sample(TEXTS, 2)  # so that some are the same
        self.ids = self.random.choice(((1,), (1, 1, 1, 2), (1, 1, 2, 2, 3), (1, 2, 3)))
        self.missing = self.random.choice(
            (0.03, 0.03, 0.4)
        )  # how much of what is asked for by name is not there
        self.true = self.random.choice((0.1, 0.5, 0.9))  # of what is asked with yes or no
        self.change: Change | None = None
        self._vary()

    def around(self) -> AbstractContextManager[None]:
        """Return what a try needs around it: nothing."""
        return nullcontext()

    def said(self, found: Any) -> str:
        """Return what an action returned as text."""
        return shown(found)

    def raised(self, error: Exception) -> str:
        """Return what an action raised as text, and what ours says."""
        ours = type(error).__module__.startswith("feedback.")
        reasons = error.reasons if isinstance(error, Invalid) else list(error.args) if ours else []
        return f"{type(error).__name__} {shown(reasons)}"

    def lists(self, _statement: str) -> bool:
        """Tell whether a statement is written down in words, beside being part of the digest."""
        return True

    def begin_answer(self, asked: str) -> None:
        """Begin an answer: what is drawn follows from what is asked, and how often it was."""
        self.times[asked] = self.times.get(asked, 0) + 1
        self.random = Random(f"{self.about} {asked} {self.times[asked]}")
        self._vary()

    def _vary(self) -> None:
        self.absent = self.random.choice((0.0, 0.3, 0.8))  # how much of what may be absent is

    def draw(self, hint: Any, name: str = "") -> Any:
        """Draw a value of a type. Raises Untried."""
        origin, given = get_origin(hint), get_args(hint)
        if origin is Callable:
            return Called(None if given[1] in (None, str, Any) else self.draw(given[1], name), given[1])
        if origin in (Mapping, dict) and name in KEYS:
            most = min(len(KEYS[name]), self.random.choice((0, 1, 1, 2, 4, 6)))
            keys = self.random.sample(KEYS[name], most)
            return {key: self.draw(given[1], key) for key in keys}
        if hint is Any and name in NUMBERS | WORDS:
            return self.random.choice((NUMBERS | WORDS)[name])
        if hint is Any and name in ("found", "row"):
            row = self.draw(Feedback)
            return SimpleNamespace(**dict(row), closes_at=self.draw(datetime), key_kind=self.draw(KeyKind))
        return super().draw(hint, name)

    def _one(self, kind: Any, name: str) -> Any:
        if kind is Database:
            return self.db
        if kind is Change:
            self.change = Change(self.session, US, self.draw(datetime, "now"))
            return self.change
        if kind is UUID:
            return US if name == "organisation_id" else UUID(int=self.random.choice(self.ids))
        if kind is bytes:
            return self.random.choice((b"some", b"other"))
        if kind is str:
            return self.random.choice(WORDS[name]) if name in WORDS else self._text(name)
        if kind in (int, float) and name in NUMBERS:
            return self.random.choice(NUMBERS[name])
        if isinstance(kind, type) and issubclass(kind, SQLModel) and hasattr(kind, "__table__"):
            self._vary()
            return self._held(super()._one(kind, name))
        return super()._one(kind, name)

    def _text(self, name: str) -> str:
        alike = name != "dimension" and self.random.random() < 0.5
        return self.random.choice(self.texts) if alike else super()._one(str, name)

    def _held(self, row: Any) -> Any:
        """Return a row as the session has it: what is changed of it is written."""
        for column in row.__table__.columns:
            if isinstance(column.type, Encrypted) and (stored := getattr(row, column.key)) is not None:
                text = EncryptedText(stored, column.type.purpose, self.db.secrets)
                setattr(row, column.key, text)
        found = self.session.identity_map.get(identity_key(instance=row))
        if found is None:
            make_transient_to_detached(row)
            self.session.add(row)
        return row if found is None else found

    def of_column(self, kind: Any, column: Column[Any] | None) -> Any:
        """Draw a value of a column's type. column: None for what is calculated."""
        if column is None:
            return super().of_column(kind, column)
        if column.key == "organisation_id" or (column.key == "id" and str(column.table) == "organisations"):
            return US
        if column.nullable and self.random.random() < self.absent:
            return None
        if column.key in GONE and self.random.random() < 0.5:
            return None
        if column.key in ENDS and self.random.random() < 0.5:
            return NOON + FAR
        if column.key in DOCUMENTS and isinstance(kind, JSON):
            return self.random.choice(DOCUMENTS[column.key])
        return super().of_column(kind, column)

    def answer(self, question: Question, given: Mapping[str, Any]) -> tuple[str, Any]:
        """Return a statement that selects some rows that agree with what was asked for, and its values."""
        number = self._number_of(question, given)
        values: list[Any] = []
        for at in range(number):
            same: dict[Any, Any] = {}
            for each in question.selected:
                value = self._agreeing(question, given, each, same, at)
                values.append(each.plain(value) if each.plain else value)
        if number:
            return " UNION ALL ".join([question.row] * number), tuple(values)
        return f"{question.row} WHERE 0", (None,) * len(question.selected)

    def _number_of(self, question: Question, given: Mapping[str, Any]) -> int:
        if question.has_one_row or question.limits(("organisations", "id"), given):
            return 1
        if question.names_one:
            return int(self.random.random() >= self.missing)
        most = question.most_listed(given)
        if most and self.random.random() < 0.6:
            return min(most, MOST_ROWS)
        return self.random.choice((0, 1, 1, 1, 2, 3, MOST_ROWS))

    def _agreeing(
        self, question: Question, given: Mapping[str, Any], selected: Selected, same: dict[Any, Any], at: int
    ) -> Any:
        if selected.key is None:
            if selected.may_be_none and self.random.random() < 0.25:
                return None
            if isinstance(selected.type, Boolean):
                return self.random.random() < self.true
            if isinstance(selected.type, Integer) and self.random.random() > self.true:
                return self.random.choice((0, 0, 1, 2))
            return self.of_column(selected.type, None)
        key = question.same_as(selected.key)
        if key not in same:
            same[key] = self._compared(question.limits(key, given), selected, at)
        return same[key]

    def _compared(self, limits: list[tuple[Any, Any]], selected: Selected, at: int) -> Any:
        for how, limit in limits:
            if how is operators.eq:
                return limit
            if how is operators.in_op and limit:
                return sorted(limit, key=str)[at % len(limit)]  # some go through a set
            if how is operators.is_:
                return None
        value = None
        for _ in range(DRAWS):
            value = self.of_column(selected.type, selected.column)
            if all(holds(how, value, limit) for how, limit in limits):
                break
        return value


class Called:
    """A function that an action is given."""

    def __init__(self, found: Any, returns: Any) -> None:
        self.found, self.returns = found, returns

    def __call__(self, *given: Any) -> Any:
        """Return what it was given, as text, where a text is wanted; else always the same."""
        return f"of {', '.join(map(shown, given))}" if self.returns is str else self.found

    def __repr__(self) -> str:
        return "a function"


@contextmanager
def standing_still(dice: Random) -> Iterator[None]:
    """Let ids, secrets and hashes be the same each time, and no name of the network be found, while the block runs."""
    ids = count(MADE)
    with (
        patch.object(columns, "uuid7", lambda: UUID(int=next(ids))),
        patch.object(secrets, "randbelow", dice.randrange),
        patch.object(secrets, "token_bytes", lambda length=32: dice.randbytes(length)),
        patch.object(secrets, "token_hex", lambda length=32: dice.randbytes(length).hex()),
        patch.object(secrets, "token_urlsafe", lambda length=32: dice.randbytes(length).hex()),
        patch.object(pyotp, "random_base32", lambda: "A" * 24 + dice.choice("BCDEFGH") * 8),
        patch.object(people, "_HASHER", QuickHasher()),
        patch.object(socket, "getaddrinfo", _nowhere),
        patch.object(socket.socket, "connect", _nowhere),
    ):
        yield


def _nowhere(*_: Any, **__: Any) -> Any:
    raise OSError


class QuickHasher:
    """Makes hashes that nobody waits for."""

    def hash(self, password: str, *, salt: bytes | None = None) -> str:
        """Return what stands in for a hash."""
        return f"hash of {password!r} and {salt!r}"


def told_of_action(
    acting: Acting, drawer: ActionDrawer, name: str, action: Callable[..., Any], of: type | None
) -> list[str]:
    """Return what an action writes and returns, as lines: what all tries come to, and each statement. Raises Untried."""
    tries, statements = list[str](), dict[str, None]()
    ways, new_at, refused = set[tuple[str, ...]](), 0, True
    for number in range(drawer.most):
        enough = max(drawer.least, new_at + NOTHING_NEW + MORE_OF_EACH * len(ways))
        if number >= (max(enough, drawer.refused) if refused else enough):
            break
        with WritingSession(acting.db.writer, expire_on_commit=False) as session:
            drawer.begin(number, session)
            with drawer.around(), standing_still(Random(number)):
                plain, named = arguments(drawer, action, of)
                asked = shown_call(
                    [each for each in plain if not isinstance(each, OPEN)],
                    {key: each for key, each in named.items() if not isinstance(each, OPEN)},
                )
                acting.drawer, acting.asked = drawer, []
                try:
                    said, raised = _tried(drawer, action, plain, named)
                finally:
                    acting.drawer = None
            change = drawer.change
            ends = shown((change.now, change.rescored)) if change else ""
        refused &= raised
        said_and_done = [*in_order(acting.asked), said, ends]
        tries.append("\n".join((asked, *said_and_done)))
        way = (said.partition(" ")[0], *map(short, said_and_done[:-2]))
        statements |= dict.fromkeys(way[1:])
        if way not in ways:
            ways.add(way)
            new_at = number
    digest = sha256("\n".join(tries).encode()).hexdigest()[:16]
    return [f"{name}: {digest}", *(f"    {each}" for each in statements if drawer.lists(each))]


def in_order(asked: list[str]) -> list[str]:
    """Return what was asked, with what was only read between two writes sorted: some go through a set."""
    parts = groupby(asked, lambda each: each.startswith(("SELECT", "WITH")))
    return [each for only_read, part in parts for each in (sorted(part) if only_read else part)]


def _tried(
    drawer: ActionDrawer, action: Callable[..., Any], plain: list[Any], named: Mapping[str, Any]
) -> tuple[str, bool]:
    """Call an action and write what it left to be written; return what it says, and whether it raised something."""
    raised = False
    try:
        found = action(*plain, **named)
        if isinstance(found, AbstractContextManager):
            with found as opened:
                said = type(opened).__name__
        else:
            said = drawer.said(found)
    except Exception as error:
        said, raised = drawer.raised(error), True
    try:
        drawer.session.flush()
    except Exception as error:
        said = f"{said}, {type(error).__name__}"
    return said, raised
