"""The points of a rating, and the weight of an answer by its age."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
HALF_LIFE_DAYS = 90
IN_UTC = ZoneInfo("UTC")
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE = 30, 730  # days; below 30 the weights would overflow within decades


@dataclass(frozen=True, slots=True)
class Scoring:
    """The settings of an organisation that its scores depend on."""

    half_life: float  # days
    zone: ZoneInfo = IN_UTC  # decides which meetings were held on the same day

    def weight(self, moment: datetime) -> float:
        """Return g(moment) with this half-life; see weight below."""
        return weight(moment, self.half_life)

    def day(self, moment: datetime) -> date:
        """Return the organisation's date at that moment."""
        return moment.astimezone(self.zone).date()


def points(rating: float) -> float:
    """Return 25 * (rating - 1), for a rating of 1..5: 0, 25, 50, 75, 100 points.

    The function is linear: compared with what people did afterwards it predicts clearly better than counting
    5s, and about as well as squared points or an NPS-style difference (benchmarks/outcomes.py); and anybody
    can calculate it mentally.
    """
    return 25 * (rating - 1)


def weight(moment: datetime, half_life: float) -> float:
    """Return g(t) = 2 ** ((t - T) / h), with T = 2020-01-01T00:00Z and h in days. Above 0; doubles every h.

    Only ratios of weights matter, so nothing has to be recomputed as time passes.
    """
    return float(2 ** ((moment - EPOCH).total_seconds() / 86400 / half_life))
