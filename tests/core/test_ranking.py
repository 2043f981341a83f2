"""Who stands where, and who is too close to call."""

import pytest

from feedback.core.scoring.ranking import Contender, Place, asks_too_seldom, close_runs, rank, too_close
from feedback.core.shares import Share

WIDE, NARROW = 30.0, 10.0


def rep(name, score, voices=4.0):
    return Contender(name, name, score, voices)


def order(*contenders):
    return [place.key for place in rank(contenders, NARROW)]


def test_higher_score_ranks_first():
    assert order(rep("Ann", 40), rep("Zoe", 60)) == ["Zoe", "Ann"]


def test_more_voices_break_a_tie():
    assert order(rep("Ann", 50, 4), rep("Zoe", 50, 9)) == ["Zoe", "Ann"]


def test_name_breaks_a_tie():
    assert order(rep("bea", 50), rep("Carl", 50), rep("Ann", 50)) == ["Ann", "bea", "Carl"]


def test_names_differing_in_case_are_ordered():
    assert order(rep("ann", 50), rep("Ann", 50)) == order(rep("Ann", 50), rep("ann", 50)) == ["Ann", "ann"]


def test_ranking_needs_three_voices():
    places = rank([rep("Few", 90, 2.999), rep("Three", 20, 3.0)], NARROW)
    assert [(place.key, place.rank) for place in places] == [("Three", 1), ("Few", None)]


def test_unranked_reps_follow_by_score():
    assert order(rep("Low", 10, 1), rep("Ranked", 5), rep("High", 90, 0)) == ["Ranked", "High", "Low"]


@pytest.mark.parametrize(
    ("voices", "other_voices", "sigma", "reach"),
    [
        (4, 4, 30, 18.124561),  # 1.2816 * 30 * √(1/9 + 1/9) = 38.448 * 0.471405
        (3, 20, 30, 15.617651),  # 1.2816 * 30 * √(1/8 + 1/25) = 38.448 * 0.406202
        (20, 3, 30, 15.617651),
        (4, 4, 10, 6.041520),  # 1.2816 * 10 * 0.471405
    ],
)
def test_close_means_within_shared_spread(voices, other_voices, sigma, reach):
    leader = rep("Ann", 60, voices)
    assert too_close(leader, rep("Bea", 60 - reach + 1e-5, other_voices), sigma)
    assert not too_close(leader, rep("Bea", 60 - reach - 1e-5, other_voices), sigma)


def test_too_close_is_symmetric():
    assert too_close(rep("Ann", 50), rep("Bea", 60), WIDE)
    assert not too_close(rep("Ann", 30), rep("Bea", 60), WIDE)


def test_difference_equal_to_spread_is_clear():
    assert not too_close(rep("Ann", 50), rep("Bea", 50), 0.0)  # 0 is not below 0
    assert too_close(rep("Ann", 50), rep("Bea", 50), 0.1)


def test_both_close_neighbours_are_marked():
    # each step is held against 6.04 (four voices each, sigma 10)
    places = rank([rep("Ann", 60), rep("Bea", 55), rep("Cat", 40), rep("Dee", 35)], NARROW)
    assert places == [
        Place("Ann", 1, close=True, close_to_next=True),
        Place("Bea", 2, close=True, close_to_next=False),
        Place("Cat", 3, close=True, close_to_next=True),
        Place("Dee", 4, close=True, close_to_next=False),
    ]


def test_clear_leader_is_close_to_nobody():
    places = rank([rep("Ann", 60), rep("Bea", 40), rep("Cat", 35)], NARROW)
    assert [place.close for place in places] == [False, True, True]


def test_unranked_reps_are_nobodys_neighbours():
    places = rank([rep("Ann", 60), rep("New", 59, 2), rep("Newer", 61, 1)], NARROW)
    assert [place.key for place in places if place.rank] == ["Ann"]
    assert not any(place.close or place.close_to_next for place in places)


def test_no_reps_make_an_empty_board():
    assert rank([], NARROW) == []


@pytest.mark.parametrize(
    ("scores", "runs"),
    [
        ([90, 60, 30], []),
        ([60, 58, 30], [(1, 2)]),
        ([90, 60, 57, 54, 30], [(2, 4)]),
        ([90, 88, 60, 57, 54], [(1, 2), (3, 5)]),
        ([], []),
    ],
)
def test_close_runs_have_first_and_last_rank(scores, runs):
    places = rank([rep(str(score), score) for score in scores], NARROW)
    assert close_runs([*places, Place("early", None)]) == runs


@pytest.mark.parametrize(
    ("asked", "held", "least", "seldom"),
    [
        (1, 5, 50, False),  # of fewer than eight meetings nothing is said
        (0, 7, 50, False),
        (3, 8, 50, True),
        (4, 8, 50, False),  # half is enough
        (5, 26, 50, True),
        (5, 26, 19, False),  # 19.2 percent
        (0, 26, 0, False),  # an organisation that ranks all
        (25, 26, 100, True),
    ],
)
def test_half_of_eight_meetings_must_be_asked(asked, held, least, seldom):
    assert asks_too_seldom(Share(asked, held), least) is seldom


def test_who_asks_seldom_has_no_rank():
    picked = Contender("Tom", "Tom", 95, 9, seldom=True)
    places = rank([picked, rep("Ann", 60), rep("Bea", 94), rep("New", 99, 2)], NARROW)
    assert [(place.key, place.rank) for place in places] == [
        ("Bea", 1),
        ("Ann", 2),
        ("Tom", None),
        ("New", None),
    ]
    assert not any(place.close for place in places)
