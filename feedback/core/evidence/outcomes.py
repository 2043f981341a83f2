"""What became of an account, or of one contact there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class ClientOutcome(StrEnum):
    """What a client did in the end. All but `lost` are called kept."""

    RENEWED = "renewed"
    GREW = "grew"
    SHRANK = "shrank"
    LOST = "lost"


class OutcomeSource(StrEnum):
    """How an outcome came in."""

    PAGE = "page"
    IMPORT = "import"
    ALERT = "alert"
    API = "api"


@dataclass(frozen=True, slots=True)
class OutcomeOf:
    """One outcome that stands."""

    id: UUID
    account_id: UUID
    contact_id: UUID | None  # None where it is the whole account's
    day: date  # in the organisation's calendar
    outcome: ClientOutcome
    value_before: float | None = None  # yearly, in the organisation's currency
    value_after: float | None = None

    @property
    def subject(self) -> tuple[UUID, UUID | None]:
        """Return what it is about: the account, or one contact there."""
        return self.account_id, self.contact_id

    @property
    def lost(self) -> bool:
        """Whether the client was lost."""
        return self.outcome is ClientOutcome.LOST


def last_outcomes(outcomes: Iterable[OutcomeOf], first: date, last: date) -> list[OutcomeOf]:
    """Return of each account, and of each contact with an outcome of its own, the last outcome from day `first` to day
    `last`, both included; by day. Whoever was lost and won back in that time was not lost, and the other way round."""
    found: dict[tuple[UUID, UUID | None], OutcomeOf] = {}
    for each in sorted(outcomes, key=_order):
        if first <= each.day <= last:
            found[each.subject] = each
    return sorted(found.values(), key=_order)


def _order(each: OutcomeOf) -> tuple[date, UUID]:
    return each.day, each.id
