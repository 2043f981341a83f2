"""Tokens of other programs, and what they were answered."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT(length=16), nullable=False),
        sa.Column("name", TEXT(length=100), nullable=False),
        sa.Column("hash", TEXT(length=64), nullable=False),
        sa.Column("hint", TEXT(length=8), nullable=False),
        sa.Column("scopes", TEXT(length=40), nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.Column("used_at", UTC(), nullable=True),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.UniqueConstraint("organisation_id", "hash", name="uq_api_token"),
        sa.CheckConstraint("kind IN ('own', 'organisation')", name="ck_kind"),
        within("user_id", "users"),
        within("ended_by_id", "users"),
        *keyed("api_tokens"),
    )
    op.create_index("ix_api_token_user", "api_tokens", ["organisation_id", "user_id"])
    op.create_table(
        "api_replays",
        *dated(),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", TEXT(length=64), nullable=False),
        sa.Column("request_hash", TEXT(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", TEXT(length=200_000), nullable=False),
        sa.UniqueConstraint("organisation_id", "token_id", "key_hash", name="uq_api_replay"),
        within("token_id", "api_tokens"),
        *keyed("api_replays"),
    )
    op.create_index("ix_api_replay_token", "api_replays", ["organisation_id", "token_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_api_replay_token", "api_replays")
    op.drop_table("api_replays")
    op.drop_index("ix_api_token_user", "api_tokens")
    op.drop_table("api_tokens")
