"""The open transaction of an action: the first argument of whatever writes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.core.scoring.points import Scoring
from feedback.models import Organisation


class Invalid(Exception):
    """Raised when an action refuses its input; `reasons` has the text for each form field. Nothing was
    changed."""

    def __init__(self, **reasons: str) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Change:
    """One open transaction of one organisation."""

    session: Session
    organisation: Organisation
    now: datetime  # the time of the change, the same for everything that it writes

    @property
    def organisation_id(self) -> UUID:
        return self.organisation.id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.organisation.timezone)

    @property
    def scoring(self) -> Scoring:
        return Scoring(self.organisation.half_life_days, self.zone)
