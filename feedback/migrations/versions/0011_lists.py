"""Invitations know when their mirror was sealed, so that those that can still be guessed are found by an index."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import UTC

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SEALED = """
    UPDATE invitations SET sealed_at = (
        SELECT sealed_at FROM feedback
        WHERE feedback.organisation_id = invitations.organisation_id AND feedback.invitation_id = invitations.id
          AND feedback.side = 'rep'
    )
"""
TO_GUESS = sa.text("sealed_at IS NULL")


def upgrade() -> None:
    op.add_column("invitations", sa.Column("sealed_at", UTC(), nullable=True))
    op.execute(SEALED)
    op.create_index(
        "ix_invitation_to_guess", "invitations", ["organisation_id", "closes_at"],
        sqlite_where=TO_GUESS, postgresql_where=TO_GUESS,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_invitation_to_guess", "invitations")
    op.drop_column("invitations", "sealed_at")
