"""Tokens of invitations are hashed, and kept encrypted to be shown again; secrets of webhooks are encrypted.

This adds the room. What stands in plain is encrypted by `feedback encrypt`, once no process of the version before
answers any more, which could not find a token by its hash; on SQLite `feedback migrate` does it (decision 0024).
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

AT_A_TIME = 1000
TOKENS = sa.table(
    "invitations", *(sa.column(name) for name in ("organisation_id", "id", "token", "encrypted_token"))
)
SECRETS = sa.table("webhooks", *(sa.column(name) for name in ("organisation_id", "id", "secret")))


def upgrade() -> None:
    op.add_column("invitations", sa.Column("encrypted_token", TEXT(length=200), nullable=True))
    _widen_secrets(400)


def downgrade() -> None:
    """What is encrypted stands in plain again. What was taken back is not found by its code any more."""
    box: Any = op.get_bind().dialect.secrets
    _decrypt(TOKENS, "encrypted_token", "token", lambda text: box.decrypt("invitation token", text))
    _decrypt(SECRETS, "secret", "secret", lambda text: box.decrypt("webhook secret", text))
    op.drop_column("invitations", "encrypted_token")
    _widen_secrets(100)


def _widen_secrets(length: int) -> None:
    with op.batch_alter_table("webhooks") as batch:
        batch.alter_column("secret", type_=TEXT(length=length))


def _decrypt(table: Any, source: str, target: str, decrypted: Any) -> None:
    """Write what a column holds in plain into another, row by row in the order of their keys."""
    bind, c, last = op.get_bind(), table.c, None
    key = sa.tuple_(c.organisation_id, c.id)
    while True:
        statement = sa.select(c.organisation_id, c.id, c[source]).where(c[source].is_not(None))
        if last is not None:
            statement = statement.where(key > sa.tuple_(*(sa.literal(part) for part in last)))
        rows = bind.execute(statement.order_by(c.organisation_id, c.id).limit(AT_A_TIME)).all()
        if not rows:
            return
        change = (
            sa.update(table)
            .where(c.organisation_id == sa.bindparam("of"), c.id == sa.bindparam("row"))
            .values({target: sa.bindparam("plain")})
        )
        bind.execute(change, [{"of": row[0], "row": row[1], "plain": decrypted(row[2])} for row in rows])
        last = rows[-1][:2]
