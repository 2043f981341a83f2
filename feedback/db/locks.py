"""Locks, and inserts that are safe when two transactions make the same row."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_if_new(session: Session, table: type[SQLModel], values: dict[str, Any]) -> None:
    """Insert a row unless a unique constraint says it exists; two writers at once make one row."""
    bind = session.get_bind()
    insert = sqlite.insert if bind.dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(table).values(**values).on_conflict_do_nothing())


def advisory_lock(session: Session, key: str) -> None:
    """Make other transactions that lock the same key wait until this one ends. SQLite's writers take turns
    anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
