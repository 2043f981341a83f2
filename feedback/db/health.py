"""What a database says of itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from feedback.db.engine import Database

LARGEST_CHECKED = 500_000_000  # bytes of SQLite's file that are read through once an hour


@dataclass(frozen=True, slots=True)
class PostgresHealth:
    """Version as PostgreSQL counts it (170005), and what the role may do."""

    version: int
    read_only: bool  # a replica, or set so
    may_create: bool  # tables, as migrations do
    owns_tables: bool  # all of ours
    clock: datetime


def sqlite_version(db: Database) -> str:
    """Return the version of SQLite."""
    with db.connection() as connection:
        return str(connection.scalar(text("SELECT sqlite_version()")))


def sqlite_damage(db: Database, *, whole: bool) -> str | None:
    """Return what is damaged in SQLite's file, in its own words; None when nothing is. whole: read also a file over
    500 MB; else such a one is not read, and "" is returned."""
    with db.connection() as connection:
        size = connection.scalar(
            text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        )
        if not whole and size > LARGEST_CHECKED:
            return ""
        said = str(connection.scalar(text("PRAGMA quick_check(1)")))
    return None if said == "ok" else said


def postgres_health(db: Database) -> PostgresHealth:
    """Ask PostgreSQL."""
    with db.connection() as connection:
        row = connection.execute(_ASKED).one()
    return PostgresHealth(*row)


_ASKED = text("""
    SELECT current_setting('server_version_num')::int,
           pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool,
           has_schema_privilege(current_schema(), 'CREATE'),
           NOT EXISTS (SELECT 1 FROM pg_tables
                       WHERE schemaname = current_schema() AND NOT pg_has_role(tableowner, 'USAGE')),
           clock_timestamp()
""")
