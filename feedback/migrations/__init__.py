"""Migrations by Alembic; `feedback migrate` brings a database to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from feedback.store.database import Database


def migrate(db: Database, revision: str = "head") -> None:
    """Bring the database to `revision`, upwards."""
    with db.engine.connect() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(db: Database, revision: str) -> None:
    with db.engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def at_head(db: Database) -> bool:
    """Does the database have every migration?"""
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
        return set(current) == set(ScriptDirectory.from_config(_config(connection)).get_heads())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
