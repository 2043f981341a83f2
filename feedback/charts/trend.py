"""The line of a team's loyalty over half a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

WIDTH, HEIGHT = 640, 150  # of the drawing, in SVG units
LEFT, RIGHT, TOP, BOTTOM = 34, 44, 10, 22  # margins: the scale, the last value, and the weeks
STEP, LEAST_STEPS = 10, 2  # points between two lines of the scale, and how many steps it has at least


@dataclass(frozen=True, slots=True)
class TrendPicture:
    """The line, in SVG units."""

    line: list[tuple[float, float]]  # (x, y) of the weeks that have a value, the oldest first
    scale: list[tuple[int, float]]  # points, and their y
    first: float  # the oldest value, 0..100
    last: float
    since: int  # the place of the oldest value, from 0


def draw_trend(values: Sequence[float | None]) -> TrendPicture | None:
    """Return the line through values of 0..100, the oldest first; None with fewer than two. The scale covers the
    values in steps of ten points, at least two, so that small changes look small."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low = floor(min(value for _, value in known) / STEP)
    high = ceil(max(value for _, value in known) / STEP)
    high = min(max(high, low + LEAST_STEPS), 100 // STEP)
    low = max(min(low, high - LEAST_STEPS), 0)

    def y(value: float) -> float:
        share = (value - low * STEP) / ((high - low) * STEP)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    across = (WIDTH - LEFT - RIGHT) / (len(values) - 1)
    return TrendPicture(
        line=[(LEFT + place * across, y(value)) for place, value in known],
        scale=[(step * STEP, y(step * STEP)) for step in range(low, high + 1)],
        first=known[0][1],
        last=known[-1][1],
        since=known[0][0],
    )
