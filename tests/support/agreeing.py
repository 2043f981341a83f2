"""What a statement asks of the rows that it selects, so that what is made up in answer agrees with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BindParameter,
    BooleanClauseList,
    Column,
    ColumnElement,
    Dialect,
    Join,
    Label,
    Null,
    UniqueConstraint,
)
from sqlalchemy.sql import operators
from sqlmodel import SQLModel

from feedback.models.encrypted import Encrypted, EncryptedWords

Key = tuple[str, str]  # a table, or what it is called in the statement, and a column
COMPARED: dict[Any, Callable[[Any, Any], bool]] = {
    operators.eq: eq, operators.ne: ne, operators.lt: lt, operators.le: le, operators.gt: gt, operators.ge: ge,
}  # fmt: skip


class Selected:
    """What one column of an answer is. plain: what a bound value becomes before it is read again."""

    def __init__(self, entry: Any, dialect: Dialect) -> None:
        found = next((each for each in entry.objects if isinstance(each, ColumnElement)), None)
        part = found.element if isinstance(found, Label) else found
        self.type, self.is_column = entry.type, isinstance(part, Column)
        self.column = part if isinstance(part, Column) else None
        self.key = key_of(part) if self.is_column else None
        self.may_be_none = getattr(part, "name", "") in ("min", "max", "sum", "avg")
        # what is encrypted is read as it was before, in plain
        encrypted = isinstance(entry.type, Encrypted | EncryptedWords)
        self.plain = None if encrypted else entry.type.dialect_impl(dialect).bind_processor(dialect)


class Question:
    """A statement: what it selects, which of its columns are equal, and what each is compared with."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        self.selected = [Selected(each, dialect) for each in compiled._result_columns]
        self.row = f"SELECT {', '.join('?' * len(self.selected))}"
        calculated = not any(each.is_column for each in self.selected)
        grouped = getattr(compiled.statement, "_group_by_clauses", not compiled.isinsert)
        tries_to_insert = "DO NOTHING" in str(compiled)
        self.has_one_row = (calculated and not grouped) or (compiled.isinsert and not tries_to_insert)
        self._same: dict[Key, Key] = {}
        self._limits: dict[Key, list[tuple[Any, str | None]]] = {}
        limits: list[tuple[Key, Any, str | None]] = []
        for each in _parts(compiled.statement):
            left, right = getattr(each, "left", None), getattr(each, "right", None)
            if not isinstance(left, Column):
                continue
            if isinstance(right, Column) and each.operator is operators.eq:
                self._same[self.same_as(key_of(left))] = self.same_as(key_of(right))
            elif isinstance(right, BindParameter):
                limits.append((key_of(left), each.operator, compiled.bind_names.get(right)))
            elif isinstance(right, Null):
                limits.append((key_of(left), each.operator, None))
        for key, how, what in limits:
            self._limits.setdefault(self.same_as(key), []).append((how, what))
        named = {key for key, how, _ in limits if how is operators.eq}
        self.names_one = tries_to_insert or any(
            unique <= {column for at, column in named if at == table}
            for table in {at for at, _ in named}
            for unique in _unique(table)
        )
        self._lists = [what for _, how, what in limits if how is operators.in_op and what]

    def same_as(self, key: Key) -> Key:
        """Return what stands for all columns that are equal to this one."""
        while self._same.get(key, key) != key:
            key = self._same[key]
        return key

    def most_listed(self, given: Mapping[str, Any]) -> int:
        """Return how many values the longest IN has; 0 where there is none."""
        return max((len(several(each, given)) for each in self._lists), default=0)

    def limits(self, key: Key, given: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        """Return what a column is compared with: how, and the value."""
        return [
            (how, several(what, given) if what and how is operators.in_op else what and given.get(what))
            for how, what in self._limits.get(key, ())
        ]


def several(name: str, given: Mapping[str, Any]) -> list[Any]:
    """Return the values of a parameter of IN, each of which has a number."""
    return [value for key, value in given.items() if re.fullmatch(rf"{name}_\d+", key)]


def holds(how: Any, value: Any, limit: Any) -> bool:
    """Tell whether a value is as it was asked for; True for what is not known here."""
    if how is operators.is_not:
        return value is not None
    if how is operators.is_:
        return value is None
    if how is operators.in_op:
        return value in limit
    try:
        return bool(COMPARED[how](value, limit)) if how in COMPARED and value is not None else True
    except TypeError:
        return True


_QUESTIONS: WeakKeyDictionary[Any, Question] = WeakKeyDictionary()


def question_of(compiled: Any, dialect: Dialect) -> Question:
    """Return what a statement asks for."""
    found = _QUESTIONS.get(compiled)
    if found is None:
        found = _QUESTIONS[compiled] = Question(compiled, dialect)
    return found


def key_of(column: Any) -> Key:
    """Return what a column is called in a statement."""
    return str(getattr(column.table, "name", "")), column.key


@cache
def _unique(name: str) -> tuple[frozenset[str], ...]:
    """Return the columns by which at most one row of a table is found."""
    table = SQLModel.metadata.tables.get(name)
    if table is None:
        return ()
    keys = [
        table.primary_key,
        *(each for each in table.constraints if isinstance(each, UniqueConstraint)),
        *(each for each in table.indexes if each.unique),
    ]
    return tuple(frozenset(column.key for column in each.columns) for each in keys)


def _parts(statement: Any) -> Iterator[Any]:
    """Yield what has to hold of each row."""
    where = getattr(statement, "whereclause", None)
    todo = [] if where is None else [where]
    todo += statement.get_final_froms() if hasattr(statement, "get_final_froms") else []
    while todo:
        each = todo.pop(0)
        if isinstance(each, Join):
            todo += [each.left, each.right, each.onclause]
        elif isinstance(each, BooleanClauseList) and each.operator is operators.and_:
            todo += each.clauses
        else:
            yield each
