"""Chat channels and the messages to them; a mail tells of one that refuses messages."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, dated, keyed, within

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MAILS = (
    "receipt", "ask", "reminder", "we_did", "alert", "weekly", "own_weekly", "link", "password_link",
    "password_changed", "sign_in_link", "new_device", "factor_changed",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "chat_channels",
        *dated(),
        sa.Column("service", TEXT(length=16), nullable=False),
        sa.Column("name", TEXT(length=60), nullable=False),
        sa.Column("address", sa.String(length=4000), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("topics", TEXT(length=40), nullable=False),
        sa.Column("managers_only", sa.Boolean(), nullable=False),
        sa.Column("paused_at", UTC(), nullable=True),
        sa.Column("paused_because", TEXT(length=16), nullable=True),
        sa.CheckConstraint("service IN ('slack', 'teams')", name="ck_service"),
        sa.CheckConstraint("paused_because IN ('owner', 'gone', 'refused')", name="ck_paused_because"),
        within("team_id", "teams"),
        *keyed("chat_channels"),
    )
    op.create_index("ix_chat_channel", "chat_channels", ["organisation_id", "team_id"])
    op.create_table(
        "chat_messages",
        *dated(),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("event", TEXT(length=16), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("monday", sa.Date(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", UTC(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", UTC(), nullable=True),
        sa.Column("sent_at", UTC(), nullable=True),
        sa.Column("given_up_at", UTC(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", TEXT(length=500), nullable=True),
        sa.UniqueConstraint("organisation_id", "channel_id", "monday", name="uq_chat_week"),
        sa.CheckConstraint(
            "event IN ('alert', 'taken', 'closed', 'reopened', 'week', 'test')", name="ck_event"
        ),
        within("channel_id", "chat_channels"),
        within("alert_id", "alerts"),
        within("user_id", "users"),
        *keyed("chat_messages"),
    )
    op.create_index("ix_chat_message_due", "chat_messages", ["sent_at", "due_at"])
    op.create_index("ix_chat_message_alert", "chat_messages", ["organisation_id", "alert_id"])
    newest = ["organisation_id", "channel_id", "created_at", "id"]
    op.create_index("ix_chat_message_newest", "chat_messages", newest)
    allow_words("outbox", "kind", (*MAILS, "chat_paused"))


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'chat_paused'")
    allow_words("outbox", "kind", MAILS)
    op.drop_index("ix_chat_message_newest", "chat_messages")
    op.drop_index("ix_chat_message_alert", "chat_messages")
    op.drop_index("ix_chat_message_due", "chat_messages")
    op.drop_table("chat_messages")
    op.drop_index("ix_chat_channel", "chat_channels")
    op.drop_table("chat_channels")
