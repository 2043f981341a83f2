"""The client's ratings compared with the rep's guesses, dimension by dimension."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from feedback.core.dimensions import DIMENSIONS, GOOD, Means, mean

DISAGREE_ACROSS_GOOD = 0.75  # on different sides of Good
DISAGREE_ANYWHERE = 1.5
MEETINGS_FOR_A_REAL_GAP = 2


class GapClass(StrEnum):
    """The four fields of the gap analysis."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"
    ADVANTAGE = "advantage"
    BLIND_SPOT = "blind_spot"


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap in one dimension that both sides rated."""

    dimension: str  # one of DIMENSIONS
    client: float  # 1..5
    rep: float  # 1..5
    kind: GapClass

    @property
    def size(self) -> float:
        """client - rep, -4..4."""
        return self.client - self.rep


def sides_disagree(client: float, rep: float) -> bool:
    """Tell whether client and rep disagree: on different sides of 4 (Good) with |gap| >= 0.75, or |gap| >=
    1.5 wherever they are."""
    size = abs(client - rep)
    across = (client >= GOOD) != (rep >= GOOD)
    return (across and size >= DISAGREE_ACROSS_GOOD) or size >= DISAGREE_ANYWHERE


def classify(client: float, rep: float) -> GapClass:
    """Return the field of a pair of ratings or means, 1..5 each.

    Agreed: a strength when the client's is at least 4, else a weakness (3 is "fine", and fine is a weakness).
    Disagreed: an advantage when the client's is higher than the rep's, a blind spot when it is lower.
    """
    if not sides_disagree(client, rep):
        return GapClass.STRENGTH if client >= GOOD else GapClass.WEAKNESS
    return GapClass.ADVANTAGE if client > rep else GapClass.BLIND_SPOT


def gaps(client: Means, mirror: Means) -> list[Gap]:
    """Return the gaps of the dimensions that both rated (ratings or means, 1..5): blind spots first, the
    worst first, then the other dimensions in the order of DIMENSIONS."""
    both = [
        Gap(name, c, m, classify(c, m))
        for name, c, m in zip(DIMENSIONS, client, mirror, strict=True)
        if c is not None and m is not None
    ]
    return sorted(both, key=lambda gap: gap.size if gap.kind is GapClass.BLIND_SPOT else 1)


def headline(found: Sequence[Gap]) -> Gap | None:
    """Return the one gap to talk about: the worst blind spot, else the lowest weakness, else the widest
    advantage, else the best agreed strength; None when nothing was rated by both."""
    order = (GapClass.BLIND_SPOT, GapClass.WEAKNESS, GapClass.ADVANTAGE, GapClass.STRENGTH)
    keys = {
        GapClass.BLIND_SPOT: lambda g: g.size,
        GapClass.WEAKNESS: lambda g: g.client,
        GapClass.ADVANTAGE: lambda g: -g.size,
        GapClass.STRENGTH: lambda g: -g.client,
    }
    for kind in order:
        of_kind = [gap for gap in found if gap.kind is kind]
        if of_kind:
            return min(of_kind, key=keys[kind])
    return None


def weakest(found: Sequence[Gap]) -> Gap | None:
    """Return the gap to practise: the worst blind spot, else the one the client rated lowest; None without
    gaps."""
    spots = [gap for gap in found if gap.kind is GapClass.BLIND_SPOT]
    if spots:
        return min(spots, key=lambda g: g.size)
    return min(found, key=lambda g: g.client, default=None)


def to_practise(client: Means, mirror: Means) -> str:
    """Return the dimension to practise: the weakest of those both rated, else the one the client rated
    lowest, else the first."""
    lowest = weakest(gaps(client, mirror))
    if lowest:
        return lowest.dimension
    rated = [(value, name) for name, value in zip(DIMENSIONS, client, strict=True) if value is not None]
    return min(rated, key=lambda pair: pair[0])[1] if rated else DIMENSIONS[0]


def has_real_gap(client: Means, mirror: Means, meetings_rated_by_both: int) -> bool:
    """Tell whether a relationship has a real gap: the two sides disagree in any dimension, and at least two
    meetings were rated by both."""
    if meetings_rated_by_both < MEETINGS_FOR_A_REAL_GAP:
        return False
    return any(
        sides_disagree(c, m) for c, m in zip(client, mirror, strict=True) if c is not None and m is not None
    )


def distance(client: Means, mirror: Means) -> float | None:
    """Return the mean |client - rep| over the dimensions rated by both, 0..4; None when there is none."""
    return mean(abs(c - m) for c, m in zip(client, mirror, strict=True) if c is not None and m is not None)


def bias(client: Means, mirror: Means) -> float | None:
    """Return the mean rep - client over the dimensions rated by both, -4..4 (calibration); None when there is
    none. Above 0 the rep overestimates."""
    return mean(m - c for c, m in zip(client, mirror, strict=True) if c is not None and m is not None)


def reads_the_room(mean_distance: float) -> float:
    """Return 100 * (1 - mean |client - rep| / 4): 100 when every guess was right, 0 when every guess was 4
    off."""
    return 100 * (1 - mean_distance / 4)
