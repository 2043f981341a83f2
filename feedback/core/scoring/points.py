"""From a rating to points, and how much an answer weighs."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
HALF_LIFE_DAYS = 90
IN_UTC = ZoneInfo("UTC")
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE = 30, 730  # days; below 30 the weights would overflow within a lifetime


@dataclass(frozen=True, slots=True)
class Scoring:
    """What an organisation's scores are worked out by. half_life: in days. zone: whose days count as days."""

    half_life: float
    zone: ZoneInfo = IN_UTC

    def weight(self, moment: datetime) -> float:
        return weight(moment, self.half_life)

    def day(self, moment: datetime) -> date:
        """The organisation's date at that moment."""
        return moment.astimezone(self.zone).date()


def points(rating: float) -> float:
    """25 * (rating - 1), for a rating of 1..5: 0, 25, 50, 75, 100 points.

    A straight line: held against what people then did it predicts clearly better than counting 5s, and about as
    well as squared points or an NPS-style difference (benchmarks/outcomes.py); and it can be redone in one's head.
    """
    return 25 * (rating - 1)


def weight(moment: datetime, half_life: float) -> float:
    """g(t) = 2 ** ((t - T) / h), with T = 2020-01-01T00:00Z and h in days. Above 0, doubles every h.

    Only ratios of weights matter, so nothing needs recomputing as time passes.
    """
    return float(2 ** ((moment - EPOCH).total_seconds() / 86400 / half_life))
