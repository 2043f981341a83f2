"""Relationship levels."""

import pytest

from feedback.core.levels import Level, level


@pytest.mark.parametrize(
    ("loyalty", "expected"),
    [
        (0, Level.ANTAGONISTIC),
        (24.99, Level.ANTAGONISTIC),
        (25, Level.TRANSACTIONAL),  # all "fine"
        (55.99, Level.TRANSACTIONAL),
        (56, Level.PREDISPOSED),
        (56.25, Level.PREDISPOSED),  # all "good"
        (79.99, Level.PREDISPOSED),
        (80, Level.TRUSTED),
        (100, Level.TRUSTED),
    ],
)
def test_a_level_begins_at_its_threshold(loyalty, expected):
    assert level(loyalty) is expected


def test_levels_are_named_as_people_say_them():
    assert list(Level) == ["Antagonistic", "Transactional", "Predisposed", "Trusted Advisor"]
