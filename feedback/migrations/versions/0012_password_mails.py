"""Mails about passwords: a link for whoever forgot it, and that it was changed."""

from alembic import op

from feedback.migrations.tables import allow_words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MAILS = ("receipt", "alert", "weekly", "own_weekly", "link")


def upgrade() -> None:
    allow_words("outbox", "kind", (*MAILS, "password_link", "password_changed"))


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind IN ('password_link', 'password_changed')")
    allow_words("outbox", "kind", MAILS)
