"""The ranks that reps could have."""

import random

from feedback.core.scoring.rank_ranges import rank_ranges
from feedback.core.scoring.reps import PRIOR_VOICES


def board(dice, reps, spread=8.0):
    rows = [(n, dice.gauss(65, spread), dice.uniform(3, 30)) for n in range(reps)]
    return sorted(rows, key=lambda row: -row[1])


def test_nobody_and_one_alone():
    assert rank_ranges([], 18) == {}
    assert rank_ranges([("a", 65, 3)], 18) == {"a": (1, 1)}


def test_equal_reps_share_a_range():
    found = rank_ranges([("a", 70, 8), ("b", 70, 8), ("c", 70, 8)], 18)
    assert set(found.values()) == {(1, 3)}
    found = rank_ranges([("a", 80, 9), ("b", 70, 8), ("c", 70, 8), ("d", 30, 9)], 18)
    assert found["b"] == found["c"]


def test_reps_far_apart_have_one_rank_each():
    assert rank_ranges([("a", 95, 90), ("b", 60, 90), ("c", 20, 90)], 8) == {
        "a": (1, 1),
        "b": (2, 2),
        "c": (3, 3),
    }


def test_range_holds_its_rank_and_stays_within_the_board():
    dice = random.Random(3)
    for reps in (2, 5, 30, 1200):
        for rank, (low, high) in enumerate(rank_ranges(board(dice, reps), 18).values(), start=1):
            assert 1 <= low <= rank <= high <= reps


def test_ranges_are_the_same_each_time_and_narrow_with_voices():
    rows = board(random.Random(4), 20)
    found = rank_ranges(rows, 18)
    assert rank_ranges(list(rows), 18) == found
    better = rank_ranges([(key, score, 20 * voices) for key, score, voices in rows], 18)
    widths = [sum(high - low for low, high in each.values()) for each in (found, better)]
    assert widths[1] < 0.7 * widths[0]


def test_few_reps_have_no_wider_ranges_than_confidence_needs(monkeypatch):
    """The reach that parts the first from the second is too short for the others by one step: the ends are drawn in."""
    rows = [("a", 72, 20), ("b", 66, 20), ("c", 60, 20)]
    assert rank_ranges(rows, 18) == {"a": (1, 1), "b": (2, 3), "c": (2, 3)}
    alike = rank_ranges([("a", 78, 20), ("b", 66, 20), ("c", 66, 20)], 18)
    assert alike["b"] == alike["c"]
    monkeypatch.setattr("feedback.core.scoring.rank_ranges.FEW", 0)
    assert rank_ranges(rows, 18) == {"a": (1, 2), "b": (1, 3), "c": (2, 3)}


def test_true_ranks_of_all_are_within_in_four_of_five_weeks(monkeypatch):
    """A world as the scores have it: true scores around mu, answers around them. 300 weeks: 2.3 % to either side."""
    monkeypatch.setattr("feedback.core.scoring.rank_ranges.MOST_DRAWS", 200)
    dice, sigma, held, weeks = random.Random(5), 18.0, 0, 300
    for _ in range(weeks):
        rows = []
        for n in range(15):
            true, voices = dice.gauss(65, sigma / PRIOR_VOICES**0.5), dice.uniform(3, 30)
            said = dice.gauss(true, sigma / voices**0.5)
            score = (voices * said + PRIOR_VOICES * 65) / (voices + PRIOR_VOICES)
            rows.append((n, score, voices, true))
        rows.sort(key=lambda row: -row[1])
        found = rank_ranges([row[:3] for row in rows], sigma)
        order = sorted(rows, key=lambda row: -row[3])
        held += all(found[row[0]][0] <= rank <= found[row[0]][1] for rank, row in enumerate(order, start=1))
    assert 0.73 <= held / weeks <= 0.88
