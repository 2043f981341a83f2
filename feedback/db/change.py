"""The open transaction of an action: the first argument of every function that writes."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from feedback.core.scoring.points import Scoring
from feedback.db.engine import WritingSession
from feedback.models import Audit, Organisation


class Invalid(Exception):
    """Raised when an action refuses its input; `reasons` has the text for each form field. Nothing was
    changed."""

    def __init__(self, **reasons: str) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction on one organisation, at one moment. The caller of the action (a view, a command, a job)
    opens it."""

    session: WritingSession
    organisation_id: UUID
    now: datetime  # the time of the change, the same for everything that it writes
    rescored: set[UUID] = field(default_factory=set)  # reps whose relationships' numbers were written

    @property
    def organisation(self) -> Organisation:
        """Return the organisation. It is read once in a session, and only when it is needed: a tap does
        not."""
        return self.session.get_one(Organisation, self.organisation_id)

    @property
    def zone(self) -> ZoneInfo:
        """Return the organisation's time zone."""
        return ZoneInfo(self.organisation.timezone)

    def audit(
        self, user_id: UUID | None, what: str, about_id: UUID | None = None, reason: str | None = None
    ) -> None:
        """Write down who did what to what, and why. user_id: None for nobody of ours."""
        self.session.add(
            Audit(
                organisation_id=self.organisation_id,
                user_id=user_id,
                what=what,
                about_id=about_id,
                reason=reason,
                created_at=self.now,
            )
        )

    @property
    def scoring(self) -> Scoring:
        """Return what the organisation's scores are calculated with."""
        return Scoring(self.organisation.half_life_days, self.zone)
