"""Which dots of the map get their names, and where these stand. Sizes in the picture's units."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from unicodedata import east_asian_width

Spot = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

LONGEST_NAME = 22  # characters
_LINE = 1.25  # of the letters' size
_BASE = 0.36  # of it, from the middle of a line down to where letters stand
_NEAR = (3.0, 9.0, 16.0, 25.0)  # how far beside its dot a name may stand, the nearest first
_FAR = (38.0, 54.0, 72.0)  # and that of a dot that matters most
_LED_FROM = 9.0  # from here on a thin line leads from the dot to its name
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
# From the right round to the lower left: away from the other fields.
_AWAY = [(round(cos(turn * pi / 12), 2), round(sin(turn * pi / 12), 2)) for turn in range(10)]


@dataclass(frozen=True, slots=True)
class Size:
    """Of a picture, its letters and its dots (their radius); names: how many at most."""

    width: int
    height: int
    letters: float
    dot: float
    names: int


@dataclass(frozen=True, slots=True)
class Label:
    """A name, from its left end on the line of writing. lead: where a thin line from the dot ends."""

    text: str
    x: float
    y: float
    width: float
    lead: Spot | None


@dataclass(frozen=True, slots=True)
class Named:
    """A dot to be named; first: it matters most, so its name may stand farther off."""

    name: str
    spot: Spot
    first: bool


def labels(dots: Sequence[Named], size: Size) -> list[Label | None]:
    """A place for each name, or None: where it hides no dot and no other name, stays inside, and no line to
    it passes over a dot or a name. What comes first chooses first."""
    ground, found = _Ground(dots, size), list[Label | None]()
    for dot in dots:
        full = len(ground.names) == size.names
        label = None if full else _beside(dot, ground)
        found.append(label)
        if label:
            ground.names.append(box_of(label, size))
            ground.lines += _along(dot.spot, label.lead) if label.lead else ()
    return found


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


def box_of(label: Label, size: Size) -> Box:
    """What a name takes up, with a little room beside it."""
    middle, high = label.y - size.letters * _BASE, size.letters * _LINE
    return label.x - 3, middle - high / 2, label.x + label.width + 3, middle + high / 2


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class _Ground:
    """What is taken: by dots, by names, and by lines to names."""

    def __init__(self, dots: Sequence[Named], size: Size) -> None:
        r = size.dot
        self.size = size
        self.dots: dict[Spot, Box] = {(x, y): (x - r, y - r, x + r, y + r) for x, y in (d.spot for d in dots)}
        self.names: list[Box] = []
        self.lines: list[Box] = []

    def free(self, box: Box, line: Sequence[Box], own: Spot) -> bool:
        """Is there room for a name, and for a line to it from the dot at `own`?"""
        if min(box[:2]) < 2 or box[2] > self.size.width - 2 or box[3] > self.size.height - 2:
            return False
        dots = [other for spot, other in self.dots.items() if spot != own]
        if any(meet(box, other) for other in (*self.dots.values(), *self.names, *self.lines)):
            return False
        return not any(meet(part, other) for part in line for other in (*dots, *self.names))


def _beside(dot: Named, ground: _Ground) -> Label | None:
    """The nearest free place for a name beside its dot; None when there is none."""
    size, (x, y), text = ground.size, dot.spot, _short(dot.name)
    wide, high = width_of(text, size.letters), size.letters * _LINE
    looked = [(reach, _ROUND) for reach in _NEAR] + [(reach, _AWAY) for reach in _FAR if dot.first]
    for reach, directions in looked:
        for dx, dy in directions:
            far = size.dot + reach
            left = x + dx * far - (wide if dx < 0 else 0 if dx > 0 else wide / 2)
            middle = y + dy * (far + high / 2)
            box = (left, middle - high / 2, left + wide, middle + high / 2)
            lead = (x + dx * far, middle - dy * high / 2) if reach >= _LED_FROM else None
            if ground.free(box, _along(dot.spot, lead) if lead else [], dot.spot):
                return Label(text, left, middle + size.letters * _BASE, wide, lead)
    return None


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _along(start: Spot, end: Spot) -> list[Box]:
    """A line, as small boxes that names keep off."""
    parts = [
        (start[0] + (end[0] - start[0]) * i / 8, start[1] + (end[1] - start[1]) * i / 8) for i in range(9)
    ]
    return [(x - 1, y - 1, x + 1, y + 1) for x, y in parts]
