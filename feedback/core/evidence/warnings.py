"""The warnings' own record: who was warned about before a client was lost, and who for nothing.

An account, or a contact with an outcome of its own, was warned about when an alert gave a reason in the 365 days before
the day of its outcome: not on that day, and not after. Two simple rivals are held against the same cases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID

from feedback.core.alerts.reasons import ABOUT_TRUST, Kind
from feedback.core.evidence.outcomes import OutcomeOf
from feedback.core.evidence.wilson import wilson

HORIZON = timedelta(days=365)  # before an outcome, in which something counts as a warning
LEAST_OUTCOMES = 10  # under which it is too early to say
LOW_MEAN = 3.0  # the mean of the last answer's ratings, at most: the first rival
DETRACTOR = 6  # "would you recommend us", 0..10, at most: the second rival


class Period(StrEnum):
    """For what time the record is shown: outcomes whose day is in it."""

    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


PERIOD_DAYS = {Period.QUARTER: 91, Period.YEAR: 365}


class WarningSign(StrEnum):
    """What is held against the outcomes: our own warnings, and two rivals."""

    ALERT = "alert"
    LOW = "low"
    DETRACTOR = "detractor"


@dataclass(frozen=True, slots=True)
class Warned:
    """A reason that an alert was given."""

    day: date  # on which it was given
    contact_id: UUID
    rep_id: UUID
    kind: Kind


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer that counts."""

    day: date  # since which it is known
    contact_id: UUID
    mean: float | None  # of its ratings, 1..5
    recommends: int | None  # 0..10; None where that was not asked, or not answered


