"""A change of what scores are worked out with, from the moment it is asked for until everything is worked out anew."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field

from feedback.core.scoring.points import LONGEST_HALF_LIFE, SHORTEST_HALF_LIFE
from feedback.models.columns import Dated, one_of, within, word


class ChangeState(StrEnum):
    """How far a change is."""

    TRYING = "trying"  # waits for a worker to tell what it would do, or is with one
    TRIED = "tried"  # waits for the owner
    APPLYING = "applying"  # waits to be applied, or is
    DONE = "done"
    STOPPED = "stopped"  # by an owner, or because it could not go on; nothing was written


class ScoringChange(Dated, table=True):
    """Another half-life, review interval or time zone."""

    __tablename__ = "scoring_changes"
    __table_args__ = (
        within("user_id", "users"),
        one_of("state", ChangeState),
        CheckConstraint(
            f"half_life_days BETWEEN {SHORTEST_HALF_LIFE} AND {LONGEST_HALF_LIFE}", name="ck_new_half_life"
        ),
        CheckConstraint("review_days BETWEEN 1 AND 3650", name="ck_new_review_days"),
        Index("ix_scoring_change_state", "state", "created_at"),
    )

    user_id: UUID  # who asked for it
    half_life_days: int
    review_days: int
    timezone: str = Field(max_length=64)  # IANA name
    state: ChangeState = word(ChangeState, 16, ChangeState.TRYING)
    claimed_at: datetime | None = None  # by a worker; it comes back after a while if that one died
    ended_at: datetime | None = None
    # On PostgreSQL: when to look once more, for what was written meanwhile with the old half-life.
    again_at: datetime | None = None
    preview: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # pages.scoring_preview.as_json
