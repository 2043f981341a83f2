"""Value or doughnuts. Means are in the order integrity, competency, recognition, proactivity, savvy, chemistry."""

import pytest

from feedback.core.dimensions import VALUE, mean_of
from feedback.core.gaps.doughnuts import Badge, badge, liking_over_value


def means(value, liking):
    return (3.0, value, 3.0, value, value, liking)


def test_liking_over_value_is_chemistry_minus_value():
    # value (2 + 3 + 4) / 3 = 3, chemistry 5; integrity and recognition play no part
    assert liking_over_value((1.0, 2.0, 1.0, 3.0, 4.0, 5.0)) == 2.0


@pytest.mark.parametrize("unknown", [(3.0, None, 3.0, None, None, 5.0), (3.0, 4.0, 3.0, 4.0, 4.0, None)])
def test_missing_value_or_liking_gives_no_badge(unknown):
    assert liking_over_value(unknown) is None
    assert badge(None, mean_of(unknown, VALUE), 9) is None
    assert liking_over_value((5.0,) * 6) is not None


@pytest.mark.parametrize(
    ("value", "liking", "voices", "expected"),
    [
        (3.0, 3.75, 3, Badge.DOUGHNUTS),  # 0.75 more liked than valued
        (3.0, 3.749, 3, None),
        (3.0, 5.0, 2.99, None),  # too few voices
        (4.25, 4.25, 3, Badge.BEYOND),
        (4.24, 4.25, 3, None),
        (4.25, 4.999, 3, Badge.BEYOND),  # 0.749: liked, and worth it
        (4.25, 5.0, 3, Badge.DOUGHNUTS),  # 0.75: even the well valued can be liked for more than value
        (5.0, 1.0, 3, Badge.BEYOND),
        (5.0, 5.0, 2.99, None),
    ],
)
def test_badges_need_three_voices(value, liking, voices, expected):
    found = means(value, liking)
    assert badge(liking_over_value(found), mean_of(found, VALUE), voices) is expected


def test_badges_are_fixed():
    assert list(Badge) == ["doughnuts", "beyond doughnuts"]
