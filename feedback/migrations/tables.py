"""What tables have in common, for migrations. Nothing here that a released migration uses may change."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

TEXT, UTC = sqltypes.AutoString, sqltypes.UTCDateTime
WORDS_STAY = "what was done about an alert is final"
STAYS = ("organisation_id", "id", "created_at", "alert_id", "what", "user_id", "practice_id", "outcome")


def dated() -> list[sa.Column[Any]]:
    """Return the first columns of a table: organisation, id, and when the row was made."""
    return [
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTC(), nullable=False),
    ]


def keyed(table: str) -> list[sa.Constraint]:
    """Return the primary key (organisation_id, id) and the foreign key to the organisation."""
    return [
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_organisation_id_organisations"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=f"pk_{table}"),
    ]


def within(column: str, table: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key within one organisation."""
    return sa.ForeignKeyConstraint(
        ["organisation_id", column], [f"{table}.organisation_id", f"{table}.id"], name=f"fk_{column}_{table}"
    )


def allow_words(table: str, column: str, words: tuple[str, ...], instead: str | None = None) -> None:
    """Change which words a column's CHECK allows (models.columns.one_of). instead: what rows get that hold a word
    which is allowed no longer."""
    listed = ", ".join(f"'{word}'" for word in words)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(f"ck_{column}", type_="check")
    if instead is not None:
        op.execute(f"UPDATE {table} SET {column} = '{instead}' WHERE {column} NOT IN ({listed})")  # noqa: S608 (ours)
    with op.batch_alter_table(table) as batch:
        batch.create_check_constraint(f"ck_{column}", f"{column} IN ({listed})")


def events_are_final() -> None:
    """Make the database refuse changes of alert events; a note may be removed, not rewritten. On PostgreSQL
    the trigger calls a function that exists already (refuse_done)."""
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in STAYS)
        op.execute(
            "CREATE TRIGGER done_is_final BEFORE UPDATE ON alert_events "
            f"WHEN {changed} OR (OLD.note IS NOT NEW.note AND NEW.note IS NOT NULL) "
            f"BEGIN SELECT RAISE(ABORT, '{WORDS_STAY}'); END"
        )
    else:
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in STAYS)
        op.execute(
            "CREATE TRIGGER done_is_final BEFORE UPDATE ON alert_events FOR EACH ROW "
            f"WHEN ({changed} OR (OLD.note IS DISTINCT FROM NEW.note AND NEW.note IS NOT NULL)) "
            "EXECUTE FUNCTION refuse_done()"
        )
