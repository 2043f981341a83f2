"""The drivers, against figures worked out another way, on two public sets: `attitude` (Chatterjee and Price, Regression
Analysis by Example, 1977: 30 departments, six items, one overall rating) and `USJudgeRatings` (New Haven Register, 14 January
1977: 43 judges, eleven items, worth retaining), both as R has them, the judges without their names."""

import csv
import random
import sys
from fractions import Fraction
from math import sqrt
from pathlib import Path

import pytest

from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.drivers import (
    Drivers,
    DriverSilence,
    DriverTarget,
    DriverWeight,
    leading,
    target_for,
)
from feedback.jobs.drivers import fit_drivers, ridge_weights

DATA = Path(__file__).parents[2] / "data"


def read(name, target):
    """Return (items by row, target by row), as they are written: exact."""
    with (DATA / name).open(newline="") as file:
        rows = [{key: Fraction(value) for key, value in row.items()} for row in csv.DictReader(file)]
    items = [key for key in rows[0] if key != target]
    return [[row[key] for key in items] for row in rows], [row[target] for row in rows]


SETS = {"attitude": read("attitude.csv", "rating"), "judges": read("us_judge_ratings.csv", "RTEN")}


def solved(matrix, right):
    """Gaussian elimination, exact."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for n in range(len(rows)):
        pivot = next(m for m in range(n, len(rows)) if rows[m][n])
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for m in range(len(rows)):
            if m != n:
                rows[m] = [a - rows[m][n] * b for a, b in zip(rows[m], rows[n], strict=True)]
    return [row[-1] for row in rows]


def centred(columns):
    return [[value - sum(each) / len(each) for value in each] for each in columns]


def by_hand(items, target, penalty):
    """The weights without correlations: (X'X + penalty * D) b = X'y on centred values, D the items' sums of squares, and then
    each b times the ratio of the spreads."""
    columns, (y,) = centred(list(zip(*items, strict=True))), centred([target])
    product = [[sum(a * b for a, b in zip(one, two, strict=True)) for two in columns] for one in columns]
    right = [sum(a * b for a, b in zip(one, y, strict=True)) for one in columns]
    for n, row in enumerate(product):
        row[n] *= 1 + Fraction(penalty)
    spread = sum(value * value for value in y)
    return [
        float(b) * sqrt(sum(value * value for value in column) / spread)
        for b, column in zip(solved(product, right), columns, strict=True)
    ]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("penalty", ["0", "1/10", "2"])
def test_weights_are_those_worked_out_exactly(name, penalty):
    items, target = SETS[name]
    found = ridge_weights(
        [[float(v) for v in row] for row in items], [float(v) for v in target], float(Fraction(penalty))
    )
    assert list(found) == pytest.approx(by_hand(items, target, penalty), abs=1e-9)


def test_without_penalty_they_are_what_r_prints():
    """lm(RTEN ~ ., USJudgeRatings) and lm(rating ~ ., attitude), each coefficient as published, times the spreads' ratio."""
    published = {
        "judges": [
            0.01280,
            0.36484,
            0.12540,
            0.06669,
            -0.19453,
            0.27829,
            -0.00196,
            -0.13579,
            0.54782,
            -0.06806,
            0.26881,
        ],
        "attitude": [0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706],
    }
    for name, coefficients in published.items():
        items, target = SETS[name]
        plain = solved(*_normal(items, target))
        assert [float(b) for b in plain] == pytest.approx(coefficients, abs=6e-6)


def _normal(items, target):
    columns, (y,) = centred(list(zip(*items, strict=True))), centred([target])
    return (
        [[sum(a * b for a, b in zip(one, two, strict=True)) for two in columns] for one in columns],
        [sum(a * b for a, b in zip(one, y, strict=True)) for one in columns],
    )


def clients(count=120, weights=(0, 0, 0, 1.5, 0, 0), seed=5, noise=1.0):
    rng, rows = random.Random(seed), []
    for _ in range(count):
        level = rng.gauss(3.5, 0.7)
        ratings = tuple(min(5, max(1, round(rng.gauss(level, 0.8)))) for _ in DIMENSIONS)
        rows.append(
            (
                ratings,
                round(sum(w * r for w, r in zip(weights, ratings, strict=True)) + rng.gauss(0, noise), 3),
            )
        )
    return rows


def fitted(rows) -> Drivers:
    found = fit_drivers(rows, DriverTarget.RECOMMEND, 6)
    assert isinstance(found, Drivers)
    return found


def test_planted_driver_leads():
    found = fitted(clients())
    assert found.weights[0].dimension == "proactivity"
    assert leading(found.weights) == found.weights[0]
    assert leading(fitted(clients(weights=(1,) * 6, noise=3.0)).weights) is None


def test_rows_may_come_in_any_order():
    rows = clients()
    shuffled = random.Random(2).sample(rows, len(rows))
    assert fitted(rows) == fitted(shuffled)


def test_more_clients_narrow_the_ranges():
    few, many = ({w.dimension: w.high - w.low for w in fitted(clients(n)).weights} for n in (60, 960))
    assert all(many[name] < few[name] / 2 for name in DIMENSIONS)


def test_all_alike_go_with_nothing():
    same, varied = (4,) * 6, [row for row, _ in clients()]
    for rows in ([(same, float(n % 2)) for n in range(80)], [(row, 1.0) for row in varied], []):
        assert fit_drivers(rows, DriverTarget.OUTCOME, 3) is DriverSilence.ALIKE
    one_item = [((4, 4, 4, n % 5 + 1, 4, 4), float(n % 5)) for n in range(80)]
    weights = {w.dimension: w.weight for w in fitted(one_item).weights}
    assert weights.pop("proactivity") == pytest.approx(1 / 1.1)
    assert set(weights.values()) == {0.0}


def test_target_is_the_outcome_where_there_are_enough():
    assert target_for(59, 100, 100, 100) is None
    assert target_for(60, 25, 5, 0) is DriverTarget.OUTCOME
    assert target_for(60, 26, 4, 60) is DriverTarget.RECOMMEND
    assert target_for(60, 24, 5, 59) is None


def test_nobody_leads_by_a_hair():
    close = [DriverWeight("savvy", 0.5, 0.2, 0.7, 0.79), DriverWeight("integrity", 0.4, 0.1, 0.6, 0.21)]
    assert leading(close) is None
    assert leading([DriverWeight("savvy", 0.5, -0.1, 0.7, 0.99)]) is None
    assert leading([]) is None


def test_without_numpy_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert fit_drivers(clients(), DriverTarget.RECOMMEND, 6) is DriverSilence.NO_LIBRARY
