"""Ways of signing in beside a password; sessions know their network and when their person proved who they are."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT, UTC, allow_words, dated, keyed, within

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MAILS = (
    "receipt", "ask", "reminder", "we_did", "alert", "weekly", "own_weekly", "link", "password_link",
    "password_changed",
)  # fmt: skip
NEW_MAILS = ("sign_in_link", "new_device", "factor_changed")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("network", TEXT(length=16), nullable=True))
    op.add_column("sessions", sa.Column("proved_at", UTC(), nullable=True))
    op.add_column(
        "sessions", sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "organisations", sa.Column("second_factor_for", TEXT(length=32), nullable=False, server_default="")
    )
    op.add_column("users", sa.Column("subject", TEXT(length=255), nullable=True))
    op.add_column("organisations", sa.Column("second_factor_since", UTC(), nullable=True))
    allow_words("outbox", "kind", (*MAILS, *NEW_MAILS))
    op.create_table(
        "identity_providers",
        *dated(),
        sa.Column("label", TEXT(length=60), nullable=False),
        sa.Column("issuer", TEXT(length=500), nullable=False),
        sa.Column("client_id", TEXT(length=300), nullable=False),
        sa.Column("secret", sa.String(length=1000), nullable=False),
        sa.Column("domains", TEXT(length=1000), nullable=False),
        sa.Column("role", TEXT(length=16), nullable=True),
        sa.Column("only", sa.Boolean(), nullable=False),
        sa.Column("keeper_id", sa.Uuid(), nullable=True),
        within("keeper_id", "users"),
        sa.UniqueConstraint("organisation_id", name="uq_identity_provider"),
        sa.CheckConstraint("role IN ('rep', 'manager')", name="ck_role"),
        *keyed("identity_providers"),
    )
    op.create_table(
        "one_time_codes",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=False),
        sa.Column("confirmed_at", UTC(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("trusts_since", UTC(), nullable=False),
        within("user_id", "users"),
        sa.UniqueConstraint("organisation_id", "user_id", name="uq_one_time_codes"),
        *keyed("one_time_codes"),
    )
    op.create_table(
        "passkeys",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", TEXT(length=100), nullable=False),
        sa.Column("credential_id", TEXT(length=1400), nullable=False),
        sa.Column("public_key", TEXT(length=2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("used_at", UTC(), nullable=True),
        sa.Column("cloned_at", UTC(), nullable=True),
        within("user_id", "users"),
        sa.UniqueConstraint("organisation_id", "credential_id", name="uq_passkey"),
        *keyed("passkeys"),
    )
    op.create_index("ix_passkey_user", "passkeys", ["organisation_id", "user_id"])
    op.create_table(
        "recovery_codes",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hash", TEXT(length=40), nullable=False),
        sa.Column("used_at", UTC(), nullable=True),
        within("user_id", "users"),
        sa.UniqueConstraint("organisation_id", "user_id", "hash", name="uq_recovery_code"),
        *keyed("recovery_codes"),
    )
    op.create_table(
        "sign_in_links",
        *dated(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", TEXT(length=64), nullable=False),
        sa.Column("used_at", UTC(), nullable=True),
        within("user_id", "users"),
        *keyed("sign_in_links"),
    )
    op.create_index("ix_sign_in_link_user", "sign_in_links", ["organisation_id", "user_id"])


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_index("ix_passkey_user", "passkeys")
    op.drop_table("passkeys")
    op.drop_table("one_time_codes")
    op.drop_table("identity_providers")
    op.drop_column("users", "subject")
    for name in ("second_factor_since", "second_factor_for"):
        op.drop_column("organisations", name)
    op.drop_index("ix_sign_in_link_user", "sign_in_links")
    op.drop_table("sign_in_links")
    listed = ", ".join(f"'{each}'" for each in NEW_MAILS)
    op.execute(f"DELETE FROM outbox WHERE kind IN ({listed})")  # noqa: S608 (ours)
    allow_words("outbox", "kind", MAILS)
    for name in ("second_factor", "proved_at", "network"):
        op.drop_column("sessions", name)
