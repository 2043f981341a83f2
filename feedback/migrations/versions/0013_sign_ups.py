"""Who signs up where anybody may confirms it by mail."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTC(), nullable=False),
        sa.Column("organisation", TEXT(length=200), nullable=False),
        sa.Column("name", TEXT(length=200), nullable=False),
        sa.Column("email", TEXT(length=320), nullable=False),
        sa.Column("timezone", TEXT(length=64), nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.Column("due_at", UTC(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UTC(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ups"),
    )
    op.create_index("ix_sign_ups_expires_at", "sign_ups", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_sign_ups_expires_at", "sign_ups")
    op.drop_table("sign_ups")
