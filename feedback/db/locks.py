"""Locks, and inserts that are safe when two transactions make the same row."""

from typing import Any, TypeVar

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar

from feedback.models.columns import new_id

T = TypeVar("T", bound=SQLModel)


def insert_if_new(session: Session, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Insert a row unless a unique constraint says it exists; two writers at once make one row."""
    bind = session.get_bind()
    insert = sqlite.insert if bind.dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(table).values(**values).on_conflict_do_nothing())


def advisory_lock(session: Session, key: str) -> None:
    """Make other transactions that lock the same key wait until this one ends. SQLite's writers take turns
    anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select_columns(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def locked(session: Session, table: type[T], *, key_share: bool = False, **key: Any) -> T | None:
    """Return the row with these values, held until the transaction ends and as it is stored now; None when
    there is none. Inserts that point at the row wait, too, unless key_share. key: columns that name one row,
    its organisation among them."""
    statement = (
        _named(table, key).with_for_update(key_share=key_share).execution_options(populate_existing=True)
    )
    return session.exec(statement).first()


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
    found = session.exec(_named(table, key)).first()
    if found is None:
        insert_if_new(session, table, {"id": new_id(), **key, **defaults})
        found = session.exec(_named(table, key)).one()
    return found


def _named(table: type[T], key: dict[str, Any]) -> SelectOfScalar[T]:
    return select(table).where(*(getattr(table, name) == value for name, value in key.items()))
