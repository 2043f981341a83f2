"""A relationship has its loyalty as it was when the week of its last answer began; and a board reads activity from its index."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

COUNTS = ("rep_id", "meetings", "opened", "invitations", "answered", "unasked")


def upgrade() -> None:
    op.execute("ALTER TABLE relationships ADD COLUMN week_loyalty FLOAT")
    _index("organisation_id", "monday", *COUNTS)


def downgrade() -> None:
    _index("organisation_id", "monday")
    op.execute("ALTER TABLE relationships DROP COLUMN week_loyalty")


def _index(*columns: str) -> None:
    op.drop_index("ix_activity_monday", "activity")
    op.create_index("ix_activity_monday", "activity", columns)
