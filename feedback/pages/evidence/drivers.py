"""What the drivers are fitted to: complete answers, and what became of whoever gave them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from feedback.core.evidence.claims_outcomes import DAYS_BEFORE
from feedback.core.evidence.drivers import Drivers, DriverTarget, DriverWeight, target_for
from feedback.core.evidence.outcomes import OutcomeOf, last_outcomes
from feedback.pages.evidence.frame import EvidenceScope
from feedback.pages.evidence.said import AnswerSaid, answers_said, last_before
from feedback.store.outcomes import outcomes_that_stand

DriverRow = tuple[tuple[int, ...], float]  # six ratings, target


@dataclass(slots=True)
class DriverData:
    """What there is to fit."""

    complete: int = 0  # answers with all six
    target: DriverTarget | None = None
    rows: list[DriverRow] = field(default_factory=list)  # one for each client
    rep_ids: set[UUID] = field(default_factory=set)


class _Recommended:
    """Of each contact the last complete answer with one to the recommend question; counts all complete ones."""

    def __init__(self) -> None:
        self.complete, self.found = 0, dict[UUID, tuple[tuple[int, ...], int, UUID]]()

    def passing(self, said: Iterable[AnswerSaid]) -> Iterator[AnswerSaid]:
        """Return the complete answers, and remember what is needed of them. said: the oldest first."""
        for each in said:
            rated = tuple(rating for rating in each.ratings if rating is not None)
            if len(rated) == len(each.ratings):
                self.complete += 1
                if each.nps is not None:
                    self.found[each.contact_id] = rated, each.nps, each.rep_id
                yield each


def driver_data(session: Session, scope: EvidenceScope) -> DriverData:
    """Return a row for each client: the last complete answer before an outcome with kept 1 or lost 0, where there are
    enough outcomes; else the last complete answer to the six and to the recommend question."""
    outcomes = last_outcomes(outcomes_that_stand(session, scope.organisation_id), date.min, scope.today)
    recommended = _Recommended()
    ended = list(last_before(outcomes, recommended.passing(answers_said(session, scope)), DAYS_BEFORE))
    lost = sum(outcome.lost for outcome, _ in ended)
    target = target_for(recommended.complete, len(ended) - lost, lost, len(recommended.found))
    data = DriverData(recommended.complete, target)
    if target is DriverTarget.OUTCOME:
        data.rows = [_row_of(outcome, said) for outcome, said in ended]
        data.rep_ids = {said.rep_id for _, said in ended}
    elif target is DriverTarget.RECOMMEND:
        data.rows = [(ratings, float(nps)) for ratings, nps, _ in recommended.found.values()]
        data.rep_ids = {rep_id for _, _, rep_id in recommended.found.values()}
    return data


def _row_of(outcome: OutcomeOf, said: AnswerSaid) -> DriverRow:
    return tuple(rating or 0 for rating in said.ratings), 0.0 if outcome.lost else 1.0


def drivers_as_stored(section: Mapping[str, Any] | None, least: int) -> Drivers | None:
    """Return what was fitted (jobs/drivers.py), as the section was stored; None where nothing was, or where it is of fewer
    than `least` reps."""
    fitted = section["fitted"] if section else None
    if fitted is None or fitted["reps"] < least:
        return None
    weights = tuple(DriverWeight(**each) for each in fitted["weights"])
    return Drivers(DriverTarget(fitted["target"]), fitted["clients"], fitted["reps"], weights)
