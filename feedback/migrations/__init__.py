"""Migrations by Alembic; `feedback migrate` brings a database to the newest revision."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from feedback.actions.scoring.rescore import rescore
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.store.replay import organisations

# Revisions that changed how stored numbers are calculated. A database that passes one of them gets its numbers
# rebuilt at the end, when its tables are those that the program expects. Frozen weeks keep their numbers.
NEW_RULES = frozenset({"0003", "0005"})


def migrate(db: Database, revision: str = "head") -> None:
    """Upgrade the database to `revision`. At the newest, the stored numbers are rebuilt when their rules
    changed."""
    with _connection(db) as connection:
        config = _config(connection)
        before = _current(connection)
        connection.rollback()  # reading began a transaction; each migration has its own
        command.upgrade(config, revision)
        passed = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()} - before
    if before and passed & NEW_RULES and at_head(db):
        _rebuild_numbers(db)


def downgrade(db: Database, revision: str) -> None:
    """Downgrade the database to `revision`."""
    with _connection(db) as connection:
        command.downgrade(_config(connection), revision)


def at_head(db: Database) -> bool:
    """Tell whether the database has every migration."""
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
        return set(current) == set(ScriptDirectory.from_config(_config(connection)).get_heads())


@contextmanager
def _connection(db: Database) -> Iterator[Connection]:
    """Open a connection on which each migration is one transaction. SQLite makes a table anew to change it, so
    its foreign keys are not enforced meanwhile, and are checked afterwards."""
    with db.engine.connect().execution_options(writes=True) as connection:
        if not db.is_sqlite:
            yield connection
            return
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
    context = MigrationContext.configure(connection)
    scripts = ScriptDirectory.from_config(_config(connection))
    heads = context.get_current_heads()
    return {each.revision for head in heads for each in scripts.iterate_revisions(head, "base")}


def _rebuild_numbers(db: Database) -> None:
    with db.reading() as session:
        found = [organisation_id for organisation_id, _ in organisations(session)]
    for organisation_id in found:
        with db.writing() as session:
            rescore(Change(session, organisation_id, datetime.now(UTC)))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
