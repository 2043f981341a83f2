"""What is at stake at an account, what to train, and who could teach it."""

from dataclasses import replace

import pytest

from feedback.core.accounts import Risk
from feedback.core.alerts.reasons import Severity
from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.drivers import Drivers, DriverTarget, DriverWeight
from feedback.core.scoring.sums import SideSums, add_sides
from feedback.core.today import Matters, MattersBy, Stake, stake, training, what_matters

ALIKE = Matters(dict.fromkeys(DIMENSIONS, 1.0), MattersBy.OVERESTIMATED)


def clients(voices, *means):
    """What so many clients of a rep said: means of the first dimensions, the others 4.5."""
    every = [*means, *[4.5] * (6 - len(means))]
    return SideSums(tuple(voices * mean for mean in every), (float(voices),) * 6)


def trained(sides, guessed=(4.5,) * 6, matters=None):
    everybody = add_sides(sides.values())
    return training(sides, everybody, matters or ALIKE, guessed, 15.0, 1.0)


@pytest.mark.parametrize(
    ("loyalty", "alert", "silent", "found"),
    [
        (90, None, False, None),
        (None, None, False, None),
        (90, Severity.URGENT, False, Stake(80, Severity.URGENT)),
        (90, Severity.WATCH, False, Stake(40, Severity.WATCH)),
        (40, Severity.WATCH, False, Stake(60, Risk.LOYALTY)),
        (74, None, False, Stake(26, Risk.LOYALTY)),
        (75, None, False, None),
        (None, Severity.WATCH, True, Stake(50, Risk.SILENT)),
        (10, Severity.URGENT, True, Stake(90, Risk.LOYALTY)),
    ],
)
def test_largest_reason_is_at_stake(loyalty, alert, silent, found):
    assert stake(loyalty, alert, silent=silent) == found


def test_stake_of_a_value():
    assert Stake(80, Severity.URGENT).of(1000) == 800


def test_most_room_is_trained():
    found = trained({"a": clients(9, 4, 3.2), "b": clients(9, 4, 3.4)})
    assert (found.dimension, found.said, found.clear) == ("competency", pytest.approx(3.3), True)


def test_what_reps_do_not_see_matters_more():
    found = what_matters((4.0, 3.5, None, 4.0, 4.0, 4.0), (5.0, 3.5, 3.0, 3.0, None, 4.0), None)
    assert list(found.weights.values()) == [2.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert found.by is MattersBy.OVERESTIMATED
    trained_first = trained({"a": clients(9, 4.0, 3.5)}, matters=found)
    assert trained_first.dimension == "integrity"  # 1 × 2 against 1.5 × 1


def drivers(target, *weights, reach=0.1):
    found = (DriverWeight(d, w, w - reach, w + reach, 0.5) for d, w in zip(DIMENSIONS, weights, strict=True))
    return Drivers(target, 80, 4, tuple(found))


def test_what_goes_with_staying_matters_most_once_it_is_known():
    said = guessed = (4.0, 3.0, 4.5, 4.0, 4.5, 4.5)
    known = drivers(DriverTarget.OUTCOME, -0.2, 0.1, 0.0, 0.4, 0.0, 0.0)
    found = what_matters(said, guessed, known)
    assert list(found.weights.values()) == [0.0, 0.1, 0.0, 0.4, 0.0, 0.0]
    assert (found.by, found.clients) == (MattersBy.OUTCOME, 80)
    first = trained({"a": clients(9, *said)}, matters=found)
    assert (first.dimension, first.by) == ("proactivity", MattersBy.OUTCOME)  # 1 × 0.4 against 2 × 0.1
    assert (
        what_matters(said, guessed, replace(known, target=DriverTarget.RECOMMEND)).by is MattersBy.RECOMMEND
    )
    unclear = drivers(DriverTarget.OUTCOME, 0.0, 0.1, 0.0, 0.4, 0.0, 0.0, reach=0.5)
    assert what_matters(said, guessed, unclear).by is MattersBy.OVERESTIMATED


def test_teacher_stands_out():
    sides = {"a": clients(20, 3), "b": clients(20, 3.1), "c": clients(20, 4.8)}
    found = trained(sides)
    assert (found.teacher, found.teacher_said, found.teacher_voices) == ("c", pytest.approx(4.8), 20)
    assert trained({"a": clients(20, 3), "b": clients(20, 3.1)}).teacher is None
    assert trained({"a": clients(20, 3)}).teacher is None
    assert trained({"a": clients(20, 3), "b": clients(2, 5)}).teacher is None


def test_best_of_many_stands_out_further_than_the_better_of_two():
    """Of twelve who are equally good, one is a quarter of a rating above the others by chance more often than not."""
    others = {str(n): clients(20, 3) for n in range(11)}
    assert trained(others | {"best": clients(20, 3.25)}).teacher is None
    assert trained(others | {"best": clients(20, 3.4)}).teacher == "best"


def test_fewer_than_three_voices_train_nothing():
    assert trained({"a": clients(2, 3)}) is None
    assert training({}, SideSums(), ALIKE, (None,) * 6, 15.0, 1.0) is None
