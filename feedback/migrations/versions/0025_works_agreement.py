"""A works agreement: an organisation's setting, and what each rep was told last about it."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# In words, and not by a table made anew: SQLite's triggers would miss the organisations meanwhile.
COLUMNS = {"organisations": "works_agreement", "users": "told_works_agreement"}


def upgrade() -> None:
    for table, column in COLUMNS.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} BOOLEAN DEFAULT FALSE NOT NULL")


def downgrade() -> None:
    for table, column in COLUMNS.items():
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
