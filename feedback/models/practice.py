"""The practice that a rep works on in a relationship."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PER_DIMENSION
from feedback.models.columns import Dated, one_of, within


class PracticeChoice(Dated, table=True):
    """The choice of a practice. A relationship has at most one that has not ended, and a rep at most one in a dimension
    (actions.practices)."""

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
    dimension: str = Field(max_length=16)  # one of DIMENSIONS
    number: int  # of the dimension's practices, from 1
    assigned_by_id: UUID | None = None  # the manager who chose it; None when the rep did
    ended_at: datetime | None = None  # when another choice replaced it
