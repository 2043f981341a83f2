"""Which differences are told: only those that chance does not explain."""

import pytest

from feedback.core.dimensions import DIMENSIONS
from feedback.core.scoring.differences import (
    WeakDimension,
    apart,
    deviations,
    moved,
    ratings_apart,
    weakest_dimension,
)
from feedback.core.scoring.sums import SideSums, side_of_at_least


def side(*means, voices=20.0):
    return SideSums(tuple(mean * voices for mean in means), (voices,) * len(DIMENSIONS))


@pytest.mark.parametrize(("among", "least"), [(1, 1.2816), (7, 2.1893), (100, 3.0902), (0, 1.2816)])
def test_largest_of_many_needs_more(among, least):
    assert deviations(among) == pytest.approx(least, abs=1e-4)


def test_week_moves_a_score_beyond_its_answers():
    # four answers, eight voices and five before them: 1.2816 * 10 * 2 / 13 = 1.9717
    assert moved(-1.98, 4, 8, 10)
    assert not moved(-1.97, 4, 8, 10)
    assert not moved(-1.98, 4, 8, 10, among=7)  # the largest of seven: 2.1893 * 10 * 2 / 13 = 3.37
    assert moved(3.21, 4, 8, 10, prior=0)
    assert not moved(3.2, 4, 8, 10, prior=0)


def test_fading_alone_moves_nothing():
    assert not moved(-9.0, 0, 8, 10)
    assert not moved(-9.0, 2, 0, 10, prior=0)


def test_means_differ_beyond_shared_chance():
    # 1.2816 * 10 * √(1/10 + 1/40) = 4.531
    assert apart(70, 74.6, 10, 40, 10)
    assert apart(74.6, 70, 40, 10, 10)
    assert not apart(70, 74.5, 10, 40, 10)
    assert not apart(10, 90, 2.9, 40, 10)  # nobody says anything of two clients
    assert ratings_apart(3.0, 3.2, 10, 40, 10)
    assert not ratings_apart(3.0, 3.18, 10, 40, 10)


def test_lowest_clear_dimension_is_to_train():
    teams = {"North": side(4.5, 4.4, 4.5, 3.6, 4.4, 4.5), "South": side(4.1, 4.0, 4.0, 4.0, 3.9, 4.0)}
    # South's 3.9 stands 0.12 below its others: 2.64 * 0.4 * √(2/20) = 0.33 is chance
    assert weakest_dimension(teams, 10.0, 1.0) == WeakDimension("North", "proactivity", 3.6, 20.0)
    assert weakest_dimension({"South": teams["South"]}, 10.0, 1.0) is None


def test_lowest_of_several_teams_needs_more():
    north, even = side(4.5, 4.5, 4.5, 4.2, 4.5, 4.5), side(4, 4, 4, 4, 4, 4)
    # 0.30 below its others: of six 2.13 * 0.4 * √(2/20) = 0.27 is chance, of four teams' 2.64 * 0.4 * √(2/20) = 0.33
    assert weakest_dimension({"North": north}, 10.0, 1.0) == WeakDimension("North", "proactivity", 4.2, 20.0)
    assert weakest_dimension({"North": north, **dict.fromkeys("ABC", even)}, 10.0, 1.0) is None


def test_few_voices_have_nothing_to_train():
    assert weakest_dimension({"North": side(5, 5, 5, 1, 5, 5, voices=2.9)}, 8.0, 1.0) is None
    assert (
        weakest_dimension({"North": side(5, 5, 5, 1, 5, 5)}, 8.0, 10.0) is None
    )  # 20 votes, 2 voices by now
    assert weakest_dimension({"North": SideSums()}, 8.0, 1.0) is None
    assert weakest_dimension({}, 8.0, 1.0) is None


def test_dimension_in_which_too_few_reps_were_rated_is_left_out():
    """A single voice is enough of each."""
    other = SideSums((5.0, *[0.0] * 5), (1.0, *[0.0] * 5))
    found = side_of_at_least([side(4, 4, 4, 4, 4, 4, voices=1.0), other], 2)
    assert (found.means, found.votes) == ((9.0, *[0.0] * 5), (2.0, *[0.0] * 5))
