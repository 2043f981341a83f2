"""The claims: ranges, verdicts, and what is said where there is too little, or all is alike."""

import random
from dataclasses import replace
from math import inf, log
from statistics import NormalDist
from uuid import UUID

import pytest

from feedback.core.evidence.claims import ClaimFinding, ClaimVerdict, WhyEarly
from feedback.core.evidence.claims_business import ValuedAccount, business_finding
from feedback.core.evidence.claims_outcomes import (
    EndedClient,
    Mood,
    last_answer,
    lukewarm_finding,
    satisfied_finding,
)
from feedback.core.evidence.claims_person import LoyalRelationship, person_finding
from feedback.core.evidence.claims_ranges import ratio_of_shares, share_range, student
from feedback.core.evidence.claims_relationships import (
    GuessedRelationship,
    RepGaps,
    gaps_finding,
    in_halves,
    underestimate_finding,
)

REP = UUID(int=1)
FINE, GOOD, POOR = (3, 3, 4, 3, 3, 3), (5, 4, 5, 4, 5, 4), (1, 2, 2, 3, 2, 2)


def ended(lost, ratings, comment=None, rep=REP):
    return EndedClient(lost, last_answer(rep, ratings, comment))


def guessed(seed=1, reps=9, accounts=8, off=lambda place: 0.5 - place):
    """Reps of whom each is better than the one before by seven points; off(0..1) is how far they guess too high."""
    rng = random.Random(seed)
    return [
        (
            UUID(int=rep),
            [
                GuessedRelationship(
                    UUID(int=100 * rep + n),
                    30 + 7 * rep + rng.gauss(0, 5),
                    off(rep / (reps - 1)) + rng.gauss(0, 0.4),
                )
                for n in range(accounts)
            ],
        )
        for rep in range(reps)
    ]


def loyal(seed=1, reps=8, accounts=6, people=3, over_reps=12.0, over_accounts=3.0):
    rng, found = random.Random(seed), []
    for rep in range(reps):
        like = rng.gauss(0, over_reps)
        for account in range(accounts):
            sold = rng.gauss(0, over_accounts)
            found += [
                LoyalRelationship(
                    UUID(int=rep * accounts + account), UUID(int=rep), 60 + like + sold + rng.gauss(0, 4)
                )
                for _ in range(people)
            ]
    return found


def test_student_is_the_known_quantile():
    known = {1: 3.0777, 2: 1.8856, 3: 1.6377, 5: 1.4759, 10: 1.3722, 30: 1.3104, 1000: 1.2824}
    assert all(student(n) == pytest.approx(value, abs=0.002) for n, value in known.items())
    assert student(0) == inf


def test_range_of_a_ratio_holds_it():
    low, high = ratio_of_shares(12, 40, 6, 60)
    assert low < 3 < high
    assert ratio_of_shares(5, 20, 0, 20)[1] == inf
    assert ratio_of_shares(0, 20, 5, 20)[0] == 0
    assert ratio_of_shares(0, 0, 5, 20) == (0, inf)
    # beside the logarithm's usual range, which is near it where there are many
    low, high = ratio_of_shares(1200, 4000, 600, 6000)
    reach = NormalDist().inv_cdf(0.9) * (1 / 1200 - 1 / 4000 + 1 / 600 - 1 / 6000) ** 0.5
    assert (log(low / 3), log(high / 3)) == pytest.approx((-reach, reach), abs=0.003)


@pytest.mark.parametrize(
    ("have", "verdict"), [(80, ClaimVerdict.HOLDS), (50, ClaimVerdict.TOO_EARLY), (20, ClaimVerdict.FAILS)]
)
def test_gaps_are_decided_by_the_whole_range(have, verdict):
    found = gaps_finding([RepGaps(60, have - 10), RepGaps(40, 10), RepGaps(0, 0)])
    assert (found.verdict, found.reps, found.sample) == (verdict, 2, {"relationships": 100, "with_gap": have})
    assert (found.figures[0].low, found.figures[0].high) == share_range(have, 100)


def test_best_and_weakest_are_told_by_other_accounts():
    found = underestimate_finding(in_halves(*rep) for rep in guessed())
    best, weakest = found.figures
    assert found.verdict is ClaimVerdict.HOLDS
    assert best.value == pytest.approx(0.375, abs=0.1)
    assert weakest.value == pytest.approx(0.375, abs=0.1)
    assert found.sample["best"] == found.sample["weakest"] == 3 * 8
    alike = underestimate_finding(in_halves(*rep) for rep in guessed(off=lambda _: 0.1))
    assert alike.verdict is ClaimVerdict.FAILS


