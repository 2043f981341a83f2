"""What is true here, from the organisation's own data: the warnings' record, the claims, the drivers, the instrument."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from feedback.api.operations import MANAGERS, operation
from feedback.api.shapes import Listing, ListQuery, Out, Query
from feedback.core.access import LEAST_GROUP
from feedback.core.alerts.reasons import Kind
from feedback.core.evidence.claims import Claim, ClaimVerdict, WhyEarly
from feedback.core.evidence.drivers import DriverTarget
from feedback.core.evidence.health import HealthAdvice
from feedback.core.evidence.outcomes import ClientOutcome
from feedback.core.evidence.warnings import Crossed, Period, WarningSign
from feedback.pages.evidence.frame import evidence_of, scope_of_viewer
from feedback.pages.evidence.lines import LostLine, lost_lines
from feedback.pages.evidence.shown import RecordShown, record_shown
from feedback.web.context import current_user, now, read_session
from feedback.web.evidence_findings import ClaimCard, HealthLine, claims_shown, drivers_shown, health_shown


class RangeOut(Out):
    """A figure with the range that holds it four times out of five."""

    name: str
    value: float
    low: float
    high: float


class SignOut(Out):
    """What one sign would have told of the clients who were lost, and wrongly of those who stayed."""

    sign: WarningSign
    lost: int
    lost_warned: int
    kept: int
    kept_warned: int
    hits: tuple[float, float] | None = Field(
        description="Range of the share of lost clients warned about, 0 to 1."
    )
    false_alarms: tuple[float, float] | None = Field(
        description="Range of the share of those who stayed, 0 to 1."
    )


class RecordOut(Out):
    """The record of our own warnings, beside two simple rivals."""

    outcomes: int
    too_early: bool = Field(description="Fewer than ten outcomes: no shares.")
    signs: list[SignOut]
    median_lead: float | None = Field(description="Days between the first warning and the loss.")
    leads: int = Field(description="Lost clients that were warned about.")


class ClaimOut(Out):
    """What research says, held against the organisation's own data."""

    claim: Claim
    title: str
    verdict: ClaimVerdict
    why_early: WhyEarly | None
    figures: list[RangeOut] = Field(description="Empty where a works agreement hides figures of few reps.")
    sample: dict[str, int] = Field(description="What was counted, by name.")


class WeightOut(Out):
    """How much one dimension tells."""

    dimension: str
    weight: float
    low: float
    high: float


class DriversOut(Out):
    """Which dimension goes with what became of clients."""

    silence: str | None = Field(description="Why nothing is said.")
    target: DriverTarget | None
    clients: int
    weights: list[WeightOut]


class InstrumentOut(Out):
    """How sound the answers of a group are as a measurement."""

    group: str
    answers: int
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    straight: float | None = Field(
        description="Share of answers with six equal ratings; null of too few answers."
    )
    fives: float | None = Field(description="Share of answers with six fives.")
    advice: list[str]


class EvidenceOut(Out):
    """The figures as they were worked out last; null where they are not there."""

    worked_out_at: datetime | None
    warnings: RecordOut | None
    claims: list[ClaimOut]
    drivers: DriversOut | None
    instrument: list[InstrumentOut]


class LostOut(Out):
    """A lost client, and what was known before."""

    outcome_id: UUID
    account_id: UUID
    account: str
    contact: str | None
    outcome: ClientOutcome
    happened_on: date
    warned_on: date | None
    lead_days: int | None
    kinds: list[Kind] = Field(description="Of the first warning.")


class PeriodQuery(Query):
    """Of which time the warnings' record is."""

    period: Period = Period.YEAR


class LostQuery(ListQuery):
    """Of which time."""

    period: Period = Period.YEAR


def _sections() -> tuple[datetime | None, dict[str, Any]]:
    found = evidence_of(read_session(), current_user(), now())
    return (found.worked_out_at, dict(found.sections)) if found else (None, {})


