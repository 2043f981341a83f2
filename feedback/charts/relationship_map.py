"""The map of the four fields: the place of each dot, label and line. Sizes are in the drawing's units."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin, sqrt

from feedback.charts.map_labels import Label, LabelRequest, Size, labels
from feedback.core.dimensions import GOOD, HIGHEST, LOWEST
from feedback.core.gaps.analysis import GapClass
from feedback.core.gaps.quadrants import AREAS, Corner
from feedback.core.scoring.points import points
from feedback.pages.relationship_map import MOST_DOTS, MapPoint, RelationshipMap

_SPIRAL_STEPS = 160  # steps of the spiral; they reach as far as seven dots' radii
_PAD = 14  # between the frame and the extreme ratings, so that no dot is cut
LAPTOP = Size(720, 600, 13, 6.5, 40)
PHONE = Size(350, 350, 12, 5.5, 14)


@dataclass(frozen=True, slots=True)
class Dot:
    """One relationship in the drawing."""

    x: float
    y: float
    placed: MapPoint
    label: Label | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """All relationships near one place, where there are too many for a dot each."""

    x: float
    y: float
    radius: float  # its area stands for the count
    count: int


@dataclass(frozen=True, slots=True)
class Area:
    """The area of one field in the drawing."""

    field: GapClass
    path: str  # SVG path data of its outline


@dataclass(frozen=True, slots=True)
class MapPicture:
    """The drawing of a map."""

    size: Size
    areas: list[Area]
    ticks: list[tuple[int, float, float]]  # (rating, x on the lower edge, y on the left edge)
    good: tuple[float, float]  # where both sides rate Good
    dots: list[Dot]  # the least important first, so that the most important are drawn on top
    left_out: int  # relationships beyond MOST_DOTS
    crowds: list[Crowd]  # behind the dots; none when every relationship has a dot


def draw_map(map: RelationshipMap, size: Size) -> MapPicture:
    """Return the drawing of a map: a dot for the most urgent, and crowds behind them where there are more."""
    shown = map.placed[:MOST_DOTS]
    spots = _moved_apart([_position(p.point.guessed, p.point.said, size) for p in shown], size)
    named = [
        LabelRequest(p.relationship.contact, spot, first=p.point.field is GapClass.BLIND_SPOT)
        for p, spot in zip(shown, spots, strict=True)
    ]
    dots = [Dot(*spot, p, label) for p, spot, label in zip(shown, spots, labels(named, size), strict=True)]
    return MapPicture(
        size=size,
        areas=[Area(field, _outline(corners, size)) for field, corners in AREAS.items()],
        ticks=[(n, *_position(n, n, size)) for n in range(LOWEST, HIGHEST + 1)],
        good=_position(GOOD, GOOD, size),
        dots=dots[::-1],
        left_out=map.whole - len(shown),
        crowds=_crowds(map, size),
    )


def _crowds(map: RelationshipMap, size: Size) -> list[Crowd]:
    largest = max((cell.count for cell in map.cells), default=1)
    widest = (
        size.height - 2 * _PAD
    ) / 16  # half of what lies between two cells, which are half a rating apart
    return [
        Crowd(*_position(cell.guessed, cell.said, size), widest * sqrt(cell.count / largest), cell.count)
        for cell in sorted(map.cells, key=lambda cell: -cell.count)
    ]


def _position(guessed: float, said: float, size: Size) -> tuple[float, float]:
    """Return the place of a pair of ratings. Both axes are scaled by points, as loyalty is."""
    x = _PAD + points(guessed) / 100 * (size.width - 2 * _PAD)
    y = size.height - _PAD - points(said) / 100 * (size.height - 2 * _PAD)
    return x, y


def _outline(corners: Sequence[Corner], size: Size) -> str:
    """Return a field's outline as SVG path data."""
    return (
        "M" + "L".join("{:.1f} {:.1f}".format(*_corner_position(*corner, size)) for corner in corners) + "Z"
    )


def _corner_position(guessed: float, said: float, size: Size) -> tuple[float, float]:
    """Return what _position does, with the outermost edges extended to the frame."""
    x, y = _position(guessed, said, size)
    x = 0 if guessed <= LOWEST else size.width if guessed >= HIGHEST else x
    y = size.height if said <= LOWEST else 0 if said >= HIGHEST else y
    return x, y


def _moved_apart(spots: Sequence[tuple[float, float]], size: Size) -> list[tuple[float, float]]:
    """Move dots that would cover one another apart: each moves along a spiral to the nearest free place, and
    stays where it is when there is none near by."""
    apart = 1.5 * size.dot
    taken, squares = (
        list[tuple[float, float]](),
        defaultdict[tuple[int, int], list[tuple[float, float]]](list),
    )
    turns: dict[tuple[float, float], Iterator[tuple[float, float]]] = {}  # of a place: what is not taken yet
    for x, y in spots:
        spot = next(
            (
                (x + dx, y + dy)
                for dx, dy in turns.setdefault((x, y), iter(_spiral(size.dot)))
                if size.dot <= x + dx <= size.width - size.dot
                and size.dot <= y + dy <= size.height - size.dot
                and _is_free(x + dx, y + dy, squares, apart)
            ),
            (x, y),
        )
        taken.append(spot)
        squares[int(spot[0] / apart), int(spot[1] / apart)].append(spot)
    return taken


def _is_free(
    x: float, y: float, squares: dict[tuple[int, int], list[tuple[float, float]]], apart: float
) -> bool:
    """Tell whether no dot is nearer than `apart`, of which each square is one wide."""
    across, down = int(x / apart), int(y / apart)
    return not any(
        (x - a) * (x - a) + (y - b) * (y - b) < apart * apart
        for i in (across - 1, across, across + 1)
        for j in (down - 1, down, down + 1)
        for a, b in squares.get((i, j), ())
    )


@cache
def _spiral(step: float) -> list[tuple[float, float]]:
    """Return points ever farther from (0, 0), evenly spread around it (golden angle)."""
    found = []
    for turn in range(_SPIRAL_STEPS):
        far, angle = step * 0.6 * sqrt(turn), turn * pi * (3 - sqrt(5))
        found.append((far * cos(angle), far * sin(angle)))
    return found
