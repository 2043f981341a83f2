"""Points of a rating, the weight of a moment, and whose day it falls on."""

from datetime import UTC, date, datetime, timedelta, timezone
from math import isfinite
from zoneinfo import ZoneInfo

import pytest

from feedback.core.scoring.points import (
    EPOCH,
    HALF_LIFE_DAYS,
    LONGEST_HALF_LIFE,
    SHORTEST_HALF_LIFE,
    Scoring,
    points,
    weight,
)


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        (1, 0.0),  # 25 * 0
        (2, 25.0),  # 25 * 1
        (3, 50.0),  # 25 * 2
        (4, 75.0),  # 25 * 3
        (5, 100.0),  # 25 * 4
        (3.5, 62.5),  # 25 * 2.5
    ],
)
def test_points_are_linear_in_rating(rating, expected):
    assert points(rating) == expected


def test_points_of_mean_are_mean_of_points():
    # 5, 5 and 2: a mean of 4, and (100 + 100 + 25) / 3
    assert points((5 + 5 + 2) / 3) == (points(5) + points(5) + points(2)) / 3 == 75.0


@pytest.mark.parametrize(
    ("days", "half_life", "expected"),
    [
        (0, 90, 1.0),
        (90, 90, 2.0),
        (180, 90, 4.0),
        (-90, 90, 0.5),
        (45, 90, 1.4142135623730951),  # 2 ** ½
        (90, 30, 8.0),  # 2 ** 3
        (1.5, 1, 2.8284271247461903),  # 2 ** 1½: hours count, not whole days
    ],
)
def test_weight_doubles_every_half_life(days, half_life, expected):
    assert weight(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days), half_life) == pytest.approx(
        expected, rel=1e-12
    )


def test_weight_ignores_the_time_zone():
    paris = timezone(timedelta(hours=1))
    assert weight(datetime(2020, 1, 1, 1, tzinfo=paris), 90) == 1.0


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", date(2026, 11, 18)),
        ("Europe/Berlin", date(2026, 11, 19)),  # 00:30 there
        ("America/New_York", date(2026, 11, 18)),  # 18:30 there
    ],
)
def test_day_uses_the_organisations_time_zone(zone, expected):
    assert Scoring(90, ZoneInfo(zone)).day(datetime(2026, 11, 18, 23, 30, tzinfo=UTC)) == expected


def test_scoring_uses_its_own_half_life():
    assert Scoring(45).weight(EPOCH + timedelta(days=90)) == 4.0


def test_half_life_default_and_bounds_are_fixed():
    assert (SHORTEST_HALF_LIFE, HALF_LIFE_DAYS, LONGEST_HALF_LIFE) == (30, 90, 730)


def test_weights_stay_finite_for_80_years():
    # 80 years are 29,220 days: 974 doublings of 1,024 that a float can hold
    assert isfinite(100**2 * weight(EPOCH + timedelta(days=29_220), SHORTEST_HALF_LIFE))