def test_chance_makes_nobody_best():
    """Reps who are all alike, and guess the same of everybody: whoever's clients tap high by chance would seem to guess too
    low, if both were read off the same clients."""
    rng, reps = random.Random(4), []
    for rep in range(12):
        said = [rng.gauss(60, 15) for _ in range(12)]
        reps.append(
            (
                UUID(int=rep),
                [GuessedRelationship(UUID(int=n), each, 2.4 - each / 25) for n, each in enumerate(said)],
            )
        )
    found = underestimate_finding(in_halves(*rep) for rep in reps)
    assert (found.verdict, found.early) == (ClaimVerdict.TOO_EARLY, WhyEarly.ALIKE)


def test_satisfied_are_counted_among_the_lost():
    said = [ended(True, FINE)] * 15 + [ended(True, POOR)] * 3 + [ended(False, POOR)] * 40
    found = satisfied_finding(said)
    assert (found.verdict, found.sample) == (ClaimVerdict.HOLDS, {"lost": 18, "satisfied": 15})
    assert satisfied_finding(said[6:]).verdict is ClaimVerdict.HOLDS
    assert satisfied_finding([ended(True, POOR)] * 12).verdict is ClaimVerdict.FAILS
    assert satisfied_finding([ended(True, FINE)] * 9).early is WhyEarly.FEW


def test_moods_are_low_lukewarm_and_better():
    assert [last_answer(REP, r, None).mood for r in (FINE, GOOD, POOR)] == [
        Mood.LUKEWARM,
        Mood.BETTER,
        Mood.LOW,
    ]
    assert last_answer(REP, GOOD, "fine, ok").mood is Mood.LUKEWARM
    assert last_answer(REP, (4, None, 5, None, None, None), None).mood is Mood.BETTER


def test_lukewarm_is_held_against_better():
    said = [ended(n < 18, FINE) for n in range(40)] + [ended(n < 6, GOOD) for n in range(40)]
    complaints = [ended(True, POOR)] * 30
    found = lukewarm_finding(said + complaints)
    assert found.verdict is ClaimVerdict.HOLDS
    assert found.figures == lukewarm_finding(said).figures
    assert found.figures[0].value == pytest.approx(3)
    even = [ended(n < 60, ratings) for ratings in (FINE, GOOD) for n in range(150)]
    assert lukewarm_finding(even).verdict is ClaimVerdict.FAILS
    none = [ended(False, FINE)] * 20 + [ended(False, GOOD)] * 20
    assert lukewarm_finding(none).early is WhyEarly.FEW
    only = lukewarm_finding([ended(n < 12, FINE) for n in range(20)] + [ended(False, GOOD)] * 20)
    assert (only.verdict, only.figures[0].value) == (ClaimVerdict.HOLDS, inf)


def test_business_is_a_ratio_of_typical_values():
    one = frozenset([REP])
    accounts = [ValuedAccount(value, 80, one) for value in (30e3, 300e3) * 20]
    accounts += [ValuedAccount(value, 60, one) for value in (10e3, 100e3) * 20] + [ValuedAccount(0, 60, one)]
    figure = business_finding(accounts).figures[0]
    assert figure.value == pytest.approx(3)
    reach = (
        student(78) * (2 * log(10) ** 2 / 4 / 39) ** 0.5
    )  # the variance of two equally frequent values, n / (n - 1)
    assert log(figure.high / figure.value) == pytest.approx(reach, rel=1e-4)
    same = [ValuedAccount(10e3, loyalty, one) for loyalty in (80, 60) * 12]
    assert (business_finding(same).verdict, business_finding(same).figures[0].value) == (
        ClaimVerdict.FAILS,
        1,
    )


def test_person_is_told_from_product():
    assert person_finding(loyal()).verdict is ClaimVerdict.HOLDS
    assert person_finding(loyal(over_reps=2, over_accounts=14, accounts=10)).verdict is ClaimVerdict.FAILS
    same = [replace(each, loyalty=70.0) for each in loyal()]
    assert (person_finding(same).verdict, person_finding(same).early) == (
        ClaimVerdict.TOO_EARLY,
        WhyEarly.ALIKE,
    )


