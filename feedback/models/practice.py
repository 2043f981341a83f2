"""The one thing a rep works on in a relationship."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PER_DIMENSION
from feedback.models.columns import Dated, one_of, within


class PracticeChoice(Dated, table=True):
    """number: from 1, of the dimension's practices. assigned_by_id: the manager who chose it, if one did.
    One at a time per relationship; ended_at when another took its place."""

    __tablename__ = "practice_choices"
    __table_args__ = (
        within("relationship_id", "relationships"),
        within("assigned_by_id", "users"),
        one_of("dimension", DIMENSIONS),
        CheckConstraint(f"number BETWEEN 1 AND {PER_DIMENSION}", name="ck_practice_number"),
        Index(
            "uq_open_practice",
            "organisation_id",
            "relationship_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    relationship_id: UUID
    dimension: str = Field(max_length=16)
    number: int
    assigned_by_id: UUID | None = None
    ended_at: datetime | None = None
