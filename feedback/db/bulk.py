"""Writing many rows at once, without the ORM."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel

from feedback.db.engine import note_write


@contextmanager
def enlarge_sqlite_cache(session: Session) -> Iterator[None]:
    """Let SQLite keep 32 MB of pages in memory instead of 2, for a write that touches most of them."""
    sqlite_only = session.get_bind().dialect.name == "sqlite"
    if sqlite_only:
        session.execute(text("PRAGMA cache_size=-32768"))
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
    _execute(session, table, _table(table).insert(), values)


def insert_all_if_new(session: Session, table: type[SQLModel], values: Sequence[dict[str, Any]]) -> None:
    """Insert rows as insert_all does, but none that exists already."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    _execute(session, table, dialect.insert(_table(table)).on_conflict_do_nothing(), values)


def hold_all(
    session: Session, table: type[SQLModel], key: Sequence[str], values: Iterable[dict[str, Any]]
) -> None:
    """Hold rows until the transaction ends, in this order, and make those that are missing. key: the columns of
    a unique constraint. On SQLite nothing happens: its writers take turns anyway."""
    if session.get_bind().dialect.name == "postgresql":
        insert = postgresql.insert(_table(table))
        held = insert.on_conflict_do_update(index_elements=key, set_={key[-1]: insert.excluded[key[-1]]})
        _execute(session, table, held, list(values))


def upsert_all(
    session: Session, table: type[SQLModel], key: Sequence[str], values: Sequence[dict[str, Any]]
) -> None:
    """Insert rows as insert_all does. Of a row that exists already all given columns are written but its id and
    when it was made. key: the columns of a unique constraint."""
    if values:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        insert = dialect.insert(_table(table))
        written = {
            name: insert.excluded[name] for name in values[0] if name not in (*key, "id", "created_at")
        }
        _execute(session, table, insert.on_conflict_do_update(index_elements=key, set_=written), values)


def _execute(
    session: Session, table: type[SQLModel], statement: Insert, values: Sequence[dict[str, Any]]
) -> None:
    """Execute an insert of many rows. A value that stands in many places, such as the organisation and the time,
    is converted once: SQLAlchemy converts it in each of them, which took a fifth of an import."""
    if not values:
        return
    note_write(session)
    connection = session.connection()
    defaults = {name: value for name, value in _defaults(table).items() if name not in values[0]}
    compiled = statement.compile(dialect=connection.dialect, column_keys=[*values[0], *defaults])
    names: Sequence[str] = compiled.positiontup or list(compiled.params)
    known: defaultdict[str, dict[int, Any]] = defaultdict(dict)  # by type and the identity of the value
    columns: list[Iterable[Any]] = []
    for name in names:
        kind = _table(table).c[name].type
        if name in defaults:
            (value,) = _converted([defaults[name]], kind, connection.dialect, known[repr(kind)])
            columns.append(repeat(value, len(values)))
        else:
            found = list(map(itemgetter(name), values))
            columns.append(_converted(found, kind, connection.dialect, known[repr(kind)]))
    rows: list[Any] = list(zip(*columns, strict=True))
    if not compiled.positional:
        rows = [dict(zip(names, row, strict=True)) for row in rows]
    connection.exec_driver_sql(str(compiled), rows)


def _converted(
    values: list[Any], kind: TypeEngine[Any], dialect: Dialect, known: dict[int, Any]
) -> Iterable[Any]:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return values
    ids = list(map(id, values))
    distinct = dict(zip(ids, values, strict=True))
    new = [each for each in distinct if each not in known]
    known.update(zip(new, map(convert, map(distinct.__getitem__, new)), strict=True))
    return list(map(known.__getitem__, ids))


def _defaults(table: type[SQLModel]) -> dict[str, Any]:
    return {
        name: field.default
        for name, field in table.model_fields.items()
        if not field.is_required() and field.default_factory is None and field.default is not None
    }


def _table(table: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(table.__tablename__)]
