"""A relationship has its loyalty as it was when the week of its last answer began."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE relationships ADD COLUMN week_loyalty FLOAT")


def downgrade() -> None:
    op.execute("ALTER TABLE relationships DROP COLUMN week_loyalty")
