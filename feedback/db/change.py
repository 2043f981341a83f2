"""A write in progress: what every action takes first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.core.scoring.points import Scoring
from feedback.models import Organisation


class Invalid(Exception):
    """What was asked for cannot be; `reasons` says why, by form field. Nothing was changed."""

    def __init__(self, **reasons: str) -> None:
        super().__init__("; ".join(reasons.values()))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Change:
    """A write in progress."""

    session: Session
    organisation: Organisation
    now: datetime

    @property
    def organisation_id(self) -> UUID:
        return self.organisation.id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.organisation.timezone)

    @property
    def scoring(self) -> Scoring:
        return Scoring(self.organisation.half_life_days, self.zone)
