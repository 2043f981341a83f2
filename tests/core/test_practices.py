"""Concrete behaviour, by dimension."""

import pytest

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PRACTICES, DimensionChange


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
