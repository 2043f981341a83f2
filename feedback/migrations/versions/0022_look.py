"""The client's page in an organisation's own look and words; who sees the leaderboard; whether clients get receipts; and
changes of what scores are worked out with."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, dated, keyed, within

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# In words, and not by a table made anew: SQLite's triggers would miss the organisations meanwhile.
NEW = (
    "accent VARCHAR(7) DEFAULT '' NOT NULL",
    "look VARCHAR(16) DEFAULT '' NOT NULL",
    "reps_see_own BOOLEAN DEFAULT {yes} NOT NULL",
    "receipts BOOLEAN DEFAULT {yes} NOT NULL",
    "half_life_since {when}",
)


def upgrade() -> None:
    dialect = op.get_bind().dialect
    yes, when = (str(value.compile(dialect=dialect)) for value in (sa.true(), UTC()))
    for column in NEW:
        op.execute(f"ALTER TABLE organisations ADD COLUMN {column.format(yes=yes, when=when)}")
    op.create_table(
        "logos",
        *dated(),
        sa.Column("hash", TEXT(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.UniqueConstraint("organisation_id", name="uq_logo"),
        sa.CheckConstraint("width BETWEEN 1 AND 72 AND height BETWEEN 1 AND 36", name="ck_logo_size"),
        *keyed("logos"),
    )
    op.create_table(
        "wordings",
        *dated(),
        sa.Column("language", TEXT(length=16), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.UniqueConstraint("organisation_id", "language", name="uq_wording_language"),
        *keyed("wordings"),
    )
    op.create_table(
        "scoring_changes",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("half_life_days", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("timezone", TEXT(length=64), nullable=False),
        sa.Column("state", TEXT(length=16), nullable=False),
        sa.Column("claimed_at", UTC(), nullable=True),
        sa.Column("ended_at", UTC(), nullable=True),
        sa.Column("again_at", UTC(), nullable=True),
        sa.Column("preview", sa.JSON(), nullable=True),
        within("user_id", "users"),
        sa.CheckConstraint("state IN ('trying', 'tried', 'applying', 'done', 'stopped')", name="ck_state"),
        sa.CheckConstraint("half_life_days BETWEEN 30 AND 730", name="ck_new_half_life"),
        sa.CheckConstraint("review_days BETWEEN 1 AND 3650", name="ck_new_review_days"),
        *keyed("scoring_changes"),
    )
    op.create_index("ix_scoring_change_state", "scoring_changes", ["state", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_scoring_change_state", "scoring_changes")
    for table in ("scoring_changes", "wordings", "logos"):
        op.drop_table(table)
    for column in reversed(NEW):
        op.execute(f"ALTER TABLE organisations DROP COLUMN {column.split()[0]}")
