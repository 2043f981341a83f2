"""The map of the four fields as a drawing: where each dot, name and line goes. Sizes in the picture's units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, pi, sin, sqrt
from unicodedata import east_asian_width
from uuid import UUID

from feedback.core.dimensions import GOOD, HIGHEST, LOWEST
from feedback.core.fields import AREAS, Corner
from feedback.core.gaps import GapClass
from feedback.core.points import points
from feedback.store.map import Placed

Box = tuple[float, float, float, float]  # left, top, right, bottom

MOST_DOTS = 200
LONGEST_NAME = 22  # characters
_PAD = 14  # between the frame and the extreme ratings, so that no dot is cut
_LINE = 1.25  # of the letters' size
_REACHES = (3.0, 9.0, 16.0, 25.0)  # how far beside its dot a name may stand, the nearest first;
_FARTHER = (38.0, 54.0, 72.0)  # and that of a blind spot, which matters most
_LED_FROM = 9.0  # from here on a thin line leads from the dot to its name
_AWAY = [(1.0, 0.0), (0.0, 1.0), (0.7, 0.7)]  # from the other fields
_ROUND = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.7, -0.7),
    (-0.7, -0.7),
    (0.7, 0.7),
    (-0.7, 0.7),
]


@dataclass(frozen=True, slots=True)
class Size:
    """Of a picture, its letters and its dots (their radius); names: how many at most."""

    width: int
    height: int
    letters: float
    dot: float
    names: int


LAPTOP = Size(720, 600, 13, 6.5, 40)
PHONE = Size(350, 350, 12, 5.5, 14)


@dataclass(frozen=True, slots=True)
class Label:
    """A name, from its left end on the line of writing. lead: where a thin line to the dot begins."""

    text: str
    x: float
    y: float
    width: float
    lead: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    placed: Placed
    label: Label | None


@dataclass(frozen=True, slots=True)
class Area:
    field: GapClass
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """ticks: (rating, x on the lower edge, y on the left edge). dots: the least important first, so that
    what matters most lies on top."""

    size: Size
    areas: list[Area]
    ticks: list[tuple[int, float, float]]
    good: tuple[float, float]
    dots: list[Dot]
    left_out: int


def draw(placed: Sequence[Placed], size: Size) -> Picture:
    """The picture of relationships, the most important first in `placed`."""
    shown = placed[:MOST_DOTS]
    spots = _apart([_at(p.point.guessed, p.point.said, size) for p in shown], size)
    labels = _labels(shown, spots, size)
    dots = [Dot(x, y, p, labels.get(p.relationship.id)) for p, (x, y) in zip(shown, spots, strict=True)]
    return Picture(
        size=size,
        areas=[Area(field, _path(corners, size)) for field, corners in AREAS.items()],
        ticks=[(n, *_at(n, n, size)) for n in range(LOWEST, HIGHEST + 1)],
        good=_at(GOOD, GOOD, size),
        dots=dots[::-1],
        left_out=len(placed) - len(shown),
    )


def width_of(text: str, letters: float) -> float:
    """How wide a text will be, rather too wide than too narrow: the reader's font is not known here."""
    ems = 0.0
    for letter in text:
        if east_asian_width(letter) in "WF":
            ems += 1.05
        elif letter in " .,'’‘il|jtfrI-":
            ems += 0.38
        elif letter in "mwMW@—…%":
            ems += 0.95
        else:
            ems += 0.72 if letter.isupper() else 0.6
    return ems * letters


def _at(guessed: float, said: float, size: Size) -> tuple[float, float]:
    """Ratings are laid out by their points, as loyalty is: from Good to Fantastic it is as far as from Poor
    to Good, and that is where most relationships are."""
    x = _PAD + points(guessed) / 100 * (size.width - 2 * _PAD)
    y = size.height - _PAD - points(said) / 100 * (size.height - 2 * _PAD)
    return x, y


def _path(corners: Sequence[Corner], size: Size) -> str:
    """A field's outline; slanted edges bend, since ratings are laid out by their points."""
    there: list[tuple[float, float]] = []
    for (g0, s0), (g1, s1) in pairwise((*corners, corners[0])):
        cuts = 12 if g0 != g1 and s0 != s1 else 1
        there += [_edge(g0 + (g1 - g0) * i / cuts, s0 + (s1 - s0) * i / cuts, size) for i in range(cuts)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in there) + "Z"


