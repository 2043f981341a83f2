"""Which dots of the map are labelled, and where the labels are placed. Sizes are in the drawing's units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from unicodedata import east_asian_width

Spot = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

LONGEST_NAME = 22  # characters
_TRIED = 3  # times as many dots as there may be names are tried: in a crowd hardly any more has room for one
_LINE = 1.25  # height of a line, as a multiple of the letters' size
_BASE = 0.36  # from the middle of a line down to its baseline, likewise
_NEAR = (3.0, 9.0, 16.0, 25.0)  # distances from the dot that are tried for its name, the nearest first
_FAR = (38.0, 54.0, 72.0)  # further distances, tried for the dots that matter most
_LEAD_LINE_FROM = 9.0  # from this distance on a thin line connects the dot and its name
_ALL_DIRECTIONS = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.7, -0.7),
    (-0.7, -0.7),
    (0.7, 0.7),
    (-0.7, 0.7),
]
# Directions from the right clockwise to the lower left: away from the other fields.
_OUTER_DIRECTIONS = [(round(cos(turn * pi / 12), 2), round(sin(turn * pi / 12), 2)) for turn in range(10)]


@dataclass(frozen=True, slots=True)
class Size:
    """The sizes of a drawing and what is in it."""

    width: int
    height: int
    letters: float  # font size
    dot: float  # radius
    names: int  # how many labels at most


@dataclass(frozen=True, slots=True)
class Label:
    """A name and its place in the drawing."""

    text: str
    x: float  # the left end
    y: float  # the baseline
    width: float
    lead: Spot | None  # where the thin line from the dot ends; None without one


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A dot that should get a label."""

    name: str
    spot: Spot
    first: bool  # it is among those that matter most, so its name may be placed farther away


def labels(dots: Sequence[LabelRequest], size: Size) -> list[Label | None]:
    """Return a label for each dot, or None where there is no room.

    A label covers no dot and no other label, stays inside the drawing, and the line to it crosses no dot and
    no label. Dots that come first in `dots` are placed first.
    """
    occupied, found = _OccupiedSpace(dots, size), list[Label | None]()
    for place, dot in enumerate(dots):
        full = len(occupied.names) == size.names or place >= _TRIED * size.names
        label = None if full else _free_label(dot, occupied)
        found.append(label)
        if label:
            occupied.names.append(box_of(label, size))
            occupied.lines += _boxes_along(dot.spot, label.lead) if label.lead else ()
    return found


def width_of(text: str, letters: float) -> float:
    """Estimate the width of a text, rather too wide than too narrow: the reader's font is not known here."""
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


def box_of(label: Label, size: Size) -> Box:
    """Return the box that a label takes up, with 3 units of room to either side."""
    middle, high = label.y - size.letters * _BASE, size.letters * _LINE
    return label.x - 3, middle - high / 2, label.x + label.width + 3, middle + high / 2


def boxes_overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _overlaps_one(box: Box, others: Iterable[Box]) -> bool:
    """Tell whether a box overlaps one of many. Without a call for each: a map looks at some hundred thousand."""
    left, top, right, bottom = box
    for other_left, other_top, other_right, other_bottom in others:
        if left < other_right and other_left < right and top < other_bottom and other_top < bottom:
            return True
    return False


class _OccupiedSpace:
    """The space that dots, labels and lines to labels occupy so far."""

    def __init__(self, dots: Sequence[LabelRequest], size: Size) -> None:
        r = size.dot
        self.size = size
        self.dots: dict[Spot, Box] = {(x, y): (x - r, y - r, x + r, y + r) for x, y in (d.spot for d in dots)}
        self.names: list[Box] = []
        self.lines: list[Box] = []

    def free(self, box: Box, own: Spot, lead: Spot | None) -> bool:
        """Tell whether there is room for a label, and for the line to it from the dot at `own`."""
        if min(box[:2]) < 2 or box[2] > self.size.width - 2 or box[3] > self.size.height - 2:
            return False
        if any(_overlaps_one(box, others) for others in (self.dots.values(), self.names, self.lines)):
            return False
        if lead is None:
            return True
        line = _boxes_along(own, lead)
        around = (
            min(p[0] for p in line),
            min(p[1] for p in line),
            max(p[2] for p in line),
            max(p[3] for p in line),
        )
        others = (*(other for spot, other in self.dots.items() if spot != own), *self.names)
        near = [other for other in others if boxes_overlap(around, other)]
        return not any(_overlaps_one(part, near) for part in line)


def _free_label(dot: LabelRequest, occupied: _OccupiedSpace) -> Label | None:
    """Return the label of a dot at the nearest free place beside it; None when there is none."""
    size, (x, y), text = occupied.size, dot.spot, _shortened(dot.name)
    wide, high = width_of(text, size.letters), size.letters * _LINE
    attempts = [(reach, _ALL_DIRECTIONS) for reach in _NEAR] + [
        (reach, _OUTER_DIRECTIONS) for reach in _FAR if dot.first
    ]
    for reach, directions in attempts:
        for dx, dy in directions:
            far = size.dot + reach
            left = x + dx * far - (wide if dx < 0 else 0 if dx > 0 else wide / 2)
            middle = y + dy * (far + high / 2)
            box = (left, middle - high / 2, left + wide, middle + high / 2)
            lead = (x + dx * far, middle - dy * high / 2) if reach >= _LEAD_LINE_FROM else None
            if occupied.free(box, dot.spot, lead):
                return Label(text, left, middle + size.letters * _BASE, wide, lead)
    return None


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _boxes_along(start: Spot, end: Spot) -> list[Box]:
    """Return small boxes along a line, which labels must not overlap."""
    parts = [
        (start[0] + (end[0] - start[0]) * i / 8, start[1] + (end[1] - start[1]) * i / 8) for i in range(9)
    ]
    return [(x - 1, y - 1, x + 1, y + 1) for x, y in parts]
