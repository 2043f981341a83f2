"""A calendar is read from an address; which meetings of it were held is counted; clients are asked by mail by itself."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENTS = ("ends_at", "asked_itself_at", "counted_at")
NOT_COUNTED = sa.text("counted_at IS NULL")
FAULTS = (
    "address", "private", "connection", "certificate", "time", "sign_in", "gone", "server", "redirects", "size",
    "calendar", "key",
)  # fmt: skip


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column("calendar_entries", sa.Column(name, UTC(), nullable=True))
    # What was over before nobody knew that it would count.
    op.execute("UPDATE calendar_entries SET counted_at = starts_at WHERE starts_at < CURRENT_TIMESTAMP")
    op.create_index(
        "ix_calendar_not_counted",
        "calendar_entries",
        ["organisation_id", "starts_at"],
        sqlite_where=NOT_COUNTED,
        postgresql_where=NOT_COUNTED,
    )
    op.add_column("organisations", sa.Column("asks_since", UTC(), nullable=True))
    op.add_column("activity", sa.Column("unasked", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "held_meetings",
        *dated(),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", UTC(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        within("rep_id", "users"),
        within("meeting_id", "meetings"),
        *keyed("held_meetings"),
        sa.UniqueConstraint("organisation_id", "rep_id", "starts_at", name="uq_held_meeting"),
    )
    op.create_index("ix_held_meeting", "held_meetings", ["organisation_id", "meeting_id"])
    op.create_table(
        "rep_calendars",
        *dated(),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("own_emails", TEXT(length=2000), nullable=False),
        sa.Column("asks_itself", sa.Boolean(), nullable=True),
        sa.Column("asks_since", UTC(), nullable=True),
        sa.Column("kind", TEXT(length=8), nullable=True),
        sa.Column("address", TEXT(length=4000), nullable=True),
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
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("named", TEXT(length=3000), nullable=True),
        within("rep_id", "users"),
        *keyed("rep_calendars"),
        sa.UniqueConstraint("organisation_id", "rep_id", name="uq_rep_calendar"),
        sa.CheckConstraint("kind IN ('ics', 'caldav')", name="ck_kind"),
        sa.CheckConstraint(f"fault IN ({', '.join(map(repr, FAULTS))})", name="ck_fault"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_rep_calendar_due", "rep_calendars", ["due_at"], sqlite_where=due, postgresql_where=due
    )


def downgrade() -> None:
    """Calendars are uploaded again; what was held is known no more, but for what somebody was asked about."""
    op.drop_table("rep_calendars")
    op.drop_table("held_meetings")
    op.drop_column("activity", "unasked")
    op.drop_column("organisations", "asks_since")
    op.drop_index("ix_calendar_not_counted", "calendar_entries")
    for name in MOMENTS:
        op.drop_column("calendar_entries", name)
