"""Clients are asked by code, by link or by mail; an address can be kept from mails that ask."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, dated, keyed

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MAILS = ("receipt", "alert", "weekly", "own_weekly", "link", "password_link", "password_changed")
ONE_OF_A_KIND = sa.text("kind IN ('ask', 'reminder')")


def upgrade() -> None:
    with op.batch_alter_table("invitations") as batch:
        batch.add_column(sa.Column("way", TEXT(length=8), nullable=False, server_default="code"))
        batch.create_check_constraint("ck_way", "way IN ('code', 'link', 'mail')")
    op.add_column("calendar_entries", sa.Column("put_away_at", UTC(), nullable=True))
    op.add_column("contacts", sa.Column("asked_by_mail_at", UTC(), nullable=True))
    allow_words("outbox", "kind", ("receipt", "ask", "reminder", *MAILS[1:]))
    op.create_index(
        "uq_asking_mail",
        "outbox",
        ["organisation_id", "invitation_id", "kind"],
        unique=True,
        sqlite_where=ONE_OF_A_KIND,
        postgresql_where=ONE_OF_A_KIND,
    )
    op.create_table(
        "mail_stops",
        *dated(),
        sa.Column("address_mark", TEXT(length=64), nullable=False),
        sa.Column("reason", TEXT(length=8), nullable=False),
        *keyed("mail_stops"),
        sa.UniqueConstraint("organisation_id", "address_mark", name="uq_mail_stop"),
        sa.CheckConstraint("reason IN ('client', 'noted', 'refused')", name="ck_reason"),
    )


def downgrade() -> None:
    """What was asked by mail is not known any more, and neither is who wants no mail."""
    op.drop_table("mail_stops")
    op.drop_index("uq_asking_mail", "outbox")
    op.execute("DELETE FROM outbox WHERE kind IN ('ask', 'reminder')")
    allow_words("outbox", "kind", MAILS)
    op.drop_column("contacts", "asked_by_mail_at")
    op.drop_column("calendar_entries", "put_away_at")
    with op.batch_alter_table("invitations") as batch:
        batch.drop_constraint("ck_way", type_="check")
        batch.drop_column("way")