@operation("GET", "/evidence", roles=MANAGERS)
def show_evidence(query: PeriodQuery) -> EvidenceOut:
    """Show whether warnings came before losses, and what is true here of what research says."""
    at, stored = _sections()
    warnings, claims = stored.get("warnings"), stored.get("claims")
    drivers, health = stored.get("drivers"), stored.get("health")
    return EvidenceOut(
        worked_out_at=at,
        warnings=_record(record_shown(warnings["periods"][query.period])) if warnings else None,
        claims=[_claim(each) for each in claims_shown(claims)["cards"]] if claims else [],
        drivers=_drivers(drivers_shown(drivers)) if drivers else None,
        instrument=_instrument(health_shown(health)) if health else [],
    )


def _record(found: RecordShown) -> RecordOut | None:
    figures = current_user().figures
    if not figures.by_person and found.reps < LEAST_GROUP:
        return None
    early = found.early
    return RecordOut(
        outcomes=found.cases, too_early=early, signs=[_sign(*each, early=early) for each in found.crossed.items()],
        median_lead=None if early else found.median_lead, leads=0 if early else len(found.leads),
    )  # fmt: skip


def _sign(sign: WarningSign, found: Crossed, *, early: bool) -> SignOut:
    return SignOut(
        sign=sign, lost=found.lost, lost_warned=found.lost_warned, kept=found.kept, kept_warned=found.kept_warned,
        hits=None if early else found.hits, false_alarms=None if early else found.false_alarms,
    )  # fmt: skip


def _claim(found: ClaimCard) -> ClaimOut:
    finding = found.finding
    figures = [] if found.few_reps else [RangeOut.model_validate(figure) for figure, _ in found.figures]
    return ClaimOut(
        claim=finding.claim, title=str(found.words.title), verdict=finding.verdict, why_early=finding.early,
        figures=figures, sample={} if found.few_reps else dict(finding.sample),
    )  # fmt: skip


def _drivers(found: dict[str, Any]) -> DriversOut:
    if found["silence"]:
        return DriversOut(silence=str(found["silence"]), target=None, clients=found["complete"], weights=[])
    target = DriverTarget.OUTCOME if found["outcome"] else DriverTarget.RECOMMEND
    weights = [WeightOut.model_validate(weight) for weight, _ in found["lines"]]
    return DriversOut(silence=None, target=target, clients=found["clients"], weights=weights)


def _instrument(found: dict[str, Any]) -> list[InstrumentOut]:
    return [_group(line) for line in (*found["all"], *found["teams"], *found["languages"])]


def _group(line: HealthLine) -> InstrumentOut:
    health = line.health
    few = HealthAdvice.FEW in health.advice
    return InstrumentOut(
        group=line.name or "all", answers=health.answers, alpha=health.alpha, alpha_low=health.alpha_low,
        alpha_high=health.alpha_high, straight=None if few else health.straight, fives=None if few else health.fives,
        advice=[str(each) for each in line.advice],
    )  # fmt: skip


@operation("GET", "/evidence/lost", roles=MANAGERS)
def list_lost(query: LostQuery) -> Listing[LostOut]:
    """List the lost clients, the latest first, and when each was first warned about. Not under a works agreement."""
    who = current_user()
    who.figures.require_by_person()
    _, stored = _sections()
    section = stored.get("warnings")
    lost = record_shown(section["periods"][query.period]).lost if section else []
    scope = scope_of_viewer(who, now())
    return query.page(lambda skip, take: lost_lines(read_session(), scope, lost[skip : skip + take]), _lost)


def _lost(found: LostLine) -> LostOut:
    outcome = found.outcome
    return LostOut(
        outcome_id=outcome.id, account_id=outcome.account_id, account=found.account, contact=outcome.contact,
        outcome=outcome.outcome, happened_on=outcome.happened_on, warned_on=found.case.warned_on,
        lead_days=found.case.lead, kinds=found.first_kinds,
    )  # fmt: skip
