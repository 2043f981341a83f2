"""A code that nobody has opened can be taken back, and the guess with it; what was taken back leaves a row. A phone that
is handed over is locked by a PIN."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, dated, keyed, within

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEALED = "a sealed mirror is final"
KEPT = (
    "OLD.sealed_at IS NOT NULL "
    "AND EXISTS (SELECT 1 FROM organisations WHERE organisations.id = OLD.organisation_id)"
)
OF_WHAT_WAS_TAKEN_BACK = (
    "(EXISTS (SELECT 1 FROM taken_back WHERE taken_back.organisation_id = OLD.organisation_id "
    "AND taken_back.id = OLD.invitation_id) "
    "AND NOT EXISTS (SELECT 1 FROM feedback AS answer WHERE answer.organisation_id = OLD.organisation_id "
    "AND answer.invitation_id = OLD.invitation_id AND answer.side = 'client'))"
)


def upgrade() -> None:
    op.create_table(
        "taken_back",
        *dated(),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("token", TEXT(length=40), nullable=False),
        within("rep_id", "users"),
        within("contact_id", "contacts"),
        sa.UniqueConstraint("organisation_id", "token", name="uq_taken_back_token"),
        *keyed("taken_back"),
    )
    op.create_index("ix_taken_back_meeting", "taken_back", ["organisation_id", "meeting_id"])
    op.add_column("sessions", sa.Column("pin_hash", TEXT(length=64), nullable=True))
    _keep(f"{KEPT} AND NOT {OF_WHAT_WAS_TAKEN_BACK}")


def downgrade() -> None:
    """What is locked ends: without the PIN it would sign somebody in again."""
    op.execute("DELETE FROM sessions WHERE pin_hash IS NOT NULL")
    op.drop_column("sessions", "pin_hash")
    _keep(KEPT)
    op.drop_index("ix_taken_back_meeting", "taken_back")
    op.drop_table("taken_back")


def _keep(when: str) -> None:
    """Have the database refuse the deletion of such rows of feedback (0007)."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER feedback_are_kept")
        op.execute(
            f"CREATE TRIGGER feedback_are_kept BEFORE DELETE ON feedback WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"
        )
    else:
        op.execute(
            f"CREATE OR REPLACE FUNCTION keep_feedback() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF NOT ({when}) THEN RETURN OLD; END IF; END IF; "
            f"RAISE EXCEPTION '{SEALED}' USING ERRCODE = 'check_violation'; END $$"
        )