def _edge(guessed: float, said: float, size: Size) -> tuple[float, float]:
    """Like _at, with the outermost edges carried on to the frame."""
    x, y = _at(guessed, said, size)
    x = 0 if guessed <= LOWEST else size.width if guessed >= HIGHEST else x
    y = size.height if said <= LOWEST else 0 if said >= HIGHEST else y
    return x, y


def _apart(spots: Sequence[tuple[float, float]], size: Size) -> list[tuple[float, float]]:
    """Dots that would hide one another, side by side: each moves along a spiral to the nearest free place."""
    least, taken = 1.5 * size.dot, list[tuple[float, float]]()
    for x, y in spots:
        taken.append(
            next(
                (a, b)
                for a, b in _spiral(x, y, size.dot)
                if size.dot <= a <= size.width - size.dot
                and size.dot <= b <= size.height - size.dot
                and all(hypot(a - c, b - d) >= least for c, d in taken)
            )
        )
    return taken


def _spiral(x: float, y: float, step: float) -> Iterator[tuple[float, float]]:
    turn = 0
    while True:
        far, angle = step * 0.6 * sqrt(turn), turn * pi * (3 - sqrt(5))
        yield x + far * cos(angle), y + far * sin(angle)
        turn += 1


def _labels(placed: Sequence[Placed], spots: Sequence[tuple[float, float]], size: Size) -> dict[UUID, Label]:
    """Names where they hide no dot, no other name, and stay inside; what matters most chooses first."""
    r = size.dot
    dots: list[Box] = [(x - r, y - r, x + r, y + r) for x, y in spots]
    names: list[Box] = []
    found: dict[UUID, Label] = {}
    for each, (x, y) in zip(placed, spots, strict=True):
        if len(found) == size.names:
            break
        name = each.relationship.contact
        text = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
        blind = each.point.field is GapClass.BLIND_SPOT
        label = _beside(text, x, y, size, dots, names, _REACHES + (_FARTHER if blind else ()))
        if label:
            found[each.relationship.id] = label
            names += [_box(label, size), *(_along((x, y), label.lead) if label.lead else ())]
    return found


def _beside(
    text: str,
    x: float,
    y: float,
    size: Size,
    dots: Sequence[Box],
    names: Sequence[Box],
    reaches: Sequence[float],
) -> Label | None:
    """The nearest free place for a name beside its dot; None when there is none. The line that leads to it
    may pass over dots, not over names."""
    wide, high = width_of(text, size.letters), size.letters * _LINE
    for reach in reaches:
        for dx, dy in _AWAY if reach in _FARTHER else _ROUND:
            far = size.dot + reach
            left = x + dx * far - (wide if dx < 0 else 0 if dx > 0 else wide / 2)
            middle = y + dy * (far + high / 2)
            box = (left, middle - high / 2, left + wide, middle + high / 2)
            inside = box[0] >= 2 and box[1] >= 2 and box[2] <= size.width - 2 and box[3] <= size.height - 2
            lead = (x + dx * far, middle - dy * high / 2) if reach >= _LED_FROM else None
            line = _along((x, y), lead) if lead else []
            crossed = any(_meet(part, name) for part in line for name in names)
            if inside and not crossed and not any(_meet(box, other) for other in (*dots, *names)):
                return Label(text, left, middle + size.letters * 0.36, wide, lead)
    return None


def _box(label: Label, size: Size) -> Box:
    middle, high = label.y - size.letters * 0.36, size.letters * _LINE
    return label.x - 3, middle - high / 2, label.x + label.width + 3, middle + high / 2


def _along(start: tuple[float, float], end: tuple[float, float]) -> list[Box]:
    """A lead, as small boxes that names keep off."""
    parts = [
        (start[0] + (end[0] - start[0]) * i / 8, start[1] + (end[1] - start[1]) * i / 8) for i in range(9)
    ]
    return [(x - 1, y - 1, x + 1, y + 1) for x, y in parts]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
