"""Changes of what scores are worked out with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import ChangeState, ScoringChange, User

CLAIM_HOLDS = timedelta(minutes=15)  # after which a worker that said nothing is taken for dead
WORKING = (ChangeState.TRYING, ChangeState.APPLYING)


@dataclass(frozen=True, slots=True)
class ScoringChangeView:
    """A change as an owner sees it."""

    id: UUID
    half_life_days: int
    review_days: int
    timezone: str
    state: ChangeState
    preview: dict[str, Any] | None
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None

    @property
    def working(self) -> bool:
        """Whether a worker has it, or is to have it."""
        return self.state in WORKING


_CHANGES = select(
    col(ScoringChange.id), col(ScoringChange.half_life_days), col(ScoringChange.review_days), col(ScoringChange.timezone),
    col(ScoringChange.state), col(ScoringChange.preview), col(User.name).label("asked_by"),
    col(ScoringChange.created_at).label("asked_at"), col(ScoringChange.ended_at),
).join(User, references(ScoringChange, ScoringChange.user_id, User))  # fmt: skip


def scoring_change_for(session: Session, organisation_id: UUID, change_id: UUID) -> ScoringChangeView:
    """Return a change. Raises NotFound."""
    here = _CHANGES.where(
        col(ScoringChange.organisation_id) == organisation_id, col(ScoringChange.id) == change_id
    )
    found = views(ScoringChangeView, session.execute(here))
    if not found:
        raise NotFound("change")
    return found[0]


def open_scoring_change(session: Session, organisation_id: UUID) -> ScoringChangeView | None:
    """Return the change that has not ended; None without one."""
    here = _CHANGES.where(
        col(ScoringChange.organisation_id) == organisation_id, col(ScoringChange.ended_at).is_(None)
    )
    found = views(ScoringChangeView, session.execute(here.order_by(col(ScoringChange.id).desc()).limit(1)))
    return found[0] if found else None


def due_scoring_changes(session: Session, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return (organisation_id, id) of the changes that no worker has, the oldest first."""
    rows = session.execute(
        select(col(ScoringChange.organisation_id), col(ScoringChange.id))
        .where(is_due(now))
        .order_by(col(ScoringChange.created_at), col(ScoringChange.id))
        .execution_options(across_organisations=True)
    )
    return [(row[0], row[1]) for row in rows]


def is_due(now: datetime) -> Any:
    """Return the condition that a change waits for a worker."""
    free = or_(col(ScoringChange.claimed_at).is_(None), col(ScoringChange.claimed_at) <= now - CLAIM_HOLDS)
    return and_(or_(col(ScoringChange.state).in_(WORKING), col(ScoringChange.again_at) <= now), free)