@dataclass(frozen=True, slots=True)
class KnownOf:
    """What is known of one account."""

    warned: list[Warned] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    met: dict[UUID, date] = field(default_factory=dict)  # by contact: the day of the first meeting
    reps: dict[UUID, set[UUID]] = field(default_factory=dict)  # by contact: who met them

    def of(self, contact_id: UUID | None) -> "KnownOf":
        """Return what is known of one contact; of None all."""
        if contact_id is None:
            return self
        return KnownOf(
            [each for each in self.warned if each.contact_id == contact_id],
            [each for each in self.heard if each.contact_id == contact_id],
            {who: day for who, day in self.met.items() if who == contact_id},
            {who: reps for who, reps in self.reps.items() if who == contact_id},
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One outcome, and what was known on the day before."""

    outcome: OutcomeOf
    warned_on: date | None  # the first warning within the horizon
    low: bool  # the last answer of somebody there was low
    detractor: bool  # the last time somebody there was asked, they would not recommend us
    answers: int  # within the horizon
    asked: bool  # whether anybody there answered whether they would recommend us
    reps: frozenset[UUID]  # who met them

    @property
    def lead(self) -> int | None:
        """How many days before the outcome the first warning came; None without one."""
        return (self.outcome.day - self.warned_on).days if self.warned_on else None

    def has(self, signal: WarningSign) -> bool:
        """Tell whether this signal was there before the outcome."""
        return {
            WarningSign.ALERT: self.warned_on is not None,
            WarningSign.LOW: self.low,
            WarningSign.DETRACTOR: self.detractor,
        }[signal]


@dataclass(frozen=True, slots=True)
class Crossed:
    """Cases by what became of them and whether there was a signal before."""

    lost_warned: int
    lost_not: int
    kept_warned: int
    kept_not: int

    @property
    def lost(self) -> int:
        return self.lost_warned + self.lost_not

    @property
    def kept(self) -> int:
        return self.kept_warned + self.kept_not

    @property
    def hits(self) -> tuple[float, float] | None:
        """Return the range of the share of lost clients that were warned about."""
        return wilson(self.lost_warned, self.lost)

    @property
    def false_alarms(self) -> tuple[float, float] | None:
        """Return the range of the share of kept clients that were warned about."""
        return wilson(self.kept_warned, self.kept)


@dataclass(frozen=True, slots=True)
class WarningRecord:
    """The record of one period."""

    crossed: dict[WarningSign, Crossed]
    leads: list[int]  # days, of the lost clients that were warned about, in order
    heard: int  # cases with an answer within the horizon
    asked: int  # cases of which somebody answered whether they would recommend us
    reps: int  # who met them
    lost: list[UUID]  # ids of the outcomes, the latest first

    @property
    def cases(self) -> int:
        """Return how many outcomes it rests on."""
        every = self.crossed[WarningSign.ALERT]
        return every.lost + every.kept

    @property
    def early(self) -> bool:
        """Tell whether it rests on too few outcomes to say anything."""
        return self.cases < LEAST_OUTCOMES

    @property
    def median_lead(self) -> float | None:
        """Return the median of the lead times, in days."""
        return median(self.leads) if self.leads else None


def period_starts(period: Period, today: date) -> date:
    """Return the first day of a period that ends today."""
    days = PERIOD_DAYS.get(period)
    return date.min if days is None else today - timedelta(days=days - 1)


def is_warning(kind: Kind) -> bool:
    """Tell whether a reason of an alert warns about a client: doubts about who answered do not."""
    return kind not in ABOUT_TRUST


def could_be_warned(outcome: OutcomeOf, known: KnownOf) -> bool:
    """Tell whether somebody here had met the client before the day of the outcome. Else nothing could have warned."""
    days = known.of(outcome.contact_id).met.values()
    return any(day < outcome.day for day in days)


def case_of(outcome: OutcomeOf, known: KnownOf) -> Case:
    """Return what was known of whom the outcome is about, on the day before it."""
    mine = known.of(outcome.contact_id)
    heard = [each for each in mine.heard if _counts(each.day, outcome.day)]
    warned = [each.day for each in mine.warned if is_warning(each.kind) and _counts(each.day, outcome.day)]
    last_means = _last_by_contact((h.day, h.contact_id, h.mean) for h in heard)
    last_said = _last_by_contact((h.day, h.contact_id, h.recommends) for h in heard)
    return Case(
        outcome=outcome,
        warned_on=min(warned, default=None),
        low=any(mean <= LOW_MEAN for mean in last_means),
        detractor=any(said <= DETRACTOR for said in last_said),
        answers=len(heard),
        asked=bool(last_said),
        reps=frozenset(rep for reps in mine.reps.values() for rep in reps),
    )


def warning_record(cases: Sequence[Case]) -> WarningRecord:
    """Return the record of these cases, in whatever order."""
    lost = sorted(
        (c for c in cases if c.outcome.lost), key=lambda c: (c.outcome.day, c.outcome.id), reverse=True
    )
    return WarningRecord(
        crossed={signal: _crossed(cases, signal) for signal in WarningSign},
        leads=sorted(case.lead for case in lost if case.lead is not None),
        heard=sum(case.answers > 0 for case in cases),
        asked=sum(case.asked for case in cases),
        reps=len(frozenset[UUID]().union(*(case.reps for case in cases))),
        lost=[case.outcome.id for case in lost],
    )


def _crossed(cases: Iterable[Case], signal: WarningSign) -> Crossed:
    counts: Mapping[tuple[bool, bool], int] = _counted((c.outcome.lost, c.has(signal)) for c in cases)
    return Crossed(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def _counted(pairs: Iterable[tuple[bool, bool]]) -> dict[tuple[bool, bool], int]:
    counts = {(lost, warned): 0 for lost in (True, False) for warned in (True, False)}
    for pair in pairs:
        counts[pair] += 1
    return counts


def _counts(day: date, outcome: date) -> bool:
    return outcome - HORIZON <= day < outcome


def _last_by_contact(said: Iterable[tuple[date, UUID, float | None]]) -> list[float]:
    """Return the last value of each contact that has one; of several on one day the lowest."""
    last: dict[UUID, tuple[date, float]] = {}
    for day, contact_id, value in said:
        if value is None:
            continue
        before = last.get(contact_id)
        if before is None or day > before[0] or (day == before[0] and value < before[1]):
            last[contact_id] = day, value
    return [value for _, value in last.values()]
