"""Relationship levels."""

import pytest

from feedback.core.scoring.levels import Level, level


@pytest.mark.parametrize(
    ("loyalty", "expected"),
    [
        (0, Level.ANTAGONISTIC),
        (49.99, Level.ANTAGONISTIC),
        (50, Level.TRANSACTIONAL),  # all "fine"
        (74.99, Level.TRANSACTIONAL),
        (75, Level.PREDISPOSED),  # all "good"
        (89.99, Level.PREDISPOSED),
        (90, Level.TRUSTED),  # a mean of 4.6
        (100, Level.TRUSTED),
    ],
)
def test_level_begins_at_its_threshold(loyalty, expected):
    assert level(loyalty) is expected


def test_level_names_are_fixed():
    assert list(Level) == ["Antagonistic", "Transactional", "Predisposed", "Trusted Advisor"]
