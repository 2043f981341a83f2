"""What the client said against what the rep guessed."""

import pytest

from feedback.core.dimensions import NO_MEANS
from feedback.core.gaps.analysis import (
    Gap,
    GapClass,
    bias,
    classify,
    distance,
    gaps,
    has_real_gap,
    headline,
    reads_the_room,
    sides_disagree,
    to_practise,
    weakest,
)

STRENGTH, WEAKNESS, ADVANTAGE, BLIND_SPOT = GapClass


@pytest.mark.parametrize(
    ("client", "rep", "expected"),
    [
        (4, 5, STRENGTH),  # 5 guessed, 4 said: both good
        (5, 4, STRENGTH),
        (4, 4, STRENGTH),
        (3, 4, BLIND_SPOT),  # 4 guessed, 3 said: the other side of good
        (4, 3, ADVANTAGE),
        (3, 3, WEAKNESS),  # fine is a weakness
        (2, 3, WEAKNESS),
        (3, 2, WEAKNESS),
        (1, 3, BLIND_SPOT),
        (3, 1, ADVANTAGE),
        (3.99, 3.99, WEAKNESS),
        # across 4, from 0.75 on
        (4.0, 3.25, ADVANTAGE),
        (4.0, 3.251, STRENGTH),
        (3.25, 4.0, BLIND_SPOT),
        (3.251, 4.0, WEAKNESS),
        # 4 itself is good: both of these stand on one side
        (4.0, 4.8, STRENGTH),
        (4.8, 4.0, STRENGTH),
        # anywhere, from 1.5 on
        (2.0, 3.5, BLIND_SPOT),
        (2.0, 3.49, WEAKNESS),
        (3.5, 2.0, ADVANTAGE),
        (3.49, 2.0, WEAKNESS),
    ],
)
def test_gap_is_one_of_four_kinds(client, rep, expected):
    assert classify(client, rep) is expected
    assert sides_disagree(client, rep) is (expected in (ADVANTAGE, BLIND_SPOT))


def test_gap_kinds_have_fixed_words():
    assert list(GapClass) == ["strength", "weakness", "advantage", "blind_spot"]


def test_gap_size_is_client_minus_rep():
    assert Gap("savvy", client=3.5, rep=5, kind=BLIND_SPOT).size == -1.5


def test_worst_blind_spot_comes_first():
    found = gaps((4, 3, 3, 1, 5, 3), (4, 4, 3, 4, 3, 5))
    assert [(gap.dimension, gap.kind) for gap in found] == [
        ("proactivity", BLIND_SPOT),  # -3
        ("chemistry", BLIND_SPOT),  # -2
        ("competency", BLIND_SPOT),  # -1
        ("integrity", STRENGTH),
        ("recognition", WEAKNESS),
        ("savvy", ADVANTAGE),
    ]


def test_dimension_rated_once_has_no_gap():
    found = gaps((4, None, 3, None, None, None), (None, 4, 3, None, None, None))
    assert found == [Gap("recognition", 3, 3, WEAKNESS)]


@pytest.mark.parametrize(
    ("client", "rep", "dimension"),
    [
        ((3, 1, 5, 2, 4, 4), (4, 3, 3, 2, 4, 4), "competency"),  # blind spots -1 and -2: the worst
        ((3, 2, 5, 4, 4, 4), (3, 2, 3, 4, 4, 4), "competency"),  # else the lowest weakness
        ((4, 5, 5, 5, 5, 5), (3, 2, 5, 5, 5, 5), "competency"),  # else the widest advantage
        ((4, 5, 4, 4, 4, 4), (4, 5, 4, 4, 4, 4), "competency"),  # else the best strength
    ],
)
def test_headline_gap_follows_priority(client, rep, dimension):
    assert headline(gaps(client, rep)).dimension == dimension


def test_no_gaps_give_no_headline():
    assert headline([]) is None
    assert weakest([]) is None


@pytest.mark.parametrize(
    ("client", "rep", "dimension"),
    [
        ((3, 2, 3, 1, 4, 4), (4, 5, 4, 1, 4, 4), "competency"),  # the worst blind spot, not the lowest
        ((4, 4, 3, 2, 4, 4), (4, 4, 3, 2, 4, 4), "proactivity"),  # no blind spot: the lowest
    ],
)
def test_weakest_dimension_is_chosen(client, rep, dimension):
    assert weakest(gaps(client, rep)).dimension == dimension


@pytest.mark.parametrize(
    ("client", "rep", "meetings", "expected"),
    [
        ((3, 4, 4, 4, 4, 4), (4, 4, 4, 4, 4, 4), 2, True),
        ((3, 4, 4, 4, 4, 4), (4, 4, 4, 4, 4, 4), 1, False),
        ((4, 4, 4, 4, 4, 4), (5, 5, 5, 5, 5, 5), 9, False),
        ((3, None, None, None, None, None), (None, 5, None, None, None, None), 9, False),
    ],
)
def test_real_gap_needs_two_shared_meetings(client, rep, meetings, expected):
    assert has_real_gap(client, rep, meetings) is expected


def test_distance_and_bias_use_shared_ratings():
    client, rep = (5, 3, 4, None, 2, None), (4, 5, 4, 1, None, None)
    assert distance(client, rep) == 1.0  # (1 + 2 + 0) / 3
    assert bias(client, rep) == pytest.approx(1 / 3)  # (-1 + 2 + 0) / 3: overestimates


def test_no_shared_rating_gives_no_distance():
    assert distance((4, *NO_MEANS[1:]), NO_MEANS) is bias(NO_MEANS, (4, *NO_MEANS[1:])) is None


@pytest.mark.parametrize(("mean_distance", "expected"), [(0, 100), (1, 75), (2, 50), (4, 0)])
def test_reads_the_room_falls_with_distance(mean_distance, expected):
    assert reads_the_room(mean_distance) == expected


@pytest.mark.parametrize(
    ("client", "rep", "dimension"),
    [
        ((5, 4, 3, 5, 5, 5), (5, 4, 5, 5, 5, 5), "recognition"),  # both rated
        ((None, 4, 3, 2, 5, 5), NO_MEANS, "proactivity"),  # the client alone
        (NO_MEANS, NO_MEANS, "integrity"),
    ],
)
def test_dimension_to_practise_is_the_weakest_that_is_known(client, rep, dimension):
    assert to_practise(client, rep) == dimension
