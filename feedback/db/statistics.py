"""What planners know about our tables.

SQLite's is told, so that its plans are the same in every database.

Every index begins with the organisation, and nearly every row of a database is of one. Without statistics SQLite takes
the first column of an index for selective, and went through all invitations of an organisation to find those of one
meeting: a Done took longer with every answer that was ever given. Gathered statistics (ANALYZE) would be right at one
time, and other ones at another; these are what the product is made for, and stay.

PostgreSQL's cannot be told, and looks by itself a minute after a table has grown. Until then it takes the table for
nearly empty and any index that begins with the organisation for as good as another; and a connection keeps the plan of
a statement that it executes often until somebody looks. So the worker lets it look every few seconds.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection
from sqlmodel import SQLModel

from feedback.db.engine import Database

ROWS = 1_000_000  # of a large table
PARTLY = 100  # a partial index has this part of them
FEW, MANY = 5, 500
# Rows of an organisation with one value of such a column, where they are not few.
PER_VALUE = {
    "organisation_id": ROWS // 10, "rep_id": MANY, "user_id": MANY, "team_id": MANY, "webhook_id": MANY, "kind": ROWS // 10,
    "role": ROWS // 10, "due_at": 2, "held_at": 2, "settles_at": 2, "settled_at": 2,
}  # fmt: skip


class Index(NamedTuple):
    """An index, and its columns in order."""

    table: str
    name: str
    unique: bool
    partial: bool
    columns: list[str]


def write_statistics(connection: Connection) -> None:
    """Store the statistics; connections that are opened from then on plan by them. Only for SQLite."""
    connection.exec_driver_sql("PRAGMA analysis_limit = 1")
    connection.exec_driver_sql("ANALYZE")  # makes the table
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    connection.exec_driver_sql(
        "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
        [(index.table, index.name, _statistic(index)) for index in _indexes(connection)],
    )


def _indexes(connection: Connection) -> list[Index]:
    rows = connection.exec_driver_sql(
        'SELECT t.name, i.name, i."unique", i.partial, c.name FROM sqlite_schema t, pragma_index_list(t.name) i,'
        " pragma_index_info(i.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, i.name, c.seqno"
    )
    found: dict[str, Index] = {}
    for table, name, unique, partial, column in rows:
        found.setdefault(name, Index(table, name, bool(unique), bool(partial), [])).columns.append(
            column or ""
        )
    return list(found.values())


def _statistic(index: Index) -> str:
    """Return how many rows an index has, and how many for each value of its first column, of its first two, and so
    on."""
    part = PARTLY if index.partial else 1
    counts = [ROWS // part]
    for column in index.columns:
        counts.append(min(counts[-1], max(1, PER_VALUE.get(column, FEW) // part)))
    if index.unique:
        counts[-1] = 1
    return " ".join(map(str, counts))


def analyze_grown(db: Database) -> Sequence[str]:
    """Let PostgreSQL look at each of our tables that has at least doubled since it last did; return their names. Each
    by itself, without waiting for anybody, in a few hundredths of a second however large it is. SQLite needs none."""
    if db.is_sqlite:
        return ()
    with db.engine.connect() as connection:
        tables = connection.exec_driver_sql(_GROWN, {"ours": list(SQLModel.metadata.tables)})
        grown = tables.scalars().all()
        for name in grown:
            connection.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {name}")
        return grown


_GROWN = """
    SELECT relname FROM pg_stat_user_tables JOIN pg_class USING (relname)
    WHERE pg_class.oid = relid AND relname = ANY(%(ours)s) AND pg_table_is_visible(relid)
      AND pg_has_role(relowner, 'USAGE') AND n_mod_since_analyze > 50 + greatest(reltuples, 0)
    ORDER BY relname
"""
