"""Locks, and inserts that are safe when two transactions make the same row."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Insert, Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from feedback.db.engine import note_write
from feedback.models.columns import new_id

T = TypeVar("T", bound=SQLModel)


def insert_if_new(session: Session, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Insert a row unless a unique constraint says it exists; two writers at once make one row. By the connection, for
    the session takes such a statement apart each time: 1,150 calls of functions for the 37 columns of a rep's sums."""
    note_write(session)
    connection = session.connection()
    connection.execute(_insert_if_new(table, connection.dialect.name, tuple(values)), values)


def advisory_lock(session: Session, key: str) -> None:
    """Make other transactions that lock the same key wait until this one ends. SQLite's writers take turns
    anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_ADVISORY_LOCK, {"key": key})


def locked(session: Session, table: type[T], *, key_share: bool = False, **key: Any) -> T | None:
    """Return the row with these values, held until the transaction ends and as it is stored now; None when
    there is none. Inserts that point at the row wait, too, unless key_share. key: columns that name one row,
    its organisation among them."""
    return session.scalars(_locked(table, _parts(key), key_share), key).first()


def locked_or_new(session: Session, table: type[T], key: dict[str, Any], defaults: dict[str, Any]) -> T:
    """Return the row with this key, held until the transaction ends; make it with these defaults where it is
    missing. A unique constraint on the key keeps it the only one, however many make it at once."""
    found = locked(session, table, **key)
    if found is None:
        insert_if_new(session, table, {"id": new_id(), **key, **defaults})
        found = locked(session, table, **key)
    assert found is not None  # noqa: S101 (made above)
    return found


def found_or_new(session: Session, table: type[T], key: dict[str, Any], defaults: dict[str, Any]) -> T:
    """Return the row with this key, not held; make it with these defaults where it is missing. For rows that
    many transactions merely point at: held, they would wait for one another, an import among them."""
    named: Select[T] = _named(table, _parts(key))
    found = session.scalars(named, key).first()
    if found is None:
        insert_if_new(session, table, {"id": new_id(), **key, **defaults})
        found = session.scalars(named, key).one()
    return found


_ADVISORY_LOCK = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), 0)))
Parts = tuple[tuple[str, bool], ...]  # of a key: columns, and whether each has a value


def _parts(key: dict[str, Any]) -> Parts:
    return tuple((name, value is not None) for name, value in key.items())


# Built once for each table and key: to build them took longer than to execute them.
@cache
def _insert_if_new(table: type[SQLModel], dialect: str, names: tuple[str, ...]) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).values({name: bindparam(name) for name in names}).on_conflict_do_nothing()


@cache
def _named(table: type[T], parts: Parts) -> Select[T]:
    columns = [(getattr(table, name), name, given) for name, given in parts]
    return select(table).where(
        *(c == bindparam(name) if given else c.is_(None) for c, name, given in columns)
    )


@cache
def _locked(table: type[T], parts: Parts, key_share: bool) -> Select[T]:
    held = _named(table, parts).with_for_update(key_share=key_share)
    return held.execution_options(populate_existing=True)
