"""A relationship can be handed over: another rep looks after its contact."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import dated, keyed, within

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handed_over",
        *dated(),
        sa.Column("relationship_id", sa.Uuid(), nullable=False),
        sa.Column("rep_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        within("relationship_id", "relationships"),
        within("rep_id", "users"),
        within("by_id", "users"),
        sa.UniqueConstraint("organisation_id", "relationship_id", name="uq_handed_over"),
        *keyed("handed_over"),
    )
    op.create_index("ix_handed_over_rep", "handed_over", ["organisation_id", "rep_id"])


def downgrade() -> None:
    op.drop_index("ix_handed_over_rep", "handed_over")
    op.drop_table("handed_over")
