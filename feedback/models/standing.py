"""Frozen weeks. Written once when the week has ended, never changed again."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from feedback.core.gaps.doughnuts import Badge
from feedback.models.columns import Row, within, word


class Week(Row, table=True):
    """A week whose standings are frozen, and what the field looked like then."""

    __tablename__ = "weeks"
    __table_args__ = (UniqueConstraint("organisation_id", "monday", name="uq_week"),)

    monday: date
    frozen_at: datetime
    mu: float
    sigma: float


class Standing(Row, table=True):
    """A rep's place in one frozen week. The name is looked up, so that an erased person's name goes."""

    __tablename__ = "standings"
    __table_args__ = (
        UniqueConstraint("organisation_id", "monday", "rep_id", name="uq_standing"),
        within("rep_id", "users"),
        within("team_id", "teams"),
    )

    monday: date
    rep_id: UUID
    team_id: UUID | None = None
    team: str | None = Field(default=None, max_length=200)
    rank: int | None = None
    score: float
    low: float
    high: float
    voices: float
    loyalty: float | None = None
    answered: int = 0
    invitations: int = 0
    opened: int = 0
    meetings: int = 0
    real_gaps: int = 0
    could_have_gaps: int = 0
    reads_the_room: float | None = None
    calibration: float | None = None
    doughnuts: float | None = None
    value: float | None = None
    badge: Badge | None = word(Badge, 32, None)
