"""Links by which people join and choose a new password; and their mails."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, dated, keyed, within

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MAILS = ("receipt", "alert", "weekly", "own_weekly")


def upgrade() -> None:
    op.create_table(
        "user_links",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT(length=16), nullable=False),
        sa.Column("expires_at", UTC(), nullable=False),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        within("user_id", "users"),
        within("made_by", "users"),
        sa.CheckConstraint("kind IN ('join', 'password')", name="ck_kind"),
        *keyed("user_links"),
    )
    op.create_index("ix_user_link_user", "user_links", ["organisation_id", "user_id", "created_at"])
    allow_words("outbox", "kind", (*MAILS, "link"))


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'link'")
    allow_words("outbox", "kind", MAILS)
    op.drop_index("ix_user_link_user", "user_links")
    op.drop_table("user_links")
