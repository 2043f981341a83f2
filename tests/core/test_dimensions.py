"""The six dimensions, and reading ratings."""

import pytest

from feedback.core.dimensions import (
    DIMENSIONS,
    FINE,
    GOOD,
    HIGHEST,
    LIKING,
    LOWEST,
    NO_MEANS,
    NO_RATINGS,
    TRUST,
    VALUE,
    as_ratings,
    count_rated,
    mean,
    mean_of,
    weighted_mean,
)

ALL_GOOD = dict.fromkeys(DIMENSIONS, 4)


def test_dimensions_have_a_fixed_order():
    assert DIMENSIONS == ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry")


def test_dimension_groups_are_fixed():
    assert VALUE == ("competency", "proactivity", "savvy")
    assert TRUST == ("integrity", "recognition")
    assert LIKING == ("chemistry",)


def test_rating_scale_is_fixed():
    assert (LOWEST, FINE, GOOD, HIGHEST) == (1, 3, 4, 5)


def test_no_ratings_are_six_nones():
    assert (None,) * 6 == NO_RATINGS == NO_MEANS


def test_ratings_follow_dimension_order():
    form = {"chemistry": 5, "comment": 9, "integrity": 1, "savvy": None}
    assert as_ratings(form) == (1, None, None, None, None, 5)


@pytest.mark.parametrize("rating", [0, 6, -1])
@pytest.mark.parametrize("name", DIMENSIONS)
def test_out_of_range_rating_is_refused(name, rating):
    with pytest.raises(ValueError, match=f"{name}: a rating is 1 to 5, not {rating}"):
        as_ratings(ALL_GOOD | {name: rating})


@pytest.mark.parametrize("rating", [1, 5])
def test_scale_ends_are_valid_ratings(rating):
    assert as_ratings(ALL_GOOD | {"savvy": rating})[4] == rating


@pytest.mark.parametrize(
    ("ratings", "expected"), [(NO_RATINGS, 0), ((1, None, None, None, None, 5), 2), ((1, 2, 3, 4, 5, 1), 6)]
)
def test_rated_counts_given_ratings(ratings, expected):
    assert count_rated(ratings) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([None, None], None), ([0.0, None], 0.0), ([1, None, 2, 6], 3.0)],  # (1 + 2 + 6) / 3
)
def test_mean_ignores_missing_values(values, expected):
    assert mean(values) == expected


def test_weighted_mean_divides_by_weights():
    assert weighted_mean([(1, 100), (3, 20)]) == 40.0  # (100 + 60) / 4


@pytest.mark.parametrize("value", [5.0, 100.0, 0.1])
def test_weighted_mean_of_equal_values_is_exact(value):
    assert weighted_mean([(0.1, value), (0.7, value), (1 / 3, value)]) == value


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (VALUE, 3.5),  # competency 2 and savvy 5: 7 / 2, proactivity was not rated
        (TRUST, 2.0),  # integrity 1 and recognition 3: 4 / 2
        (LIKING, 4.0),
    ],
)
def test_mean_of_uses_named_dimensions_only(names, expected):
    assert mean_of((1.0, 2.0, 3.0, None, 5.0, 4.0), names) == expected
