"""What is final cannot be deleted either, and so not be put in anew."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SEALED = "a sealed mirror is final"
FROZEN = "a frozen week is final"
DONE = "what was done about an alert is final"
# The rows of an organisation that has gone itself may go, too.
IS_THERE = "EXISTS (SELECT 1 FROM organisations WHERE organisations.id = OLD.organisation_id)"
# By table: what a row must be like to be kept, and what is said about it.
KEPT = {
    "feedback": (f"OLD.sealed_at IS NOT NULL AND {IS_THERE}", SEALED),
    "standings": (IS_THERE, FROZEN),
    "weeks": (IS_THERE, FROZEN),
    "alert_events": (IS_THERE, DONE),
}


def upgrade() -> None:
    keep = _keep_on_sqlite if op.get_bind().dialect.name == "sqlite" else _keep_on_postgresql
    for table, (when, words) in KEPT.items():
        keep(table, when, words)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            op.execute(f"DROP TRIGGER {table}_are_kept")
    else:
        for table in KEPT:
            op.execute(f"DROP FUNCTION keep_{table}() CASCADE")


def _keep_on_sqlite(table: str, when: str, words: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_are_kept BEFORE DELETE ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def _keep_on_postgresql(table: str, when: str, words: str) -> None:
    """TRUNCATE has no rows to look at, and is refused altogether."""
    op.execute(
        f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF NOT ({when}) THEN RETURN OLD; END IF; END IF; "
        f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_are_kept BEFORE DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_stay_whole BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION keep_{table}()"
    )
