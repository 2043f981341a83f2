"""Writing many rows at once, without the ORM."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


@contextmanager
def enlarge_sqlite_cache(session: Session) -> Iterator[None]:
    """Let SQLite keep 64 MB of pages in memory instead of 2, for a write that touches most of them."""
    sqlite_only = session.get_bind().dialect.name == "sqlite"
    if sqlite_only:
        session.execute(text("PRAGMA cache_size=-65536"))
    yield
    if sqlite_only:
        session.execute(text("PRAGMA cache_size=-2000"))


def refresh_statistics(session: Session, *tables: type[SQLModel]) -> None:
    """Let PostgreSQL collect statistics about tables that this transaction has filled. Without them it plans
    queries as if the tables were empty, a hundred times slower. SQLite plans without statistics."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"ANALYZE {', '.join(_table(table).name for table in tables)}"))


def insert_all(session: Session, table: type[SQLModel], values: Sequence[dict[str, Any]]) -> None:
    """Insert rows in bulk, without the ORM. All rows have the same columns; the others get the model's
    defaults."""
    if values:
        session.execute(_table(table).insert(), _with_defaults(table, values))


def hold_all(
    session: Session, table: type[SQLModel], key: Sequence[str], values: Iterable[dict[str, Any]]
) -> None:
    """Hold rows until the transaction ends, in this order, and make those that are missing. key: the columns of
    a unique constraint. On SQLite nothing happens: its writers take turns anyway."""
    if session.get_bind().dialect.name == "postgresql":
        insert = postgresql.insert(_table(table))
        held = insert.on_conflict_do_update(index_elements=key, set_={key[-1]: insert.excluded[key[-1]]})
        session.execute(held, _with_defaults(table, values))


def upsert_all(
    session: Session, table: type[SQLModel], key: Sequence[str], values: Sequence[dict[str, Any]]
) -> None:
    """Insert rows as insert_all does. Of a row that exists already all columns are written but its id and when
    it was made. key: the columns of a unique constraint."""
    if values:
        insert = (sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert)(
            _table(table)
        )
        written = {
            name: insert.excluded[name] for name in values[0] if name not in (*key, "id", "created_at")
        }
        session.execute(
            insert.on_conflict_do_update(index_elements=key, set_=written), _with_defaults(table, values)
        )


def _with_defaults(table: type[SQLModel], values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    defaults = {
        name: field.default
        for name, field in table.model_fields.items()
        if not field.is_required() and field.default_factory is None and field.default is not None
    }
    return [{**defaults, **row} for row in values]


def _table(table: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(table.__tablename__)]
