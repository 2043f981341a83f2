"""The audit log says what was done in more words, and is final."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import TEXT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FINAL = "the audit log is final"
STAYS = (
    "organisation_id",
    "id",
    "created_at",
    "user_id",
    "what",
    "about_id",
    "about_name",
    "before",
    "after",
)
FORGOTTEN = ("reason", "network")  # may be emptied, and not rewritten
# The rows of an organisation that has gone itself may go, too.
IS_THERE = "EXISTS (SELECT 1 FROM organisations WHERE organisations.id = OLD.organisation_id)"


def upgrade() -> None:
    op.add_column("audit", sa.Column("about_name", TEXT(length=200), nullable=True))
    op.add_column("audit", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("audit", sa.Column("after", sa.JSON(), nullable=True))
    op.add_column("audit", sa.Column("network", TEXT(length=64), nullable=True))
    op.create_index("ix_audit_user", "audit", ["organisation_id", "user_id", "id"])
    op.create_index("ix_audit_what", "audit", ["organisation_id", "what", "id"])
    known = sa.text("network IS NOT NULL")
    op.create_index(
        "ix_audit_network",
        "audit",
        ["organisation_id", "created_at"],
        sqlite_where=known,
        postgresql_where=known,
    )
    if op.get_bind().dialect.name == "sqlite":
        _final_on_sqlite()
    else:
        _final_on_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_is_final")
        op.execute("DROP TRIGGER audit_are_kept")
    else:
        op.execute("DROP FUNCTION keep_audit() CASCADE")
    op.drop_index("ix_audit_network", "audit")
    op.drop_index("ix_audit_what", "audit")
    op.drop_index("ix_audit_user", "audit")
    for name in ("network", "after", "before", "about_name"):
        op.drop_column("audit", name)


def _final_on_sqlite() -> None:
    changed = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in STAYS)
    rewritten = " OR ".join(
        f"(OLD.{name} IS NOT NEW.{name} AND NEW.{name} IS NOT NULL)" for name in FORGOTTEN
    )
    op.execute(
        f"CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit WHEN {changed} OR {rewritten} "
        f"BEGIN SELECT RAISE(ABORT, '{FINAL}'); END"
    )
    op.execute(
        f"CREATE TRIGGER audit_are_kept BEFORE DELETE ON audit WHEN {IS_THERE} "
        f"BEGIN SELECT RAISE(ABORT, '{FINAL}'); END"
    )


def _final_on_postgresql() -> None:
    """TRUNCATE has no rows to look at, and is refused altogether. JSON is compared as text: it has no equality."""
    op.execute(
        "CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF NOT ({IS_THERE}) THEN RETURN OLD; END IF; END IF; "
        f"RAISE EXCEPTION '{FINAL}' USING ERRCODE = 'check_violation'; END $$"
    )
    changed = " OR ".join(f'OLD."{name}"::text IS DISTINCT FROM NEW."{name}"::text' for name in STAYS)
    rewritten = " OR ".join(
        f"(OLD.{name} IS DISTINCT FROM NEW.{name} AND NEW.{name} IS NOT NULL)" for name in FORGOTTEN
    )
    for trigger, when, each in (
        ("audit_is_final", "BEFORE UPDATE", f"FOR EACH ROW WHEN ({changed} OR {rewritten})"),
        ("audit_are_kept", "BEFORE DELETE", "FOR EACH ROW"),
        ("audit_stay_whole", "BEFORE TRUNCATE", "FOR EACH STATEMENT"),
    ):
        op.execute(f"CREATE TRIGGER {trigger} {when} ON audit {each} EXECUTE FUNCTION keep_audit()")
