"""What SQLite's planner is told about our tables, so that its plans are the same in every database.

Every index begins with the organisation, and nearly every row of a database is of one. Without statistics SQLite takes
the first column of an index for selective, and went through all invitations of an organisation to find those of one
meeting: a Done took longer with every answer that was ever given. Gathered statistics (ANALYZE) would be right at one
time, and other ones at another; these are what the product is made for, and stay.
"""

from typing import NamedTuple

from sqlalchemy import Connection

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
