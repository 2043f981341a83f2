"""Outcomes of accounts and contacts, and the figures that are worked out of them."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

WANTED = sa.text("wanted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "outcomes",
        *dated(),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("outcome", TEXT(length=8), nullable=False),
        sa.Column("value_before", sa.Float(), nullable=True),
        sa.Column("value_after", sa.Float(), nullable=True),
        sa.Column("reason", TEXT(length=500), nullable=True),
        sa.Column("noted_by_id", sa.Uuid(), nullable=True),
        sa.Column("source", TEXT(length=8), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("corrected_at", UTC(), nullable=True),
        sa.Column("retracted_at", UTC(), nullable=True),
        within("account_id", "accounts"),
        within("contact_id", "contacts"),
        within("noted_by_id", "users"),
        within("alert_id", "alerts"),
        sa.CheckConstraint("outcome IN ('renewed', 'grew', 'shrank', 'lost')", name="ck_outcome"),
        sa.CheckConstraint("source IN ('page', 'import', 'alert', 'api')", name="ck_source"),
        sa.CheckConstraint("value_before >= 0", name="ck_value_before"),
        sa.CheckConstraint("value_after >= 0", name="ck_value_after"),
        *keyed("outcomes"),
    )
    for what in ("account", "contact", "alert"):
        op.create_index(f"ix_outcome_{what}", "outcomes", ["organisation_id", f"{what}_id"])
    op.create_table(
        "evidence_figures",
        *dated()[:2],
        sa.Column("wanted_at", UTC(), nullable=True),
        sa.Column("worked_out_at", UTC(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        *keyed("evidence_figures"),
    )
    op.create_index(
        "ix_evidence_wanted",
        "evidence_figures",
        ["wanted_at"],
        sqlite_where=WANTED,
        postgresql_where=WANTED,
    )


def downgrade() -> None:
    op.drop_table("evidence_figures")
    op.drop_table("outcomes")
