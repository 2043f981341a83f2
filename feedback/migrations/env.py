"""Alembic's entry: it runs on the connection that feedback.migrations hands over."""

from alembic import context
from sqlmodel import SQLModel

import feedback.models  # noqa: F401  (makes the tables known)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
    transactional_ddl=True,  # SQLite can, too; Alembic does not expect it
)
with context.begin_transaction():
    context.run_migrations()
# the driver holds SQLite's own transaction open otherwise
connection.commit()
