"""Frozen standings have the ranks that they could be, frozen weeks what clients usually said; a manager may begin with
the page of today."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

DIMENSIONS = ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry")
# In words, and not by a table made anew: SQLite's triggers would miss the users meanwhile.
ADDED = (
    *(("standings", name, "INTEGER") for name in ("rank_low", "rank_high")),
    *(("weeks", f"usual_{name}", "FLOAT") for name in DIMENSIONS),
    ("users", "begins_with_today", "BOOLEAN DEFAULT FALSE NOT NULL"),
)


def upgrade() -> None:
    for table, column, kind in ADDED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def downgrade() -> None:
    for table, column, _ in ADDED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
