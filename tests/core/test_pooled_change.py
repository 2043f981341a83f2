"""What a practice did with several clients together."""

import pytest

from feedback.core.gaps.practices import DimensionChange, pooled_change


def test_one_relationship_is_as_by_itself():
    alone = DimensionChange(2.0, 3, 4.0, 3)
    found = pooled_change([alone])
    assert (found.before, found.after, found.clear) == (2.0, 4.0, alone.clear)
    assert found.spread == pytest.approx((1 / 3 + 1 / 3) ** 0.5)


def test_many_small_changes_are_beyond_chance():
    alone = DimensionChange(3.0, 2, 4.0, 1)
    assert not alone.clear
    assert pooled_change([alone] * 2).clear is False
    assert pooled_change([alone] * 4).clear is True


def test_other_clients_move_nothing():
    """An easy client rated mostly before, a hard one mostly since: each by itself is as it was."""
    found = pooled_change([DimensionChange(5.0, 3, 5.0, 1), DimensionChange(2.0, 1, 2.0, 9)])
    assert found.change == pytest.approx(0.0)
    assert (found.before_meetings, found.after_meetings, found.clients) == (4, 10, 2)


def test_nothing_rated_since_is_none():
    assert pooled_change([]) is None
