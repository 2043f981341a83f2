"""People can be erased: when they were stands in their rows, and the audit log forgets how they were called."""

import sqlalchemy as sa
from alembic import op

from feedback.migrations.tables import UTC

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FINAL = "the audit log is final"
STAYS = ("organisation_id", "id", "created_at", "user_id", "what", "about_id")
NAMES = ("about_name", "before", "after")  # may be emptied from now on, and not rewritten
FORGOTTEN = ("reason", "network")
# In words, and not by a table made anew: SQLite's triggers would miss the organisations meanwhile.
MONTHS = tuple(
    f"{name} INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_{name} CHECK ({name} BETWEEN 0 AND 600)"
    for name in ("keep_comments_months", "keep_names_months")
)

# By index: the table and its column of words, whose old rows are looked for every day.
OLD_WORDS = {
    "ix_feedback_commented": ("feedback", "comment"),
    "ix_alert_event_noted": ("alert_events", "note"),
}


def upgrade() -> None:
    for table in ("contacts", "users"):
        op.add_column(table, sa.Column("erased_at", UTC(), nullable=True))
    for column in MONTHS:
        op.execute(f"ALTER TABLE organisations ADD COLUMN {column}")
    for name, (table, words) in OLD_WORDS.items():
        there = sa.text(f"{words} IS NOT NULL")
        old = ["organisation_id", "created_at"]
        op.create_index(name, table, old, sqlite_where=there, postgresql_where=there)
    _stays(STAYS, NAMES + FORGOTTEN)


def downgrade() -> None:
    _stays(STAYS + NAMES, FORGOTTEN)
    for name, (table, _) in OLD_WORDS.items():
        op.drop_index(name, table)
    for column in ("keep_names_months", "keep_comments_months"):
        op.execute(f"ALTER TABLE organisations DROP COLUMN {column}")
    for table in ("users", "contacts"):
        op.drop_column(table, "erased_at")


def _stays(columns: tuple[str, ...], forgotten: tuple[str, ...]) -> None:
    """Refuse changes of these columns; others may be emptied, and not rewritten. On PostgreSQL JSON has no equality, and
    the trigger calls a function that exists already (keep_audit)."""
    if op.get_bind().dialect.name == "sqlite":
        differs, text, where = "IS NOT", "", "audit"
        op.execute("DROP TRIGGER audit_is_final")
    else:
        differs, text, where = "IS DISTINCT FROM", "::text", "audit FOR EACH ROW"
        op.execute("DROP TRIGGER audit_is_final ON audit")
    changed = " OR ".join(f'OLD."{name}"{text} {differs} NEW."{name}"{text}' for name in columns)
    rewritten = " OR ".join(
        f'(OLD."{name}"{text} {differs} NEW."{name}"{text} AND NEW."{name}" IS NOT NULL)'
        for name in forgotten
    )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{FINAL}'); END" if not text else "EXECUTE FUNCTION keep_audit()"
    op.execute(
        f"CREATE TRIGGER audit_is_final BEFORE UPDATE ON {where} WHEN ({changed} OR {rewritten}) {refuse}"
    )
