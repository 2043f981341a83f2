"""Frozen weeks have how well their scores tell where reps stand."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ADDED = ("worth", "drift", "widening")


def upgrade() -> None:
    for column in ADDED:
        op.execute(f"ALTER TABLE weeks ADD COLUMN {column} FLOAT")


def downgrade() -> None:
    for column in ADDED:
        op.execute(f"ALTER TABLE weeks DROP COLUMN {column}")
