"""Lists ask for the page that is shown: what they sort and count by stands with each relationship, and in indexes."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PLACES = "'blind_spot', 'weakness', 'advantage', 'strength', 'not_guessed', 'not_heard', 'untouched'"
NUMBERS = ("quarter_loyalty", "urgency", "guessed", "said")
PARTIAL = (
    (
        "ix_feedback_doubted",
        "invitation_id",
        sa.text("signals <> '' OR disputed_at IS NOT NULL OR counts = 'quarantined'"),
    ),
)
INDEXES = {
    "ix_relationship_contact": (
        "relationships",
        [
            "organisation_id",
            "contact_id",
            "rep_id",
            "loyalty",
            "vote",
            "last_meeting_at",
            "place",
            "lukewarm",
        ],
    ),
    "ix_relationship_urgency": ("relationships", ["organisation_id", "urgency", "id", "rep_id"]),
    "ix_alert_closed": ("alerts", ["organisation_id", "closed_at", "id"]),
    "ix_alert_created": ("alerts", ["organisation_id", "created_at"]),
    "ix_alert_reason_kind": ("alert_reasons", ["organisation_id", "kind", "created_at"]),
    "ix_relationship_place": (
        "relationships",
        [
            "organisation_id",
            "place",
            "last_meeting_at",
            "id",
            "rep_id",
            "lukewarm",
            "last_client_at",
            "loyalty",
            "quarter_loyalty",
            "guessed",
            "said",
        ],
    ),
    "ix_relationship_heard": (
        "relationships",
        ["organisation_id", "last_client_at", "id", "rep_id", "loyalty", "quarter_loyalty"],
    ),
    "ix_relationship_fine": (
        "relationships",
        ["organisation_id", "lukewarm", "last_meeting_at", "id", "rep_id"],
    ),
}


def upgrade() -> None:
    """The new columns are filled at the end, when stored numbers are rebuilt."""
    op.drop_index("ix_relationship_contact", "relationships")
    with op.batch_alter_table("relationships") as batch:
        for name in NUMBERS:
            batch.add_column(sa.Column(name, sa.Float(), nullable=True))
        batch.add_column(sa.Column("lukewarm", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("place", TEXT(length=16), nullable=False, server_default="untouched"))
        batch.create_check_constraint("ck_place", f"place IN ({PLACES})")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    for name, column, where in PARTIAL:
        op.create_index(
            name, "feedback", ["organisation_id", column], sqlite_where=where, postgresql_where=where
        )


def downgrade() -> None:
    for name, _, _ in PARTIAL:
        op.drop_index(name, "feedback")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
    with op.batch_alter_table("relationships") as batch:
        batch.drop_constraint("ck_place", type_="check")
        for name in (*NUMBERS, "lukewarm", "place"):
            batch.drop_column(name)
    op.create_index("ix_relationship_contact", "relationships", ["organisation_id", "contact_id"])
