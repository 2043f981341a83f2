"""What all tables share: a key that begins with the organisation, and foreign keys within one
organisation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST

# Every constraint has a name, so that a migration can refer to it on either database.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


def new_id() -> UUID:
    """Return a new UUIDv7, which sorts by the time it was made."""
    return uuid7()


class Row(SQLModel):
    """The key of every table but `organisations`: (organisation_id, id)."""

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisations.id")
    id: UUID = Field(default_factory=new_id, primary_key=True)


class Rated(SQLModel):
    """Six ratings, each 1..5 or absent."""

    integrity: int | None = None
    competency: int | None = None
    recognition: int | None = None
    proactivity: int | None = None
    savvy: int | None = None
    chemistry: int | None = None


class Dated(Row):
    """A row that records when it was made."""

    created_at: datetime


def within(column: str, table: str) -> ForeignKeyConstraint:
    """Return a foreign key from `column` to a row of `table` in the same organisation; the database refuses
    any other."""
    return ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{table}.organisation_id", f"{table}.id"],
        name=f"fk_{column}_{table}",
    )


def rating_checks() -> list[CheckConstraint]:
    """Return a constraint per dimension: its rating is in 1..5 (NULL passes)."""
    return [
        CheckConstraint(f"{name} BETWEEN {LOWEST} AND {HIGHEST}", name=f"ck_{name}_range")
        for name in DIMENSIONS
    ]


def one_of(column: str, values: Any) -> CheckConstraint:
    """Return a constraint: the column holds one of a fixed set of values (NULL passes)."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"ck_{column}")
