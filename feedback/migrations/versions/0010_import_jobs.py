"""Files that owners upload to be imported."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_jobs",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", TEXT(length=16), nullable=False),
        sa.Column("file_name", TEXT(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=True),
        sa.Column("state", TEXT(length=16), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("claimed_at", UTC(), nullable=True),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        within("user_id", "users"),
        sa.CheckConstraint(
            "state IN ('checking', 'checked', 'refused', 'importing', 'done', 'stopped')", name="ck_state"
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name="ck_progress"),
        *keyed("import_jobs"),
    )
    op.create_index("ix_import_job_state", "import_jobs", ["state", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_import_job_state", "import_jobs")
    op.drop_table("import_jobs")
