"""An organisation says how often a rep has to ask to be ranked, and in which currency accounts are valued."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# In words, and not by a table made anew: SQLite's triggers would miss the organisations meanwhile.
NEW = (
    "least_asked INTEGER DEFAULT 50 NOT NULL CONSTRAINT ck_least_asked CHECK (least_asked BETWEEN 0 AND 100)",
    "currency VARCHAR(3) DEFAULT '' NOT NULL",
)


def upgrade() -> None:
    for column in NEW:
        op.execute(f"ALTER TABLE organisations ADD COLUMN {column}")


def downgrade() -> None:
    op.execute("ALTER TABLE organisations DROP COLUMN currency")
    op.execute("ALTER TABLE organisations DROP COLUMN least_asked")
