"""A relationship as one point on the map of the four fields."""

import pytest

from feedback.core.dimensions import NO_MEANS
from feedback.core.gaps.analysis import GapClass, classify
from feedback.core.gaps.quadrants import AREAS, QuadrantPoint, quadrant_point, urgency

STRENGTH, WEAKNESS, ADVANTAGE, BLIND_SPOT = GapClass
N = None


@pytest.mark.parametrize(
    ("client", "mirror", "guessed", "said", "field"),
    [
        ((4,) * 6, (5,) * 6, 5, 4, STRENGTH),
        ((3,) * 6, (4,) * 6, 4, 3, BLIND_SPOT),
        ((3,) * 6, (3,) * 6, 3, 3, WEAKNESS),
        ((5,) * 6, (3,) * 6, 3, 5, ADVANTAGE),
        # a blind spot in one dimension does not make the relationship one: 5, 5, 5, 2, 5, 5 is 4.5
        ((5, 5, 5, 2, 5, 5), (5,) * 6, 5, 4.5, STRENGTH),
        # only dimensions rated by both: the client's 1s and the rep's 5 have no other half
        ((4, 1, 1, N, N, N), (4, N, N, 5, N, N), 4, 4, STRENGTH),
        ((2, 4, N, N, N, N), (5, 4, 1, N, N, N), 4.5, 3, BLIND_SPOT),
        # exactly across Good by 0.75, and a little less
        ((3.25,) * 6, (4,) * 6, 4, 3.25, BLIND_SPOT),
        ((3.5,) * 6, (4,) * 6, 4, 3.5, WEAKNESS),
    ],
)
def test_point_is_mean_of_shared_ratings(client, mirror, guessed, said, field):
    assert quadrant_point(client, mirror) == QuadrantPoint(guessed, said, field)


@pytest.mark.parametrize(
    ("client", "mirror"),
    [(NO_MEANS, NO_MEANS), ((4,) * 6, NO_MEANS), ((4, N, N, N, N, N), (N, 4, 4, 4, 4, 4))],
)
def test_no_shared_rating_gives_no_point(client, mirror):
    assert quadrant_point(client, mirror) is None
    assert quadrant_point((4.0,) * 6, (4.0,) * 6) is not None


def test_point_size_is_said_minus_guessed():
    assert QuadrantPoint(4.5, 3, BLIND_SPOT).size == -1.5


def test_points_sort_by_urgency():
    expected = [
        QuadrantPoint(5, 2, BLIND_SPOT),  # -3
        QuadrantPoint(5, 3, BLIND_SPOT),  # -2
        QuadrantPoint(2, 1, WEAKNESS),
        QuadrantPoint(3, 3, WEAKNESS),
        QuadrantPoint(2, 5, ADVANTAGE),  # +3
        QuadrantPoint(3, 5, ADVANTAGE),  # +2
        QuadrantPoint(5, 4, STRENGTH),
        QuadrantPoint(4, 5, STRENGTH),
    ]
    shuffled = expected[3:] + expected[:3]
    assert sorted(shuffled, key=urgency) == expected


def inside(corners, x, y) -> bool:
    """By counting the edges to the right of the point."""
    edges = zip(corners, (*corners[1:], corners[0]), strict=True)
    return sum((a[1] > y) != (b[1] > y) and x < a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) for a, b in edges) % 2 == 1  # fmt: skip


def test_four_areas_match_the_rule():
    steps = [1.013 + i * 0.0497 for i in range(80)]
    wrong = [
        (guessed, said)
        for guessed in steps
        for said in steps
        if [f for f, area in AREAS.items() if inside(area, guessed, said)] != [classify(said, guessed)]
    ]
    assert wrong == []