def test_person_is_redone_pair_by_pair():
    """The pairs, one by one, without the sums that the product keeps."""
    every = loyal(reps=6, accounts=4, people=2)
    every += [
        LoyalRelationship(each.account_id, UUID(int=(each.rep_id.int + 1) % 6), 55.0) for each in every[::5]
    ]
    every.sort(key=lambda each: each.account_id)
    kinds = {}
    for n, one in enumerate(every):
        for two in every[:n]:
            kind = (one.rep_id == two.rep_id, one.account_id == two.account_id)
            kinds.setdefault(kind, []).append((one.loyalty - two.loyalty) ** 2 / 2)
    mean = {kind: sum(pairs) / len(pairs) for kind, pairs in kinds.items()}
    r, a, b = (mean[False, False] - mean[kind] for kind in ((True, False), (False, True), (True, True)))
    n, m, k = (len(kinds[kind]) for kind in ((True, False), (False, True), (True, True)))
    # of n (R - r)^2 + m (A - a)^2 + k (R + A - b)^2 the least, by small steps
    person, product = 0.0, 0.0
    for _ in range(3000):
        person = (n * r + k * (b - product)) / (n + k)
        product = (m * a + k * (b - person)) / (m + k)
    figure = person_finding(every).figures[0]
    assert figure.value == pytest.approx(max(0, person) / (max(0, person) + max(0, product)), abs=1e-6)


FINDINGS = {
    "gaps": lambda n: gaps_finding([RepGaps(10 * n, 7 * n)] * 3),
    "best": lambda n: underestimate_finding(in_halves(*rep) for rep in guessed(accounts=4 * n)),
    "satisfied": lambda n: satisfied_finding(([ended(True, FINE)] * 7 + [ended(True, POOR)] * 3) * n),
    "business": lambda n: business_finding(
        ValuedAccount(value, loyalty, frozenset([REP])) for value, loyalty in ((1e4, 60), (2e4, 80), (3e4, 60), (7e4, 80)) * 5 * n
    ),
    "person": lambda n: person_finding(loyal(reps=8 * n)),
    "lukewarm": lambda n: lukewarm_finding(
        ([ended(m < 4, FINE) for m in range(10)] + [ended(m < 2, GOOD) for m in range(10)]) * n
    ),
}  # fmt: skip


@pytest.mark.parametrize("claim", FINDINGS)
def test_more_data_narrow_the_range(claim):
    few, many = FINDINGS[claim](1), FINDINGS[claim](4)
    for one, other in zip(few.figures, many.figures, strict=True):
        assert one.low <= one.value <= one.high
        assert other.high - other.low < one.high - one.low


def test_order_changes_nothing():
    rng = random.Random(3)
    said = [ended(n % 3 == 0, ratings, rep=UUID(int=n)) for n, ratings in enumerate((FINE, GOOD, POOR) * 15)]
    accounts = [ValuedAccount(1000.0 + 7 * n, n, frozenset([UUID(int=n)])) for n in range(50, 100)]
    reps = guessed()
    before = [satisfied_finding(said), lukewarm_finding(said), business_finding(accounts)]
    first = underestimate_finding(in_halves(*rep) for rep in reps)
    for some in (said, accounts, reps, *(relationships for _, relationships in reps)):
        rng.shuffle(some)
    assert [satisfied_finding(said), lukewarm_finding(said), business_finding(accounts)] == before
    assert underestimate_finding(in_halves(*rep) for rep in reps) == first


def silent(found: ClaimFinding) -> bool:
    return (found.verdict, found.figures, found.early) == (ClaimVerdict.TOO_EARLY, (), WhyEarly.FEW)


@pytest.mark.parametrize("few", [0, 1, 3])
def test_hardly_any_answers_are_too_early(few):
    assert silent(gaps_finding([RepGaps(few, few)]))
    assert silent(underestimate_finding(in_halves(*rep) for rep in guessed(accounts=3)[:few]))
    assert silent(satisfied_finding([ended(True, FINE)] * few))
    assert silent(business_finding([ValuedAccount(1e4, 80, frozenset([REP]))] * few))
    assert silent(person_finding(loyal()[:few]))
    assert silent(lukewarm_finding([ended(True, FINE)] * few))


def test_team_of_one_has_what_needs_no_second():
    (rep, relationships), *_ = guessed(accounts=40, reps=2)
    assert gaps_finding([RepGaps(40, 35)]).verdict is ClaimVerdict.HOLDS
    assert silent(underestimate_finding([in_halves(rep, relationships)]))
    assert silent(person_finding(each for each in loyal() if each.rep_id == UUID(int=1)))
    equal = [(UUID(int=n), [GuessedRelationship(UUID(int=m), 75.0, 0.0) for m in range(6)]) for n in range(6)]
    assert underestimate_finding(in_halves(*each) for each in equal).early is WhyEarly.ALIKE
