"""Sessions know their network and when their person proved who they are; more mails are about signing in."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, dated, keyed, within

revision = "0033"
down_revision = "0026"
branch_labels = None
depends_on = None

MAILS = (
    "receipt", "ask", "reminder", "alert", "weekly", "own_weekly", "link", "password_link", "password_changed",
)  # fmt: skip
NEW_MAILS = ("sign_in_link", "new_device", "factor_changed")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("network", TEXT(length=16), nullable=True))
    op.add_column("sessions", sa.Column("proved_at", UTC(), nullable=True))
    allow_words("outbox", "kind", (*MAILS, *NEW_MAILS))
    op.create_table(
        "sign_in_links",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", TEXT(length=64), nullable=False),
        sa.Column("used_at", UTC(), nullable=True),
        within("user_id", "users"),
        *keyed("sign_in_links"),
    )
    op.create_index("ix_sign_in_link_user", "sign_in_links", ["organisation_id", "user_id"])


def downgrade() -> None:
    op.drop_index("ix_sign_in_link_user", "sign_in_links")
    op.drop_table("sign_in_links")
    listed = ", ".join(f"'{each}'" for each in NEW_MAILS)
    op.execute(f"DELETE FROM outbox WHERE kind IN ({listed})")  # noqa: S608 (ours)
    allow_words("outbox", "kind", MAILS)
    for name in ("proved_at", "network"):
        op.drop_column("sessions", name)
