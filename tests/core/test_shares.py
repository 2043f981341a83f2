"""Parts of a whole."""

import pytest

from feedback.core.shares import Share, promises_kept, share_of_at_least


@pytest.mark.parametrize(
    ("share", "percent"),
    [(Share(), None), (Share(0, 4), 0.0), (Share(3, 4), 75.0), (Share(4, 4), 100.0)],
)
def test_share_is_a_percentage(share, percent):
    assert share.percent == percent


def test_shares_add_by_counts():
    assert Share(1, 1) + Share(1, 3) == Share(2, 4)


def test_unjudged_promises_do_not_count():
    assert promises_kept(kept=3, not_kept=1) == Share(3, 4)
    assert promises_kept(kept=0, not_kept=0).percent is None


@pytest.mark.parametrize(
    ("shares", "least", "expected"),
    [
        ([Share(1, 2), Share(2, 2)], 2, Share(3, 4)),
        ([Share(1, 2), Share(0, 1)], 2, Share(1, 3)),
        ([Share(1, 2), Share()], 2, Share()),  # of one person alone: the other has nothing in it
        ([Share(1, 2)], 1, Share(1, 2)),
        ([], 1, Share()),
    ],
)
def test_share_of_a_group_comes_from_people_who_have_something_in_it(shares, least, expected):
    assert share_of_at_least(shares, least) == expected
