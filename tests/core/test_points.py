"""Points of a rating, and the weight of a moment."""

from datetime import UTC, datetime, timedelta, timezone
from math import isfinite

import pytest

from feedback.core.points import (
    EPOCH,
    HALF_LIFE_DAYS,
    LONGEST_HALF_LIFE,
    SHORTEST_HALF_LIFE,
    points,
    weight,
)


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        (1, 0.0),  # (0/4)² = 0
        (2, 6.25),  # (1/4)² = 1/16
        (3, 25.0),  # (2/4)² = 4/16
        (4, 56.25),  # (3/4)² = 9/16
        (5, 100.0),  # (4/4)² = 1
        (3.5, 39.0625),  # (2.5/4)² = 0.390625
    ],
)
def test_points_are_the_square_of_the_way_from_poor_to_fantastic(rating, expected):
    assert points(rating) == expected


def test_a_four_is_far_from_a_five():
    assert points(5) - points(4) == 43.75
    assert points(4) - points(3) == 31.25


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


def test_weight_reads_the_moment_not_the_clock_on_the_wall():
    paris = timezone(timedelta(hours=1))
    assert weight(datetime(2020, 1, 1, 1, tzinfo=paris), 90) == 1.0


def test_half_life_is_a_quarter_by_default_and_has_bounds():
    assert (SHORTEST_HALF_LIFE, HALF_LIFE_DAYS, LONGEST_HALF_LIFE) == (30, 90, 730)


def test_weights_stay_finite_for_eighty_years_at_the_shortest_half_life():
    # 80 years are 29,220 days: 974 doublings of 1,024 that a float can hold
    assert isfinite(100**2 * weight(EPOCH + timedelta(days=29_220), SHORTEST_HALF_LIFE))
