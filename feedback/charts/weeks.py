"""The small line of a rep's scores over 13 weeks, one for each row of a board."""

from collections.abc import Sequence
from dataclasses import dataclass

LEFT, WIDE, BOTTOM, HIGH = 2, 100, 24, 22  # in SVG units
LEAST = 14  # points from the bottom of the line to its top, so that small changes look small
MARGIN = 2  # points


@dataclass(frozen=True, slots=True)
class WeeksPicture:
    """The line, and what to say of it."""

    count: int  # weeks that have a value
    first: float  # the oldest value, 0..100
    last: float
    points: str  # x,y of each in SVG units; "" where fewer than two weeks have a value


def draw_weeks(values: Sequence[float | None]) -> WeeksPicture | None:
    """Return the line through values of 0..100, the oldest first; None without any."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return None
    every = [value for _, value in known]
    low = min(min(every) - MARGIN, max(every) - LEAST)
    high = max(max(every) + MARGIN, low + LEAST)
    across, up = WIDE / max(len(values) - 1, 1), HIGH / (high - low)
    points = [f"{LEFT + place * across:.1f},{BOTTOM - (value - low) * up:.1f}" for place, value in known]
    return WeeksPicture(len(known), every[0], every[-1], " ".join(points) if len(known) > 1 else "")
