"""Health of the instrument: alpha, straight lines, the ceiling, and the room against mail."""

import csv
import random
from dataclasses import replace
from math import inf
from pathlib import Path
from statistics import variance

import pytest

from feedback.core.evidence.health import (
    MANY_FIVES,
    MANY_STRAIGHT,
    AnswerSums,
    HealthAdvice,
    RepWays,
    alpha,
    alpha_range,
    group_health,
    room_against_mail,
)


def summed(answers):
    """Add up answers of six ratings."""
    found = AnswerSums()
    for each in answers:
        found += AnswerSums(
            1,
            tuple(each),
            tuple(r * r for r in each),
            sum(each),
            sum(each) ** 2,
            len(set(each)) == 1,
            min(each) == 5,
        )
    return found


def answers(count=80, seed=1, level=3.6, own=0.7, other=0.7):
    rng, found = random.Random(seed), []
    for _ in range(count):
        client = rng.gauss(level, own)
        found.append([min(5, max(1, round(rng.gauss(client, other)))) for _ in range(6)])
    return found


def test_alpha_is_the_textbooks():
    some = answers()
    parts = sum(variance(column) for column in zip(*some, strict=True))
    whole = variance([sum(each) for each in some])
    assert alpha(summed(some)) == pytest.approx(6 / 5 * (1 - parts / whole))


def test_alpha_of_attitude_is_the_published_one():
    """0.84 of all seven, in the manual of R's psych."""
    path = Path(__file__).parents[2] / "data" / "attitude.csv"
    with path.open(newline="") as file:
        rows = [[float(value) for value in row.values()] for row in csv.DictReader(file)]
    found = AnswerSums(0, (0.0,) * 7, (0.0,) * 7)
    for row in rows:
        found += AnswerSums(1, tuple(row), tuple(v * v for v in row), sum(row), sum(row) ** 2)
    assert alpha(found) == pytest.approx(0.84, abs=0.005)


def test_range_of_alpha_narrows():
    few, many = alpha_range(0.8, 60), alpha_range(0.8, 600)
    assert few[0] < many[0] < 0.8 < many[1] < few[1] < 1
    assert alpha_range(0.8, 2) == (-inf, 1.0)
    assert alpha_range(1.0, 60) == (1.0, 1.0)


def test_range_of_alpha_holds_it_in_four_of_five():
    """The true alpha is that of endlessly many: 6 r / (1 + 5 r) for continuous ratings that correlate by r."""
    rng, held, draws = random.Random(9), 0, 300
    for _ in range(draws):
        some = []
        for _ in range(60):
            client = rng.gauss(0, 1)
            some.append([client + rng.gauss(0, 1) for _ in range(6)])
        low, high = alpha_range(alpha(summed(some)), 60)
        held += low <= 6 * 0.5 / (1 + 5 * 0.5) <= high
    assert 0.74 <= held / draws <= 0.86


@pytest.mark.parametrize(
    ("some", "advice"),
    [
        (answers(59), [HealthAdvice.FEW]),
        ([], [HealthAdvice.FEW]),
        (answers(300), [HealthAdvice.SOUND]),
        (answers(300, own=0.1, other=1.0), [HealthAdvice.LOOSE]),
        (answers(300, own=1.0, other=0.1), [HealthAdvice.STRAIGHT, HealthAdvice.TIGHT]),
        ([[5] * 6] * 80, [HealthAdvice.STRAIGHT, HealthAdvice.CEILING]),
        ([[3] * 6] * 80, [HealthAdvice.STRAIGHT]),
        (
            answers(300, level=5.1, own=0.2, other=0.4),
            [HealthAdvice.STRAIGHT, HealthAdvice.CEILING, HealthAdvice.LOOSE],
        ),
    ],
)
def test_advice_follows_from_whole_ranges(some, advice):
    assert list(group_health(summed(some), 3).advice)[: len(advice)] == advice


@pytest.mark.parametrize(
    ("of", "advice", "bound"),
    [("straight", HealthAdvice.STRAIGHT, MANY_STRAIGHT), ("fives", HealthAdvice.CEILING, MANY_FIVES)],
)
def test_share_is_told_from_where_the_lower_end_of_its_range_is_beyond(of, advice, bound):
    many = replace(summed(answers(100)), straight=0, fives=0)
    found = {count: group_health(replace(many, **{of: count}), 3) for count in range(101)}
    told = {count for count, health in found.items() if advice in health.advice}
    assert told == {count for count, health in found.items() if getattr(health, f"{of}_low") > bound}
    assert bound * 100 + 1 < min(told) < 100  # not as soon as the share is


def test_low_alpha_of_a_team_is_not_the_questions():
    """Its clients may just hardly differ."""
    loose = summed(answers(300, own=0.1, other=1.0))
    assert group_health(loose, 3, wording=False).advice == (HealthAdvice.SOUND,)


def test_all_alike_have_no_alpha():
    health = group_health(summed([[4] * 6] * 70), 1)
    assert (health.alpha, health.straight, health.fives) == (None, 1.0, 0.0)
    some = group_health(summed([[4] * 6] * 30 + [[5] * 6] * 30), 1)
    assert (some.straight, some.fives) == (1.0, 0.5)


def ways(rep, room, afar):
    return RepWays(rep, summed(room), summed(afar))


def test_big_difference_is_a_signal():
    kind = ways("a", answers(40, 2, level=4.6), answers(40, 3, level=3.2))
    same = ways("b", answers(40, 4), answers(40, 5))
    few = ways("c", answers(40, 4), answers(9, 5))
    found = room_against_mail([same, few, kind])
    assert [(each.rep_id, each.signal) for each in found] == [("a", True), ("b", False)]
    assert found[0].low < found[0].difference < found[0].high


def test_group_much_higher_in_the_room_is_told():
    room, afar = answers(40, 2, level=4.6), answers(40, 3, level=3.2)
    told = group_health(summed(room + afar), 5, ways("", room, afar))
    assert HealthAdvice.ROOM in told.advice
    assert told.room_low < told.room_difference < told.room_high
    assert group_health(summed(room + afar), 5).room_difference is None
    few = group_health(summed(room + afar), 5, ways("", room + afar[9:], afar[:9]))
    assert (few.room_difference, HealthAdvice.ROOM in few.advice) == (None, False)


def test_many_reps_widen_each_range():
    one = ways("a", answers(20, 2), answers(20, 3))
    alone = room_against_mail([one])[0]
    among = next(
        each
        for each in room_against_mail([one, *(replace(one, rep_id=f"b{n}") for n in range(19))])
        if each.rep_id == "a"
    )
    assert among.high - among.low > 1.5 * (alone.high - alone.low)


def test_equal_answers_have_an_empty_range():
    found = room_against_mail([ways("a", [[4] * 6] * 12, [[4] * 6] * 12)])[0]
    assert (found.difference, found.low, found.high, found.signal) == (0, 0, 0, False)
