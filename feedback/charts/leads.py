"""The strip of dots of how long before each loss the first warning came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, PAD = 400, 12  # of the drawing and its margin, in SVG units
DOT, BASE = 8.0, 18.0  # from dot to dot upwards, and below the lowest
HIGHEST = 160.0  # of all dots of one place together; where there are more they overlap
MONTHS = 12  # of the scale: the horizon
DAYS = 365
STEP = 8  # days that share a place


@dataclass(frozen=True, slots=True)
class LeadStrip:
    """The strip, in SVG units."""

    dots: list[tuple[float, float]]
    months: list[tuple[int, float]]  # months before, and their x
    middle: float  # x of the median
    height: float


def draw_leads(leads: Sequence[int], middle: float) -> LeadStrip:
    """Return a dot for each lead time (days, 1..365), the longest at the left; dots of eight days stand on each other.
    middle: the median, in days."""
    places = Counter(min(lead, DAYS) // STEP * STEP + STEP / 2 for lead in leads)
    most = max(places.values(), default=1)
    dot = min(DOT, HIGHEST / most)
    height = 2 * BASE + most * dot
    dots = [
        (_x(days), height - BASE - dot * (place + 0.5))
        for days, number in sorted(places.items())
        for place in range(number)
    ]
    months = [(month, _x(month * DAYS / MONTHS)) for month in (0, 3, 6, 9, 12)]
    return LeadStrip(dots, months, _x(middle), height)


def _x(days: float) -> float:
    return WIDTH - PAD - min(days, DAYS) / DAYS * (WIDTH - 2 * PAD)
