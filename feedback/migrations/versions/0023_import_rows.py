"""What came of each row of an imported file, and how it is undone."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, keyed, within

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE = ("checking", "checked", "refused", "importing", "done", "stopped")
SEALED = "a sealed mirror is final"
KEPT = (  # as 0014 left it
    "OLD.sealed_at IS NOT NULL "
    "AND EXISTS (SELECT 1 FROM organisations WHERE organisations.id = OLD.organisation_id) "
    "AND NOT (EXISTS (SELECT 1 FROM taken_back WHERE taken_back.organisation_id = OLD.organisation_id "
    "AND taken_back.id = OLD.invitation_id) "
    "AND NOT EXISTS (SELECT 1 FROM feedback AS answer WHERE answer.organisation_id = OLD.organisation_id "
    "AND answer.invitation_id = OLD.invitation_id AND answer.side = 'client'))"
)
# A guess that an import brought in was never sealed here: it goes when that import is undone, and then only.
BEING_UNDONE = (
    "EXISTS (SELECT 1 FROM invitations"
    " JOIN import_rows ON import_rows.organisation_id = invitations.organisation_id"
    " AND import_rows.meeting_id = invitations.meeting_id"
    " JOIN import_jobs ON import_jobs.organisation_id = import_rows.organisation_id AND import_jobs.id = import_rows.job_id"
    " WHERE invitations.organisation_id = OLD.organisation_id AND invitations.id = OLD.invitation_id"
    " AND import_jobs.state = 'undoing')"
)


def upgrade() -> None:
    for column, kind in (("choices", sa.JSON()), ("imported_at", UTC())):
        op.add_column("import_jobs", sa.Column(column, kind, nullable=True))
    allow_words("import_jobs", "state", (*BEFORE, "undoing", "undone"))
    op.create_table(
        "import_rows",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, TEXT(length=400), nullable=False) for name in ("about", "about_key")),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("made", "changed", "joined", "left_out", "asks")
        ),
        sa.Column("says", sa.JSON(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("deeds", sa.JSON(), nullable=True),
        within("job_id", "import_jobs"),
        *keyed("import_rows"),
    )
    op.create_index("ix_import_row_number", "import_rows", ["organisation_id", "job_id", "number"])
    op.create_index("ix_import_row_meeting", "import_rows", ["organisation_id", "meeting_id"])
    _keep_sealed(f"{KEPT} AND NOT {BEING_UNDONE}")


def downgrade() -> None:
    _keep_sealed(KEPT)
    op.drop_table("import_rows")
    op.execute("UPDATE import_jobs SET state = 'done' WHERE state IN ('undoing', 'undone')")
    allow_words("import_jobs", "state", BEFORE)
    for column in ("imported_at", "choices"):
        op.drop_column("import_jobs", column)


def _keep_sealed(when: str) -> None:
    """Refuse to delete a sealed mirror when this holds (0007)."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER feedback_are_kept")
        op.execute(
            f"CREATE TRIGGER feedback_are_kept BEFORE DELETE ON feedback WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"
        )
    else:
        op.execute(
            "CREATE OR REPLACE FUNCTION keep_feedback() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF NOT ({when}) THEN RETURN OLD; END IF; END IF; "
            f"RAISE EXCEPTION '{SEALED}' USING ERRCODE = 'check_violation'; END $$"
        )
