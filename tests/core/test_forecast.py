"""The guess as a forecast: its skill, its learning, and what is usual before a meeting."""

import random
import sys
from datetime import UTC, date, datetime, timedelta
from math import inf
from pathlib import Path

import pytest

from feedback.core.gaps.forecast import Guess, Trend, forecast, student, usual_before

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def guesses(pairs, usual=3.0, contact=None):
    """A guess for each (said, guessed), all six dimensions alike."""
    return [
        Guess(contact or n, BEGAN + timedelta(days=n), (said,) * 6, (guessed,) * 6, (usual,) * 6)
        for n, (said, guessed) in enumerate(pairs)
    ]


def test_skill_against_the_usual():
    # Misses by 0.5 on average, the usual by 1: half of it is left.
    assert forecast(guesses([(4, 4), (2, 3)] * 4)).skill.value == pytest.approx(0.5)
    assert forecast(guesses([(4, 3), (2, 3)] * 4)).skill.value == pytest.approx(0)
    assert forecast(guesses([(4, 4), (2, 2)] * 4)).skill.value == pytest.approx(1)
    assert forecast(guesses([(4, 2), (2, 4)] * 4)).skill.value == pytest.approx(-1)


def test_range_of_the_skill_is_the_jackknife():
    """Misses by 0 and by 1 in turn, the usual always by 1: of eight guesses without one it is 3/7 or 4/7, and sqrt(7/8 * 8 *
    (1/14)^2) * 1.415 is 0.267."""
    found = forecast(guesses([(4, 4), (2, 3)] * 4)).skill
    assert (found.low, found.high) == pytest.approx((0.5 - 0.2674, 0.5 + 0.2674), abs=0.001)
    many = forecast(guesses([(4, 4), (2, 3)] * 20)).skill
    assert many.high - many.low < 0.5 * (found.high - found.low)
    assert forecast(guesses([(4, 4), (2, 3)] * 4, contact="c")).skill == found
    assert forecast(guesses([(4, 4), (2, 2)] * 4)).skill.low == 1
    assert forecast(guesses([(3, 3)] * 7 + [(4, 3)])).skill.low == -inf


def test_guesses_about_one_client_say_one_thing():
    """Each client is guessed alike each time: eight meetings of four clients tell no more than four do."""
    pairs = [(4, 4), (2, 3), (4, 4), (2, 3)]
    clients = [g for n, pair in enumerate(pairs) for g in guesses([pair] * 3, contact=str(n))]
    found, single = forecast(clients).skill, forecast(guesses(pairs * 3)).skill
    assert found.value == single.value
    assert found.high - found.low > 1.8 * (single.high - single.low)


def test_nothing_is_said_under_eight():
    assert forecast(guesses([(4, 4)] * 7)) is None
    assert forecast(guesses([(4, 4)] * 8)).guesses == 8
    unrated = Guess("x", BEGAN, (None,) * 6, (4,) * 6, (3,) * 6)
    assert forecast([*guesses([(4, 4)] * 7), unrated, unrated]) is None


def test_usual_that_is_always_right_leaves_no_skill():
    found = forecast(guesses([(3, 4)] * 9))
    assert (found.skill, found.learning, found.trend) == (None, None, Trend.STEADY)
    assert (found.tilt, found.corrects) == (1, False)


def test_only_the_latest_sixty_count():
    late = guesses([(4, 4)] * 70)[10:]
    early = [Guess("e", BEGAN - timedelta(days=n + 1), (4,) * 6, (1,) * 6, (3,) * 6) for n in range(9)]
    assert forecast([*late, *early]) == forecast(late)


def test_order_of_guesses_changes_nothing():
    every = guesses([(random.Random(n).randint(1, 5), 4) for n in range(30)], contact="c")
    assert forecast(every) == forecast(every[::-1])


def test_who_comes_closer_is_rising():
    missed = [(4, 1), (4, 1), (4, 2), (4, 2), (4, 3), (4, 3), (4, 4), (4, 4), (4, 4)]
    assert forecast(guesses(missed, contact="c")).trend is Trend.RISING
    assert forecast(guesses(missed[::-1], contact="c")).trend is Trend.FALLING


