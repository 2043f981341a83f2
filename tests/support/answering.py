"""A database that has no rows and answers whatever it is asked: with rows drawn by the types of what is selected.

What a function of the store asks, and what it makes of the answer, can so be tried and written down like a rule.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from types import ModuleType
from typing import Any, get_args, get_origin
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Label,
    event,
    true,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import JSON, Boolean, Date, DateTime, Float, Integer, LargeBinary, TypeDecorator, Uuid
from sqlmodel import Session, SQLModel

from feedback.db.engine import Database
from feedback.models.columns import Word, Words
from feedback.models.encrypted import Encrypted, EncryptedWords, SecretBox
from support.keys import KEYS
from support.trying import ZONES, Drawer, arguments, shown, shown_call

TRIES = 12
MOST_ROWS = 5
NAMED = {
    "timezone": tuple(each.key for each in ZONES),
    "workdays": ("12345", "1234", "7"),
    "holidays": ("",),
    "language": ("en", "de", "pt-BR"),
}
PLAIN = ((Uuid, UUID), (Boolean, bool), (Integer, int), (Float, float), (DateTime, datetime), (Date, date))


class Answering:
    """The database; asked: what it was asked so far."""

    def __init__(self) -> None:
        self.db = Database("sqlite://", KEYS)
        self.drawer: AnswerDrawer | None = None
        self.asked: list[str] = []
        with self.db.engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE rows (n INTEGER)")
            connection.exec_driver_sql("INSERT INTO rows VALUES (?)", [(n,) for n in range(MOST_ROWS)])
            connection.commit()
        event.listen(self.db.engine, "before_cursor_execute", self._answer, retval=True)

    def _answer(
        self, connection: Connection, _cursor: Any, statement: str, given: Any, context: Any, _many: bool
    ) -> tuple[str, Any]:
        if self.drawer is None or context is None or context.compiled is None:
            return statement, given
        self.asked.append(asked_with(context.compiled, context.compiled_parameters))
        if not isinstance(context.compiled, SQLCompiler) or not context.compiled._result_columns:
            if statement.startswith("PRAGMA"):
                return "SELECT n FROM rows WHERE 0", ()
            return "UPDATE rows SET n = n WHERE n < ?", (self.drawer.number(statement),)
        return self.drawer.rows(context.compiled, connection.dialect)


class AnswerDrawer(Drawer):
    """Draws arguments and answers for one function."""

    def __init__(self, module: ModuleType, name: str, session: Session) -> None:
        super().__init__(module, name)
        self.session = session

    def draw(self, hint: Any, name: str = "") -> Any:
        """Draw a value of a type. Raises Untried."""
        if get_origin(hint) is type:
            return get_args(hint)[0]
        return super().draw(hint, name)

    def _one(self, kind: Any, name: str) -> Any:
        if kind is Session:
            return self.session
        if kind is Connection:
            return self.session.connection()
        if kind is SecretBox:
            return self.session.get_bind().dialect.secrets
        if isinstance(kind, type) and issubclass(kind, ClauseElement):
            return true()
        if isinstance(kind, type) and issubclass(kind, SQLModel) and hasattr(kind, "__table__"):
            return kind(**{each.key: self.of_column(each.type, each) for each in kind.__table__.columns})
        if kind is UUID:
            return UUID(int=self.random.choice((1, 1, 1, 2, 2, 3)))
        if kind is str and name in NAMED:
            return self.random.choice(NAMED[name])
        return super()._one(kind, name)

    def rows(self, compiled: Any, dialect: Dialect) -> tuple[str, Any]:
        """Return a statement that selects some rows with a value for each column, and its values."""
        columns, given = compiled._result_columns, []
        perhaps = re.findall(r"OUTER JOIN (?:\w+ AS )?(\w+)", str(compiled))
        calculated = not any(isinstance(_selected(each), Column) for each in columns)
        one_row = calculated and not getattr(compiled.statement, "_group_by_clauses", True)
        number = 1 if one_row else self.number(str(compiled))
        for _ in range(number):
            for each in columns:
                value = self._of_selected(each, perhaps)
                if not isinstance(
                    each.type, Encrypted | EncryptedWords
                ):  # these are read as they were before, in plain
                    convert = each.type.dialect_impl(dialect).bind_processor(dialect)
                    value = convert(value) if convert else value
                given.append(value)
        row = f"SELECT {', '.join('?' * len(columns))}"
        return (
            (" UNION ALL ".join([row] * number), tuple(given))
            if number
            else (f"{row} WHERE 0", (None,) * len(columns))
        )

    def number(self, statement: str) -> int:
        """Draw how many rows a statement finds: at most one where it asks for an id."""
        table = re.search(r"(?:FROM|UPDATE) (\w+)", statement)
        one = table and re.search(rf"WHERE.*\b{table[1]}\.id = ", statement, re.DOTALL)
        return self.random.choice((0, 1, 1, 1) if one else (0, 1, 1, 2, 3, MOST_ROWS))

    def _of_selected(self, entry: Any, perhaps: list[str]) -> Any:
        selected = _selected(entry)
        column = selected if isinstance(selected, Column) else None
        joined = column is not None and column.table.name in perhaps
        if (
            joined or getattr(selected, "name", "") in ("min", "max", "sum", "avg")
        ) and self.random.random() < 0.25:
            return None
        return self.of_column(entry.type, column)

    def of_column(self, kind: Any, column: Column[Any] | None) -> Any:
        """Draw a value of a column's type. column: None for what is calculated."""
        key, least, words = "", None, ()
        if column is not None:
            key, (least, words) = column.key, _allowed(column)
        if column is not None and column.nullable and self.random.random() < 0.25:
            return None
        if isinstance(kind, Word):
            return self.random.choice([kind.words(each) for each in words] or list(kind.words))
        if isinstance(kind, Words):
            return tuple(self._read(kind.read) for _ in range(self.random.choice((0, 1, 2))))
        if isinstance(kind, EncryptedWords):
            return " ".join(self.random.choice(("some", "other")) for _ in range(3))
        if isinstance(kind, JSON):
            return self.random.choice(({}, {"name": "a"}, {"name": "b", "at": 1}))
        if isinstance(kind, LargeBinary):
            return b"some"
        if words:
            return self.random.choice(words)
        if least:
            return self.random.choice((*least, sum(least) // 2))
        if key in NAMED:
            return self.random.choice(NAMED[key])
        stored = kind.impl if isinstance(kind, TypeDecorator) else kind
        return self._one(next((plain for of, plain in PLAIN if isinstance(stored, of)), str), key)

    def _read(self, read: Callable[[str], Any]) -> Any:
        if isinstance(read, type) and issubclass(read, StrEnum):
            return self.random.choice(list(read))
        return self._one(date, "") if read == date.fromisoformat else self.random.choice("abc")


def _selected(entry: Any) -> Any:
    """Return what a column of an answer is: a table's column, a function, or another expression; None for what has only a name."""
    found = next((each for each in entry.objects if isinstance(each, ColumnElement)), None)
    return found.element if isinstance(found, Label) else found


@cache
def _allowed(column: Column[Any]) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """Return the least and the greatest number that the CHECKs of its table allow in a column, and the words."""
    for check in getattr(column.table, "constraints", ()):
        text = str(check.sqltext) if isinstance(check, CheckConstraint) else ""
        if found := re.fullmatch(rf"{column.key} BETWEEN (\d+) AND (\d+)", text):
            return (int(found[1]), int(found[2])), ()
        if found := re.fullmatch(rf"{column.key} IN \((.*)\)", text):
            return None, tuple(re.findall(r"'(\w+)'", found[1]))
    return None, ()


def asked_with(compiled: Any, given: Iterable[Mapping[str, Any]]) -> str:
    """Return a statement and its parameters. What is asked for by IN has no order."""
    several = tuple(f"{name}_" for name in re.findall(r"__\[POSTCOMPILE_(\w+)\]", str(compiled)))
    values = [
        ", ".join(
            [f"{name}={shown(value)}" for name, value in sorted(each.items()) if not name.startswith(several)]
            + sorted(shown(value) for name, value in each.items() if several and name.startswith(several))
        )
        for each in given
    ]
    return f"{' '.join(str(compiled).split())} [{'; '.join(values)}]"


def told(
    answering: Answering, module: ModuleType, name: str, rule: Callable[..., Any], of: type | None
) -> list[str]:
    """Return what a function asks the database and makes of its answers, as lines: what all tries come to, and each
    statement. Raises Untried."""
    with answering.db.writing() as session:
        drawer, tries, statements = AnswerDrawer(module, name, session), [], {}
        for _ in range(TRIES):
            plain, named = arguments(drawer, rule, of)
            asked = shown_call([each for each in plain if not isinstance(each, Session | Connection)], named)
            answering.drawer, answering.asked = drawer, []
            try:
                said = shown(rule(*plain, **named))
            except Exception as error:
                said = type(error).__name__
            finally:
                answering.drawer = None
            session.expunge_all()
            tries.append("\n".join((asked, *answering.asked, said)))
            statements |= {short(each): None for each in answering.asked}
    digest = sha256("\n".join(tries).encode()).hexdigest()[:16]
    return [f"{name}: {digest}", *(f"    {each}" for each in statements)]


def short(asked: str) -> str:
    """Return a statement without the columns that it selects, and without its parameters."""
    text = re.sub(r"__\[POSTCOMPILE_(\w+)\]", r"…", asked.rpartition(" [")[0])
    return re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", text)
