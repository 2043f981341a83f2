"""The map of the four fields: the place of each dot, label and line. Sizes are in the drawing's units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import cos, pi, sin, sqrt

from feedback.charts.map_labels import Label, LabelRequest, Size, labels
from feedback.core.dimensions import GOOD, HIGHEST, LOWEST
from feedback.core.gaps.analysis import GapClass
from feedback.core.gaps.quadrants import AREAS, Corner
from feedback.core.scoring.points import points
from feedback.pages.relationship_map import MapPoint

MOST_DOTS = 150
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


def draw_map(placed: Sequence[MapPoint], size: Size) -> MapPicture:
    """Return the drawing of the relationships in `placed`, which begins with the most important."""
    shown = placed[:MOST_DOTS]
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
        left_out=len(placed) - len(shown),
    )


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
    least, taken = (1.5 * size.dot) ** 2, list[tuple[float, float]]()
    for x, y in spots:
        taken.append(
            next(
                (
                    (a, b)
                    for a, b in islice(_spiral(x, y, size.dot), _SPIRAL_STEPS)
                    if size.dot <= a <= size.width - size.dot
                    and size.dot <= b <= size.height - size.dot
                    and all((a - c) * (a - c) + (b - d) * (b - d) >= least for c, d in taken)
                ),
                (x, y),
            )
        )
    return taken


def _spiral(x: float, y: float, step: float) -> Iterator[tuple[float, float]]:
    """Yield points ever farther from (x, y), evenly spread around it (golden angle)."""
    turn = 0
    while True:
        far, angle = step * 0.6 * sqrt(turn), turn * pi * (3 - sqrt(5))
        yield x + far * cos(angle), y + far * sin(angle)
        turn += 1
