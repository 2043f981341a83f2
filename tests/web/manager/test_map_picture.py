"""The drawing of the map: no name over another, none outside, what matters most named first."""

from collections import Counter
from random import Random
from types import SimpleNamespace

import pytest

from feedback.charts.map_labels import box_of, boxes_overlap
from feedback.charts.relationship_map import LAPTOP, PHONE, draw_map
from feedback.core.gaps.analysis import GapClass
from feedback.core.gaps.quadrants import MapPlace, quadrant_point, urgency
from feedback.pages.relationship_map import MapCell, RelationshipMap

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_DOTS = 150

NAMES = (
    "Dana Whitfield",
    "Siobhán O’Neill",
    "鈴木 一郎",
    "विक्रम सिंह",
    "Maximiliane-Friederike von Hohenzollern",
    "李",
)


def crowd(size: int, seed: int = 1, spread: float = 0.8):
    """So many relationships, most of them good, some exactly alike."""
    dice, found = Random(seed), []
    for i in range(size):
        said = min(5, max(1, round(dice.gauss(4, spread), 1)))
        guessed = min(5, max(1, round(said + dice.gauss(0.3, 0.6), 1)))
        relationship = SimpleNamespace(id=i, contact=f"{dice.choice(NAMES)} {i}")
        found.append(
            SimpleNamespace(relationship=relationship, point=quadrant_point((said,) * 6, (guessed,) * 6))
        )
    return sorted(found, key=lambda each: urgency(each.point))


def drawing(placed, size, cells=()):
    counts = Counter(MapPlace(each.point.field) for each in placed)
    return draw_map(RelationshipMap(counts, placed, {}, list(cells)), size)


@pytest.mark.parametrize("picture_size", [LAPTOP, PHONE])
@pytest.mark.parametrize("many", [1, 3, 60, 200])
def test_map_names_never_overlap(many, picture_size):
    picture = drawing(crowd(many), picture_size)
    boxes = [box_of(dot.label, picture_size) for dot in picture.dots if dot.label]
    r = picture_size.dot
    dots = [(dot.x - r, dot.y - r, dot.x + r, dot.y + r) for dot in picture.dots]
    assert [b for b in boxes if b[0] < -1 or b[1] < 0 or b[2] > picture_size.width + 1 or b[3] > picture_size.height] == []  # fmt: skip
    shown = [(dot.label, dot) for dot in picture.dots if dot.label]
    assert len(shown) <= picture_size.names
    texts = [(label.x, label.y - 9, label.x + label.width, label.y) for label, _ in shown]
    assert [t for t in texts if any(boxes_overlap(t, dot) for dot in dots)] == []
    assert [(a, b) for i, a in enumerate(texts) for b in texts[i + 1 :] if boxes_overlap(a, b)] == []


@pytest.mark.parametrize("picture_size", [LAPTOP, PHONE])
def test_three_dots_are_all_named(picture_size):
    assert all(dot.label for dot in drawing(crowd(3), picture_size).dots)


@pytest.mark.parametrize("picture_size", [LAPTOP, PHONE])
def test_alike_dots_stay_apart_and_inside(picture_size):
    alike = [SimpleNamespace(relationship=SimpleNamespace(id=i, contact="Dana"), point=quadrant_point((5,) * 6, (5,) * 6)) for i in range(12)]  # fmt: skip
    dots = drawing(alike, picture_size).dots
    r = picture_size.dot
    far = [(a.x - b.x) ** 2 + (a.y - b.y) ** 2 for i, a in enumerate(dots) for b in dots[i + 1 :]]
    assert min(far) >= (1.49 * r) ** 2
    assert all(r <= d.x <= picture_size.width - r and r <= d.y <= picture_size.height - r for d in dots)


@pytest.mark.parametrize("picture_size", [LAPTOP, PHONE])
def test_blind_spots_are_named_first(picture_size):
    fields = [(dot.placed.point.field, dot.label) for dot in drawing(crowd(60), picture_size).dots]
    spots = [label is not None for field, label in fields if field is GapClass.BLIND_SPOT]
    strengths = [label is not None for field, label in fields if field is GapClass.STRENGTH]
    assert sum(spots) / len(spots) >= 0.6
    assert sum(spots) / len(spots) > sum(strengths) / len(strengths)


def test_dots_over_limit_are_counted():
    picture = drawing(crowd(MOST_DOTS + 40), LAPTOP)
    assert (len(picture.dots), picture.left_out) == (MOST_DOTS, 40)


def test_long_name_is_cut():
    (label,) = [dot.label for dot in drawing(crowd(1), LAPTOP).dots]
    assert len(label.text) <= 22


def test_dot_position_follows_said_and_guessed():
    low, high = crowd(2)[:2]
    low.point, high.point = quadrant_point((2,) * 6, (2,) * 6), quadrant_point((5,) * 6, (5,) * 6)
    dots = {dot.placed.relationship.id: dot for dot in drawing([low, high], LAPTOP).dots}
    one, other = dots[low.relationship.id], dots[high.relationship.id]
    assert one.x < other.x
    assert one.y > other.y


def test_crowd_is_as_large_as_its_count():
    cells = [MapCell(3.0, 3.0, 25), MapCell(4.0, 4.0, 100)]
    many, few = drawing(crowd(MOST_DOTS + 1), LAPTOP, cells).crowds
    assert (many.count, few.count) == (100, 25)
    assert many.radius == 2 * few.radius


def test_no_crowd_where_all_have_dots():
    drawn = drawing(crowd(60), LAPTOP)
    assert (len(drawn.dots), drawn.crowds) == (60, [])
