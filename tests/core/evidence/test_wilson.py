"""The range of a share."""

import pytest

from feedback.core.evidence.wilson import wilson


def test_ranges_are_those_of_the_textbook():
    low, high = wilson(8, 10, 1.96)  # Wilson (1927), as any table has it
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10)[0] == pytest.approx(0)
    assert 0.1 < wilson(0, 10)[1] < 0.2  # none of ten is not never
    assert wilson(10, 10)[1] == pytest.approx(1)
    assert wilson(0, 0) is None


def test_more_cases_narrow_the_range():
    widths = [
        high - low
        for low, high in (wilson(part, whole) for part, whole in ((3, 5), (6, 10), (60, 100), (600, 1000)))
    ]
    assert widths == sorted(widths, reverse=True)
