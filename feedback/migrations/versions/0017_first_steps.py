"""A new organisation has first steps for its owner, until they are done or put away. Those that are there already
have begun."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# In words, and not by a table made anew: SQLite's triggers would miss the organisations meanwhile.
NEW = ("start_tried BOOLEAN DEFAULT {no} NOT NULL", "start_away BOOLEAN DEFAULT {yes} NOT NULL")


def upgrade() -> None:
    dialect = op.get_bind().dialect
    no, yes = (str(value.compile(dialect=dialect)) for value in (sa.false(), sa.true()))
    for column in NEW:
        op.execute(f"ALTER TABLE organisations ADD COLUMN {column.format(no=no, yes=yes)}")


def downgrade() -> None:
    op.execute("ALTER TABLE organisations DROP COLUMN start_away")
    op.execute("ALTER TABLE organisations DROP COLUMN start_tried")
