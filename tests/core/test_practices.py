"""Concrete behaviour, by dimension."""

import pytest

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import PRACTICES


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
