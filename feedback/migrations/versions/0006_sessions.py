"""Sessions live on the server and can be ended; failed attempts are counted there. Everybody signs in anew."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hash", TEXT(length=64), nullable=False),
        sa.Column("device", TEXT(length=100), nullable=False),
        sa.Column("seen_at", UTC(), nullable=False),
        sa.Column("ended_at", UTC(), nullable=True),
        within("user_id", "users"),
        sa.UniqueConstraint("organisation_id", "hash", name="uq_session"),
        *keyed("sessions"),
    )
    op.create_index("ix_session_user", "sessions", ["organisation_id", "user_id"])
    op.drop_column("users", "session_key")
    op.create_table(
        "counters",
        sa.Column("key", TEXT(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_counters"),
    )
    op.create_index("ix_counters_expires_at", "counters", ["expires_at"])


def downgrade() -> None:
    """The key was the same in all of a person's cookies; one made of nothing but its id signs nobody in, since a
    cookie is signed."""
    op.add_column("users", sa.Column("session_key", TEXT(length=64), nullable=False, server_default=""))
    op.execute("UPDATE users SET session_key = CAST(id AS VARCHAR(64))")
    op.drop_index("ix_counters_expires_at", "counters")
    op.drop_table("counters")
    op.drop_index("ix_session_user", "sessions")
    op.drop_table("sessions")