def test_guesses_that_lose_their_tilt_are_told():
    high = [(3, 5), (4, 5), (3, 4), (4, 5), (3, 4), (4, 4), (3, 3), (4, 4), (3, 3)]
    low = [(said, 2 * said - guessed) for said, guessed in high]
    for pairs, sign in ((high, 1), (low, -1)):
        found, back = forecast(guesses(pairs, contact="c")), forecast(guesses(pairs[::-1], contact="c"))
        assert (found.corrects, back.corrects) == (True, False)
        assert found.tilt * sign == pytest.approx(6 / 9)
        assert found.correction.value == -back.correction.value


def test_clients_are_compared_with_themselves():
    """An easy client early and a hard one late are no unlearning, where each is guessed alike all the time."""
    every = guesses([(4, 4)] * 5, contact="easy") + guesses([(4, 4)] * 5 + [(2, 4)] * 5, contact="hard")[5:]
    assert forecast(every).learning.value == pytest.approx(0)


def test_few_of_each_client_leave_a_range():
    """Eight guesses, two of each client, leave three degrees of freedom; two clients twice and four once leave two."""
    every = [g for c in range(4) for g in guesses([(4, 4), (2, 2 + c % 2)], contact=str(c))]
    assert forecast(every).learning.low < forecast(every).learning.high
    pairs = [(4, 4), (2, 3), (4, 2), (3, 3), (5, 4), (2, 2), (4, 4), (3, 4)]
    mixed = [
        g
        for n, (pair, who) in enumerate(zip(pairs, "aabbcdef", strict=True))
        for g in [guesses([pair] * (n + 1), contact=who)[n]]
    ]
    assert forecast(mixed).learning.low < forecast(mixed).learning.high


def test_clients_guessed_once_blur_no_slope_of_those_guessed_twice():
    """Four clients are guessed better the second time, by as much each; four others once, differently: student(3) of
    Student's t and no noise is left."""
    twice = [(4, 3)] * 4
    once = [(4, 4), (4, 1), (2, 5), (3, 3)]
    every = guesses([*twice, *once, *[(4, 4)] * 4])
    whose = [*"abcd", *"efgh", *"abcd"]
    found = forecast(
        [Guess(who, g.held_at, g.client, g.mirror, g.usual) for who, g in zip(whose, every, strict=True)]
    )
    assert found.learning.low == pytest.approx(found.learning.high)
    assert found.trend is Trend.RISING


@pytest.mark.parametrize("meetings", [9, 10, 11, 12, 14, 20])
def test_range_of_a_slope_holds_zero_without_learning(meetings, monkeypatch):
    from forecast import World, shares

    monkeypatch.setattr("forecast.LONG", 100)  # for what is not looked at here
    found = shares(random.Random(meetings), World(), meetings, 400)
    assert 0.75 <= found.slope_held <= 0.86


def test_student_is_as_in_tables():
    table = {2: 1.886, 3: 1.638, 5: 1.476, 6: 1.440, 10: 1.372, 18: 1.330, 58: 1.296}
    assert {v: student(v) for v in table} == {v: pytest.approx(t, abs=0.003) for v, t in table.items()}


def test_usual_is_of_the_week_before():
    monday = date(2026, 11, 2)
    recorded = [(monday + timedelta(weeks=n), (float(n + 1),) * 6) for n in range(3)]
    looked = {w: usual_before(recorded, monday + timedelta(weeks=w)) for w in (-1, 0, 1, 2, 3, 9)}
    assert {w: means[0] for w, means in looked.items()} == {-1: 1, 0: 1, 1: 1, 2: 2, 3: 3, 9: 3}
    assert usual_before([], monday) is None


def test_who_learns_is_told_from_who_does_not(monkeypatch):
    from forecast import World, shares

    monkeypatch.setattr("forecast.LONG", 100)  # for what is not looked at here
    """Who begins a point too high, within twenty meetings."""
    found = shares(random.Random(2), World(), 20, 250)
    assert found.told >= 0.8
    assert 0.73 <= found.slope_held <= 0.87
    assert 0.73 <= found.correction_held <= 0.87
