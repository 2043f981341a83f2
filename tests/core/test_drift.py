"""How far levels move while answers fade, estimated from what clients changed by from one half-year to the next."""

import random
from collections import defaultdict
from math import log
from statistics import fmean

import pytest

from feedback.core.scoring.drift import (
    TAKEN_FOR_VOICES,
    USUAL_DRIFT,
    Certainty,
    ChangesOfRep,
    VotesNow,
    certainty,
)
from feedback.core.scoring.rank_ranges import rank_ranges
from feedback.core.scoring.reps import Field

FRESH = VotesNow(relationships=200, reps=20, voices=200, squares=200)  # all of today


def said(moves, clients=10, reps=20, half_years=4, seed=1):
    """(rep, client, half-year): loyalty. Clients differ by ± 18 and vary by ± 4; each rep's level moves by ± `moves` from one
    half-year to the next."""
    dice, found = random.Random(seed), {}
    for rep in range(reps):
        likes = [dice.gauss(0, 18) for _ in range(clients)]
        level = dice.gauss(65, 8)
        for n in range(half_years):
            level += dice.gauss(0, moves)
            found |= {(rep, c, n): level + like + dice.gauss(0, 4) for c, like in enumerate(likes)}
    return found


def changes(loyalty):
    found = defaultdict(list)
    for (rep, client, n), now in loyalty.items():
        if (rep, client, n + 1) in loyalty:
            found[rep, n].append(now - loyalty[rep, client, n + 1])
    return [
        ChangesOfRep(rep, n, len(some), sum(some), sum(each**2 for each in some))
        for (rep, n), some in found.items()
    ]


def known(loyalty, votes=FRESH, half_life=90):
    return certainty(votes, changes(loyalty), 18, half_life)


def test_levels_that_move_are_told_from_levels_that_stay():
    """Half-years that differ by a variance of 64 say that fading by half in 90 days lags behind by 64 / (2/3 * 182 * 2 ln 2 /
    90) = 34, a tenth of 18 squared."""
    still, moving = ([known(said(moves, seed=seed)).drift for seed in range(12)] for moves in (0, 8))
    assert max(still) < 0.2 * USUAL_DRIFT
    assert min(moving) > 2 * USUAL_DRIFT
    assert fmean(moving) == pytest.approx(64 / (2 / 3 * 182 * 2 * log(2) / 90) / 18**2, rel=0.1)


def test_what_fades_sooner_lags_behind_less():
    longer, shorter = (known(said(8), half_life=days).drift for days in (180, 45))
    assert longer == pytest.approx(4 * shorter, rel=0.1)


def test_what_all_reps_changed_by_is_no_drift():
    """Clients of everybody are happier by twenty points: no rank moved."""
    happier = {each: loyalty - 20 * each[2] for each, loyalty in said(0).items()}
    assert known(happier).drift == pytest.approx(known(said(0)).drift)


def test_few_reps_keep_near_what_is_usual():
    found = [known(said(0, reps=3, half_years=2, seed=seed)).drift for seed in range(20)]
    assert min(found) > 0.15 * USUAL_DRIFT
    assert max(found) < 2 * USUAL_DRIFT


def test_nothing_is_known_at_first():
    assert known({}) == TAKEN_FOR_VOICES
    assert known(said(3, half_years=1)) == TAKEN_FOR_VOICES
    assert known(said(3, reps=1, clients=40)) == TAKEN_FOR_VOICES
    assert known(said(3, clients=1)) == TAKEN_FOR_VOICES
    assert known(said(3), VotesNow(29, 20, 29, 29)) == TAKEN_FOR_VOICES
    assert TAKEN_FOR_VOICES.voices(7) == pytest.approx(7)


def test_what_fades_tells_as_much_as_kish_says():
    """Of 40 voices 20 are of today and 20 of 90 days ago: (30)^2 / (20 + 20 / 4) = 36 of 30; sigma has 36 - 4 degrees of
    freedom of 36."""
    found = known(said(3), VotesNow(40, 4, 20 + 20 / 2, 20 + 20 / 4))
    assert found.worth == pytest.approx(36 / 30)
    assert found.widening == pytest.approx((36 / 32) ** 0.5)
    assert known(said(3), VotesNow(30, 20, 1.0, 0.05)).widening == 1.5  # hardly a voice is left


def test_order_of_rows_changes_nothing():
    loyalty = said(5)
    assert known(dict(reversed(loyalty.items()))) == known(loyalty)


def test_same_answers_every_time_leave_no_drift():
    same = {(c % 5, c, n): 75.0 for c in range(40) for n in range(3)}
    assert 0 <= known(same).drift < 0.2 * USUAL_DRIFT


def test_drift_limits_what_many_clients_tell():
    moving = Certainty(1.0, USUAL_DRIFT)
    assert moving.voices(1e6) == pytest.approx(40, rel=0.001)
    rows = [("a", 72, 400), ("b", 70, 400), ("c", 68, 400)]
    assert rank_ranges(rows, Field(65, 18)) == {"a": (1, 1), "b": (2, 2), "c": (3, 3)}
    assert rank_ranges(rows, Field(65, 18), moving)["b"] == (1, 3)


def test_rank_of_nobody_is_outside_whatever_is_known():
    """The first of all has three voices, and would be behind the next one if his clients' voices counted for less."""
    found = rank_ranges([("a", 70.1, 90), ("b", 70, 3), ("c", 20, 90)], Field(65, 8), Certainty(1.0, 0.2))
    assert found["a"][0] == 1
    assert found["b"][0] <= 2 <= found["b"][1]
    alike = rank_ranges([("a", 70, 9), ("b", 70, 9), ("c", 69.9, 90)], Field(65, 8), Certainty(1.3, 0.1))
    assert alike["a"] == alike["b"]
