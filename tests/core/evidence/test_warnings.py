"""What counts as a warning before an outcome, and what the rivals would have said."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from feedback.core.alerts.reasons import Kind
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeOf
from feedback.core.evidence.warnings import (
    Heard,
    KnownOf,
    Period,
    Warned,
    WarningSign,
    case_of,
    could_be_warned,
    period_starts,
    warning_record,
)

DAY = date(2026, 6, 30)
ANN, BEN, REP = UUID(int=1), UUID(int=2), UUID(int=3)
LOST = OutcomeOf(UUID(int=9), UUID(int=8), None, DAY, ClientOutcome.LOST)


def before(days: int) -> date:
    return DAY - timedelta(days=days)


def known(*, warned=(), heard=(), met=400) -> KnownOf:
    return KnownOf(list(warned), list(heard), {ANN: before(met)}, {ANN: {REP}})


@pytest.mark.parametrize(
    ("days", "kind", "lead"),
    [(1, Kind.LOW, 1), (365, Kind.SILENCE, 365), (0, Kind.LOW, None), (-1, Kind.LOW, None), (366, Kind.LOW, None),
     (30, Kind.DOUBTFUL, None), (30, Kind.DISPUTED, None), (30, Kind.UNUSUAL, None), (30, Kind.BLIND_SPOT, 30)],
)  # fmt: skip
def test_only_reasons_of_the_year_before_warn(days, kind, lead):
    assert case_of(LOST, known(warned=[Warned(before(days), ANN, REP, kind)])).lead == lead


def test_first_warning_of_the_year_gives_the_lead():
    reasons = [Warned(before(days), ANN, REP, Kind.LOW) for days in (400, 20, 200, 5)]
    for order in permutations(reasons):
        assert case_of(LOST, known(warned=order)).lead == 200


@pytest.mark.parametrize(
    ("heard", "low", "detractor"),
    [
        ([(9, ANN, 3.0, None)], True, False),  # at most 3
        ([(9, ANN, 3.1, 6)], False, True),
        ([(9, ANN, 4.0, 7)], False, False),
        ([(9, ANN, 1.0, 0), (3, ANN, 4.5, 9)], False, False),  # the last counts
        ([(9, ANN, 1.0, 2), (3, ANN, 4.5, None)], False, True),  # asked now and then: the last time it was
        ([(9, ANN, 5.0, 9), (30, BEN, 2.0, 1)], True, True),  # somebody there
        ([(0, ANN, 1.0, 0), (366, ANN, 1.0, 0)], False, False),  # on the day itself, and long ago
        ([(4, ANN, 5.0, 9), (4, ANN, 2.0, 1)], True, True),  # twice a day: the lower
        ([(9, ANN, None, 3)], False, True),
        ([], False, False),
    ],
)  # fmt: skip
def test_rivals_take_the_last_answer_of_somebody(heard, low, detractor):
    answers = [Heard(before(days), who, mean, said) for days, who, mean, said in heard]
    for order in (answers, answers[::-1]):
        case = case_of(LOST, known(heard=order))
        assert (case.low, case.detractor) == (low, detractor)


def test_outcome_of_one_contact_knows_only_of_them():
    everything = known(warned=[Warned(before(9), BEN, REP, Kind.LOW)], heard=[Heard(before(9), BEN, 1.0, 0)])
    assert case_of(replace(LOST, contact_id=ANN), everything).warned_on is None
    assert case_of(replace(LOST, contact_id=ANN), everything).answers == 0
    assert case_of(replace(LOST, contact_id=BEN), everything).lead == 9
    assert not could_be_warned(replace(LOST, contact_id=BEN), everything)


@pytest.mark.parametrize(("met", "could"), [(1, True), (0, False), (-5, False)])
def test_nothing_warns_before_the_first_meeting(met, could):
    assert could_be_warned(LOST, known(met=met)) is could
    assert not could_be_warned(LOST, KnownOf())


def test_order_of_cases_changes_nothing():
    cases = [
        case_of(replace(LOST, id=UUID(int=n), outcome=outcome), known(warned=[Warned(before(n), ANN, REP, Kind.LOW)] if n % 2 else []))
        for n, outcome in enumerate((*ClientOutcome, ClientOutcome.LOST), 1)
    ]  # fmt: skip
    records = {repr(warning_record(order)) for order in permutations(cases)}
    assert len(records) == 1
    record = warning_record(cases)
    crossed = record.crossed[WarningSign.ALERT]
    assert (crossed.lost_warned, crossed.lost_not, crossed.kept_warned, crossed.kept_not) == (1, 1, 2, 1)
    assert (record.leads, record.median_lead, record.cases, record.reps) == ([5], 5, 5, 1)
    assert warning_record([]).median_lead is None


def test_periods_end_today():
    assert period_starts(Period.QUARTER, DAY) == date(2026, 4, 1)
    assert period_starts(Period.YEAR, DAY) == date(2025, 7, 1)
    assert period_starts(Period.ALL, DAY) == date.min
