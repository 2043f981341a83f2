"""The point of a relationship on the map of the four fields, and the areas of the fields."""

from dataclasses import dataclass
from enum import StrEnum

from feedback.core.dimensions import GOOD, HIGHEST, LOWEST, Means
from feedback.core.gaps.analysis import DISAGREE_ACROSS_GOOD, DISAGREE_ANYWHERE, GapClass, classify

Corner = tuple[float, float]  # (guessed, said), each 1..5


class MapPlace(StrEnum):
    """The field of a relationship on the map, or why it is in none; the most urgent field first."""

    BLIND_SPOT = "blind_spot"
    WEAKNESS = "weakness"
    ADVANTAGE = "advantage"
    STRENGTH = "strength"
    NOT_GUESSED = "not_guessed"  # the client answered, the rep guessed nothing
    NOT_HEARD = "not_heard"  # the rep guessed, the client answered nothing
    UNTOUCHED = "untouched"  # they met, and neither rated anything that counts


@dataclass(frozen=True, slots=True)
class QuadrantPoint:
    """The position of a relationship on the map."""

    guessed: float  # mean of what the rep expects, 1..5
    said: float  # mean of what the client says, 1..5
    field: GapClass

    @property
    def size(self) -> float:
        """said - guessed, -4..4."""
        return self.said - self.guessed


def quadrant_point(client: Means, mirror: Means) -> QuadrantPoint | None:
    """Return the point of a relationship: the plain means of client and mirror over the dimensions that both
    rated, and the field that core.gaps.analysis.classify gives those two means. None when no dimension was
    rated by both.

    A mean hides detail: a relationship may lie in agreed strengths and have a blind spot in one dimension.
    For this reason the table beside the map names the worst dimension.
    """
    both = [(c, m) for c, m in zip(client, mirror, strict=True) if c is not None and m is not None]
    if not both:
        return None
    said = sum(c for c, _ in both) / len(both)
    guessed = sum(m for _, m in both) / len(both)
    return QuadrantPoint(guessed, said, classify(said, guessed))


def map_place(client: Means, mirror: Means) -> MapPlace:
    """Return where a relationship stands on the map."""
    point = quadrant_point(client, mirror)
    if point:
        return MapPlace(point.field)
    if any(value is not None for value in client):
        return MapPlace.NOT_GUESSED
    return MapPlace.NOT_HEARD if any(value is not None for value in mirror) else MapPlace.UNTOUCHED


def urgency(point: QuadrantPoint) -> float:
    """Return a sort key, 0..40, the most urgent first: blind spots (the widest first) from 0, agreed weaknesses
    (the lowest first) from 10, advantages (the widest first) from 20, agreed strengths (the lowest first) from
    30."""
    within = {GapClass.BLIND_SPOT: point.size, GapClass.ADVANTAGE: -point.size}
    return 10 * list(MapPlace).index(MapPlace(point.field)) + 4 + within.get(point.field, point.said)


def _areas() -> dict[GapClass, tuple[Corner, ...]]:
    """Return the corners of each field on the square 1..5 by 1..5. A field covers exactly the points that
    `classify` gives it, except for the lines between two fields."""
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
