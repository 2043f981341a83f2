"""Migrations by Alembic; `feedback migrate` brings a database to the newest revision.

Alembic is loaded when something migrates. Whether anything is missing is told without it, by one row and the
names that the files give themselves: every start asks, and /readyz does.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, event, inspect, text

from feedback.db.engine import Database
from feedback.db.statistics import write_statistics

if TYPE_CHECKING:
    from alembic.config import Config

# Revisions that changed which numbers are stored, or how they are calculated. A database that passes one of them gets
# its numbers rebuilt at the end, when its tables are those that the program expects. Frozen weeks keep their numbers.
NEW_RULES = frozenset({"0003", "0004", "0005", "0037"})
_NAMED = re.compile(r'^(down_)?revision\b[^=\n]*= *"(\w+)"', re.MULTILINE)


def migrate(db: Database, revision: str = "head") -> None:
    """Upgrade the database to `revision`. At the newest, the stored numbers are rebuilt when their rules
    changed."""
    from alembic import command
    from alembic.script import ScriptDirectory

    with _connection(db) as connection:
        config = _config(connection)
        before = _current(connection)
        connection.rollback()  # reading began a transaction; each migration has its own
        command.upgrade(config, revision)
        passed = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()} - before
    if db.is_sqlite:
        with db.writer.begin() as connection:
            write_statistics(connection)
        db.engine.dispose()  # a connection keeps the statistics that it began with
    if before and passed & NEW_RULES and at_head(db):
        _rebuild_numbers(db)


def downgrade(db: Database, revision: str) -> None:
    """Downgrade the database to `revision`."""
    from alembic import command

    with _connection(db) as connection:
        command.downgrade(_config(connection), revision)


def at_head(db: Database) -> bool:
    """Tell whether the database has every migration."""
    known, followed = _revisions()
    return _stored(db) == known - followed


def unknown_revision(db: Database) -> str | None:
    """Return the revision of a database that a newer program has migrated; None where this one knows it."""
    return next(iter(_stored(db) - _revisions()[0]), None)


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """Return all revisions, and those that another one follows."""
    files = (Path(__file__).parent / "versions").glob("*.py")
    found = [match for path in files for match in _NAMED.findall(path.read_text())]
    known, followed = ({name for down, name in found if bool(down) is which} for which in (False, True))
    return frozenset(known), frozenset(followed)


def _stored(db: Database) -> set[str]:
    """Return the revision that the database is at; none for a new one."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return set()
        return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


@contextmanager
def _connection(db: Database) -> Iterator[Connection]:
    """Open a connection on which each migration is one transaction. SQLite makes a table anew to change it, so
    its foreign keys are not enforced meanwhile, and are checked afterwards."""
    with db.writer.connect() as connection:
        if not db.is_sqlite:
            yield connection
            return
        event.listen(connection, "begin", db.begin_writing)
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
            lost = driver.execute("PRAGMA foreign_key_check").fetchone()
            if lost:
                raise RuntimeError(
                    f"after the migration a row of {lost[0]} points at a missing row of {lost[2]}"
                )
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")


def _current(connection: Connection) -> set[str]:
    """Return every revision that the database has passed; none for a new one."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    context = MigrationContext.configure(connection)
    scripts = ScriptDirectory.from_config(_config(connection))
    heads = context.get_current_heads()
    return {each.revision for head in heads for each in scripts.iterate_revisions(head, "base")}


def _rebuild_numbers(db: Database) -> None:
    from feedback.actions.scoring.rescore import rescore
    from feedback.db.change import Change
    from feedback.store.replay import organisations

    with db.reading() as session:
        found = [organisation_id for organisation_id, _ in organisations(session)]
    for organisation_id in found:
        with db.writing() as session:
            rescore(Change(session, organisation_id, datetime.now(UTC)))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
