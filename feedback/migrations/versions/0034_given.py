"""A contact may be given to a rep who is to meet it."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contacts") as batch:
        batch.add_column(sa.Column("given_to_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            "fk_given_to_id_users", "users", ["organisation_id", "given_to_id"], ["organisation_id", "id"]
        )
    op.create_index("ix_contact_given_to", "contacts", ["organisation_id", "given_to_id"])


def downgrade() -> None:
    op.drop_index("ix_contact_given_to", "contacts")
    with op.batch_alter_table("contacts") as batch:
        batch.drop_constraint("fk_given_to_id_users", type_="foreignkey")
        batch.drop_column("given_to_id")
