"""Codes can be reserved on a rep's phone, for meetings that begin without a network."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, dated, keyed, within

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reserved_codes",
        *dated(),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token", TEXT(length=40), nullable=False),
        within("rep_id", "users"),
        sa.UniqueConstraint("organisation_id", "token", name="uq_reserved_code_token"),
        *keyed("reserved_codes"),
    )
    op.create_index("ix_reserved_code_rep", "reserved_codes", ["organisation_id", "rep_id", "created_at"])
    op.create_index("ix_reserved_code_age", "reserved_codes", ["organisation_id", "created_at"])


def downgrade() -> None:
    """What is reserved goes; whoever scans such a code reads that it is not known."""
    op.drop_index("ix_reserved_code_age", "reserved_codes")
    op.drop_index("ix_reserved_code_rep", "reserved_codes")
    op.drop_table("reserved_codes")
