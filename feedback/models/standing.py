"""The standings of weeks that are over. Written once when the week has ended, never changed again."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from feedback.core.gaps.doughnuts import Badge
from feedback.models.columns import Row, within, word


class FrozenWeek(Row, table=True):
    """A week whose standings are frozen."""

    __tablename__ = "weeks"
    __table_args__ = (UniqueConstraint("organisation_id", "monday", name="uq_week"),)

    monday: date
    frozen_at: datetime
    mu: float  # core.scoring.reps.Field, as it was then
    sigma: float
    # core.scoring.drift.Certainty, as it was then; None in weeks frozen before it was worked out
    worth: float | None = None
    drift: float | None = None
    widening: float | None = None
    # What clients usually say: the organisation's mean in each dimension, 1..5, as reps could know it when the week was
    # frozen (core.gaps.forecast); None where nobody had rated it, and in weeks frozen before it was written down.
    usual_integrity: float | None = None
    usual_competency: float | None = None
    usual_recognition: float | None = None
    usual_proactivity: float | None = None
    usual_savvy: float | None = None
    usual_chemistry: float | None = None


class Standing(Row, table=True):
    """The standing of a rep in one frozen week; the numbers are those of
    core.scoring.leaderboard.RepStanding. The rep's name is not stored, so that an erased person's name
    disappears."""

    __tablename__ = "standings"
    __table_args__ = (
        UniqueConstraint("organisation_id", "monday", "rep_id", name="uq_standing"),
        within("rep_id", "users"),
        within("team_id", "teams"),
    )

    monday: date
    rep_id: UUID
    team_id: UUID | None = None
    team: str | None = Field(default=None, max_length=200)  # its name then
    rank: int | None = None
    rank_low: int | None = (
        None  # the ranks that it could be; None in weeks frozen before they were worked out
    )
    rank_high: int | None = None
    score: float
    low: float
    high: float
    voices: float
    loyalty: float | None = None
    answered: int = 0  # of invitations, in the last 13 weeks
    invitations: int = 0
    opened: int = 0  # of meetings, in the last 13 weeks
    meetings: int = 0
    real_gaps: int = 0  # of could_have_gaps
    could_have_gaps: int = 0
    reads_the_room: float | None = None
    calibration: float | None = None
    doughnuts: float | None = None
    value: float | None = None
    badge: Badge | None = word(Badge, 32, None)
