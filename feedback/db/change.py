"""The open transaction of an action: the first argument of every function that writes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Delete, Executable, Update, bindparam, select
from sqlmodel import col

from feedback.core.scoring.points import Scoring
from feedback.db.engine import WritingSession
from feedback.models import Audit, Organisation
from feedback.models.audit import LONGEST_NAME


class Invalid(Exception):
    """Raised when an action refuses its input; `reasons` has the text for each form field. Nothing was
    changed."""

    def __init__(self, **reasons: str) -> None:
        self.reasons = {field: str(reason) for field, reason in reasons.items()}
        super().__init__("; ".join(self.reasons.values()))


@dataclass(frozen=True, slots=True)
class Calendar:
    """What every change asks of its organisation."""

    timezone: str
    half_life_days: int
    next_freeze: date  # the Monday of the first week not yet frozen


@dataclass(frozen=True)
class Change:
    """One transaction on one organisation, at one moment. The caller of the action (a view, a command, a job)
    opens it."""

    session: WritingSession
    organisation_id: UUID
    now: datetime  # the time of the change, the same for everything that it writes
    rescored: set[UUID] = field(default_factory=set)  # reps whose relationships' numbers were written

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation. It is read once, and only when it is needed: a tap does not, and Done does not."""
        return self.session.get_one(Organisation, self.organisation_id)

    @cached_property
    def _calendar(self) -> Calendar:
        asked = {"organisation": self.organisation_id}
        return Calendar(*self.session.connection().execute(_CALENDAR, asked).one())

    @property
    def calendar(self) -> Calendar | Organisation:
        """Return the organisation where it was read, for it may have been changed here; else the calendar alone, which
        takes a fifth of the time."""
        read: Organisation | None = self.__dict__.get("organisation")
        return read or self._calendar

    def know(self, calendar: Calendar) -> None:
        """Take the calendar from a statement of this transaction that has read it beside other things."""
        self.__dict__["_calendar"] = calendar

    @property
    def zone(self) -> ZoneInfo:
        """Return the organisation's time zone."""
        return ZoneInfo(self.calendar.timezone)

    def execute(self, statement: Executable, values: dict[str, Any]) -> int:
        """Write by a statement with parameters, without the ORM; return how many rows it wrote."""
        self.session.wrote = True
        return self.session.connection().execute(statement, values).rowcount

    def write(self, statement: Update | Delete) -> int:
        """Write to many rows by a statement; return how many it wrote. What was read of them before stays as it was."""
        done = self.session.execute(statement.execution_options(synchronize_session=False))
        return cast("CursorResult[Any]", done).rowcount

    def audit(
        self,
        user_id: UUID | None,
        what: str,
        about_id: UUID | None = None,
        reason: str | None = None,
        *,
        name: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        network: str | None = None,
    ) -> None:
        """Write down who did what to what, and why: the one way into the audit log. user_id: None for nobody of ours.
        what: an AuditKind. name: what about_id is called. before, after: only what changed; no secret, no answer, no
        comment. network: a keyed hash."""
        self.session.add(
            Audit(
                organisation_id=self.organisation_id,
                user_id=user_id,
                what=what,
                about_id=about_id,
                about_name=name and name[:LONGEST_NAME],
                reason=reason,
                before=before,
                after=after,
                network=network,
                created_at=self.now,
            )
        )

    @property
    def scoring(self) -> Scoring:
        """Return what the organisation's scores are calculated with."""
        return Scoring(self.calendar.half_life_days, self.zone)


_CALENDAR = select(
    col(Organisation.timezone), col(Organisation.half_life_days), col(Organisation.next_freeze)
).where(col(Organisation.id) == bindparam("organisation"))
