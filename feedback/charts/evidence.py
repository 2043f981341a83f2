"""Figures of evidence with their ranges, as places on a line: percent of its width."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log2

from feedback.core.evidence.claims import RangedFigure
from feedback.core.evidence.drivers import DriverWeight

MOST_TIMES = 3  # doublings to either side of once: an eighth to eight times
RATING_ENDS = (-1.0, 1.5)  # of how far guesses are off


@dataclass(frozen=True, slots=True)
class RangePicture:
    """A range on a line, 0..100 from left to right; what lies outside is cut."""

    low: float
    high: float
    point: float
    mark: float  # the threshold


def draw_figure(figure: RangedFigure) -> RangePicture:
    """Return a figure's range: a share from 0 to 1, times by their logarithm, ratings between RATING_ENDS."""
    place = {"share": _of_share, "times": _of_times}.get(figure.name, _of_rating)
    return RangePicture(place(figure.low), place(figure.high), place(figure.value), place(figure.threshold))


def draw_weights(weights: Sequence[DriverWeight]) -> list[RangePicture]:
    """Return a range for each weight, all on one line; the mark is 0."""
    ends = [end for each in weights for end in (each.low, each.high)]
    least, most = min(0.0, *ends), max(0.0, *ends)

    def place(value: float) -> float:
        return _cut(100 * (value - least) / (most - least)) if most > least else 0.0

    return [RangePicture(place(w.low), place(w.high), place(w.weight), place(0.0)) for w in weights]


def _of_share(value: float) -> float:
    return _cut(100 * value)


def _of_times(value: float) -> float:
    if not isfinite(value):
        return 100.0
    return _cut(50 + 50 * log2(value) / MOST_TIMES) if value > 0 else 0.0


def _of_rating(value: float) -> float:
    least, most = RATING_ENDS
    return _cut(100 * (value - least) / (most - least))


def _cut(place: float) -> float:
    return min(100.0, max(0.0, place))
