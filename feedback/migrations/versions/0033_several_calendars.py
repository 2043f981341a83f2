"""A rep's calendar is read from several addresses, each with a name of its own."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FAULTS = (
    "address", "private", "connection", "certificate", "time", "sign_in", "gone", "server", "redirects", "size",
    "calendar", "key",
)  # fmt: skip
# What was of the one address of a rep. In `rep_calendars` it is empty from now on, and dropped one version later.
MOVED = (
    "kind, address, user_name, password, etag, last_modified, due_at, tried_at, read_whole_at, failing_since, fault, "
    "fault_words, stopped_at"
)
COPIED = f"organisation_id, id, created_at, rep_id, read_at, unread, named, {MOVED}"


def upgrade() -> None:
    op.create_table(
        "calendar_addresses",
        *dated(),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("name", TEXT(length=60), nullable=False),
        sa.Column("kind", TEXT(length=8), nullable=False),
        sa.Column("address", TEXT(length=4000), nullable=False),
        sa.Column("user_name", TEXT(length=1000), nullable=True),
        sa.Column("password", TEXT(length=1000), nullable=True),
        sa.Column("etag", TEXT(length=500), nullable=True),
        sa.Column("last_modified", TEXT(length=100), nullable=True),
        *(
            sa.Column(name, UTC(), nullable=True)
            for name in ("due_at", "tried_at", "read_at", "read_whole_at", "failing_since")
        ),
        sa.Column("fault", TEXT(length=16), nullable=True),
        sa.Column("fault_words", TEXT(length=500), nullable=True),
        sa.Column("stopped_at", UTC(), nullable=True),
        sa.Column("paused_at", UTC(), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("named", TEXT(length=3000), nullable=True),
        within("rep_id", "users"),
        *keyed("calendar_addresses"),
        sa.CheckConstraint("kind IN ('ics', 'caldav')", name="ck_kind"),
        sa.CheckConstraint(f"fault IN ({', '.join(map(repr, FAULTS))})", name="ck_fault"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_calendar_address_due", "calendar_addresses", ["due_at"], sqlite_where=due, postgresql_where=due
    )
    op.create_index("ix_calendar_address_rep", "calendar_addresses", ["organisation_id", "rep_id"])
    op.add_column(
        "calendar_entries", sa.Column("read_from", TEXT(length=200), nullable=False, server_default="")
    )
    op.execute(
        f"INSERT INTO calendar_addresses ({COPIED}, name) SELECT {COPIED}, '' FROM rep_calendars "  # noqa: S608 (ours)
        "WHERE address IS NOT NULL"
    )
    op.execute(
        "UPDATE calendar_entries SET read_from = COALESCE((SELECT REPLACE(CAST(a.id AS VARCHAR), '-', '') "
        "FROM calendar_addresses a WHERE a.organisation_id = calendar_entries.organisation_id "
        "AND a.rep_id = calendar_entries.rep_id), '')"
    )
    emptied = ", ".join(f"{name} = NULL" for name in MOVED.split(", "))
    op.execute(f"UPDATE rep_calendars SET {emptied} WHERE address IS NOT NULL")  # noqa: S608 (ours)


def downgrade() -> None:
    """Of several addresses the first stays."""
    names = [*MOVED.split(", "), "read_at", "unread", "named"]
    for name in names:
        op.execute(
            f"UPDATE rep_calendars SET {name} = (SELECT a.{name} FROM calendar_addresses a "  # noqa: S608 (ours)
            "WHERE a.organisation_id = rep_calendars.organisation_id AND a.rep_id = rep_calendars.rep_id "
            "ORDER BY a.id LIMIT 1) WHERE EXISTS (SELECT 1 FROM calendar_addresses a "
            "WHERE a.organisation_id = rep_calendars.organisation_id AND a.rep_id = rep_calendars.rep_id)"
        )
    op.drop_column("calendar_entries", "read_from")
    op.drop_table("calendar_addresses")
