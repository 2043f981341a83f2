"""A relationship as one point on the map of the four fields."""

from dataclasses import dataclass

from feedback.core.dimensions import GOOD, HIGHEST, LOWEST, Means
from feedback.core.gaps.analysis import DISAGREE_ACROSS_GOOD, DISAGREE_ANYWHERE, GapClass, classify

Corner = tuple[float, float]  # (guessed, said), each 1..5


@dataclass(frozen=True, slots=True)
class QuadrantPoint:
    """guessed: what the rep expects, said: what the client says; both 1..5."""

    guessed: float
    said: float
    field: GapClass

    @property
    def size(self) -> float:
        """said - guessed, -4..4."""
        return self.said - self.guessed


def quadrant_point(client: Means, mirror: Means) -> QuadrantPoint | None:
    """Where a relationship stands: the plain means of client and mirror over the dimensions that both
    rated, and the field that core.gaps.classify gives those two means. None when no dimension was rated by
    both.

    A mean hides: a relationship may stand in agreed strengths with a blind spot in one dimension. That is
    why the table beside the map names the worst dimension.
    """
    both = [(c, m) for c, m in zip(client, mirror, strict=True) if c is not None and m is not None]
    if not both:
        return None
    said = sum(c for c, _ in both) / len(both)
    guessed = sum(m for _, m in both) / len(both)
    return QuadrantPoint(guessed, said, classify(said, guessed))


def urgency(where: QuadrantPoint) -> tuple[int, float]:
    """A sort key, what matters most first: blind spots (the widest first), agreed weaknesses (the lowest
    first), advantages (the widest first), agreed strengths (the lowest first)."""
    order = (GapClass.BLIND_SPOT, GapClass.WEAKNESS, GapClass.ADVANTAGE, GapClass.STRENGTH)
    within = {GapClass.BLIND_SPOT: where.size, GapClass.ADVANTAGE: -where.size}
    return order.index(where.field), within.get(where.field, where.said)


def _areas() -> dict[GapClass, tuple[Corner, ...]]:
    """The corners of each field on the square 1..5 by 1..5: exactly where `classify` puts a point, but for
    the lines between two fields."""
    low, high, good = float(LOWEST), float(HIGHEST), float(GOOD)
    across, anywhere = DISAGREE_ACROSS_GOOD, DISAGREE_ANYWHERE
    blind = ((low + anywhere, low), (good, good - anywhere), (good, good - across), (good + across, good))
    ahead = tuple((said, guessed) for guessed, said in blind)
    return {
        GapClass.BLIND_SPOT: (*blind, (high, good), (high, low)),
        GapClass.ADVANTAGE: (*ahead, (good, high), (low, high)),
        GapClass.WEAKNESS: ((low, low), *blind, *reversed(ahead[:3])),
        GapClass.STRENGTH: (ahead[2], blind[3], (high, good), (high, high), (good, high), ahead[3]),
    }


AREAS = _areas()
