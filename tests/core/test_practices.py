"""Concrete behaviour, by dimension."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PRACTICES, DimensionChange, change_since

CHOSEN = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_every_dimension_has_three_practices():
    assert tuple(PRACTICES) == DIMENSIONS
    assert all(len(practices) >= 3 for practices in PRACTICES.values())


def test_practices_are_unique():
    everything = [text for practices in PRACTICES.values() for text in practices]
    assert len(everything) == len(set(everything))


@pytest.mark.parametrize("text", [text for practices in PRACTICES.values() for text in practices])
def test_practice_is_a_formattable_sentence(text):
    assert text.format(name="Dana").endswith(".")
    assert "{" not in text.format(name="Dana")


@pytest.mark.parametrize(
    ("before", "after", "meetings", "clear"),
    [
        (3.0, 4.1, 3, True),
        (3.0, 4.0, 3, False),
        (4.1, 3.0, 3, True),
        (2.0, 5.0, 2, False),
        (3.0, 4.0, 12, True),
    ],
)  # three before: 1.2816 * √(1/3 + 1/3) = 1.046; with twelve after 0.827
def test_change_is_told_beyond_chance(before, after, meetings, clear):
    assert DimensionChange(before, 3, after, meetings).clear is clear


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([(-1, 3), (1, 5)], DimensionChange(3, 1, 5, 1)),
        # the last three before the choice, whatever order they come in, and all since
        ([(1, 4), (-4, 1), (-1, 5), (-3, 2), (-2, 2), (2, 2)], DimensionChange(3, 3, 3, 2)),
        ([(0, 2), (1, 4)], DimensionChange(2, 1, 4, 1)),  # that meeting, after which it was chosen
        ([(-2, None), (-1, 4), (1, None), (2, 3)], DimensionChange(4, 1, 3, 1)),
        ([(-1, 3)], None),
        ([(1, 3), (-1, None)], None),
    ],
)
def test_change_is_of_the_ratings_before_and_since(ratings, expected):
    rated = [(CHOSEN + timedelta(days=day), rating) for day, rating in ratings]
    assert change_since(rated, CHOSEN) == expected
