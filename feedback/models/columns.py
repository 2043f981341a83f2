"""What every table has: a key that begins with its organisation, and foreign keys that stay inside it; and columns
of words, which are enums and tuples in Python and plain text in the database."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Dialect, ForeignKeyConstraint, String, TypeDecorator
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST

# Every constraint has a name, so that a migration can refer to it on either database.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


def new_id() -> UUID:
    """Return a new UUIDv7, which sorts by the time it was made."""
    return uuid7()


class Row(SQLModel):
    """The key of every table but `organisations`: (organisation_id, id)."""

    model_config = {"defer_build": True}  # a row is never validated, so what would do it is never built

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisations.id")
    id: UUID = Field(default_factory=new_id, primary_key=True)


class Rated(SQLModel):
    """Six ratings, each 1..5 or absent."""

    integrity: int | None = None
    competency: int | None = None
    recognition: int | None = None
    proactivity: int | None = None
    savvy: int | None = None
    chemistry: int | None = None


class Dated(Row):
    """A row that records when it was made."""

    created_at: datetime


def within(column: str, table: str) -> ForeignKeyConstraint:
    """Return a foreign key from `column` to a row of `table` in the same organisation; the database refuses
    any other."""
    return ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{table}.organisation_id", f"{table}.id"],
        name=f"fk_{column}_{table}",
    )


def rating_checks() -> list[CheckConstraint]:
    """Return a constraint per dimension: its rating is in 1..5 (NULL passes)."""
    return [
        CheckConstraint(f"{name} BETWEEN {LOWEST} AND {HIGHEST}", name=f"ck_{name}_range")
        for name in DIMENSIONS
    ]


def one_of(column: str, values: Any) -> CheckConstraint:
    """Return a constraint: the column holds one of a fixed set of values (NULL passes)."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"ck_{column}")


class Word(TypeDecorator[StrEnum]):
    """One word of an enum, stored as its text. What else may stand there the column's CHECK decides (one_of)."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[str | None], StrEnum | None]:
        # a look-up, for a history has tens of thousands of them
        by_text: dict[str | None, StrEnum | None] = {None: None, **{each.value: each for each in self.words}}
        return by_text.__getitem__


class Words(TypeDecorator[tuple[Any, ...]]):
    """Words with spaces between, as a tuple of what `read` makes of each: str, an enum, a date. A tuple, because the
    session sees a value that is put in place of another, and not one that is changed in its place."""

    impl = String
    cache_ok = True

    def __init__(self, length: int, read: Callable[[str], Any] = str) -> None:
        super().__init__(length)
        self.read = read

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str | None:
        if isinstance(value, str):
            raise TypeError(f"words, not a text: {value!r}")
        return None if value is None else " ".join(str(each) for each in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Any, ...] | None:
        return None if value is None else tuple(self.read(each) for each in value.split())

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """A text in a WHERE is compared with the text that is stored."""
        return String() if isinstance(value, str) else self


def word(words: type[StrEnum], length: int, default: Any = ...) -> Any:
    """A field that holds one word of an enum; without a default it must be given."""
    return Field(default=default, sa_type=Word(words, length))


def words(
    length: int, read: Callable[[str], Any] = str, default: Any = ..., column: str | None = None
) -> Any:
    """A field that holds words with spaces between. column: its name in the table, where that is another."""
    named = {"name": column} if column else {}
    return Field(default=default, sa_type=Words(length, read), sa_column_kwargs=named)
