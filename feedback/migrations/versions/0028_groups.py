"""One code for everybody in a room; and what a manager tells a client after an alert."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, dated, keyed, within

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

WAYS = ("code", "link", "mail")
MAILS = (
    "receipt",
    "ask",
    "reminder",
    "alert",
    "weekly",
    "own_weekly",
    "link",
    "password_link",
    "password_changed",
)


def upgrade() -> None:
    _allow_ways((*WAYS, "group"))
    allow_words("outbox", "kind", (*MAILS, "we_did"))
    op.add_column("invitations", sa.Column("guest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "group_codes",
        *dated(),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("token", TEXT(length=40), nullable=False),
        sa.Column("encrypted_token", TEXT(length=200), nullable=True),
        sa.Column("closes_at", UTC(), nullable=False),
        within("meeting_id", "meetings"),
        *keyed("group_codes"),
        sa.UniqueConstraint("organisation_id", "token", name="uq_group_code_token"),
        sa.UniqueConstraint("organisation_id", "meeting_id", name="uq_group_code_meeting"),
    )
    op.create_table(
        "client_lines",
        *dated(),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("alert_id", "by_id")),
        sa.Column("words", TEXT(length=200), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        within("alert_id", "alerts"),
        within("by_id", "users"),
        within("invitation_id", "invitations"),
        *keyed("client_lines"),
        sa.UniqueConstraint("organisation_id", "alert_id", name="uq_client_line_alert"),
    )
    op.create_index("ix_client_line_invitation", "client_lines", ["organisation_id", "invitation_id"])


def downgrade() -> None:
    """Who was asked by one code for a room was asked by code; the code itself leads nowhere any more. What a manager told
    a client is gone."""
    op.drop_index("ix_client_line_invitation", "client_lines")
    op.drop_table("client_lines")
    op.drop_table("group_codes")
    op.drop_column("invitations", "guest")
    op.execute("DELETE FROM outbox WHERE kind = 'we_did'")
    allow_words("outbox", "kind", MAILS)
    _allow_ways(WAYS, instead="code")


def _allow_ways(ways: tuple[str, ...], instead: str | None = None) -> None:
    """Change which ways of asking are allowed. SQLite makes the table anew, and takes away first what looks at it."""
    triggers = _triggers() if op.get_bind().dialect.name == "sqlite" else {}
    for name in triggers:
        op.execute(f"DROP TRIGGER {name}")
    allow_words("invitations", "way", ways, instead)
    for text in triggers.values():
        op.get_bind().exec_driver_sql(text)


def _triggers() -> dict[str, str]:
    """Return the triggers in which invitations are named, by name."""
    found = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%invitations%'")
    return {row.name: row.sql for row in op.get_bind().execute(found)}
