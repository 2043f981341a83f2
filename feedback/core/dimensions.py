"""The six dimensions a client rates, and the values of a rating. The set is fixed; its wording is not."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import fsum

DIMENSIONS = ("integrity", "competency", "recognition", "proactivity", "savvy", "chemistry")
VALUE = ("competency", "proactivity", "savvy")
TRUST = ("integrity", "recognition")
LIKING = ("chemistry",)  # the doughnuts

LOWEST, HIGHEST, GOOD, FINE, LOW = 1, 5, 4, 3, 2

# Six ratings in the order of DIMENSIONS, each 1..5, None where nothing was tapped.
Ratings = tuple[int | None, ...]
# Six weighted means in the same order, each 1.0..5.0, None where nothing was rated.
Means = tuple[float | None, ...]

NO_RATINGS: Ratings = (None,) * len(DIMENSIONS)
NO_MEANS: Means = (None,) * len(DIMENSIONS)


def as_ratings(values: Mapping[str, int | None]) -> Ratings:
    """Return the ratings of `values` (by dimension name, others ignored) in the order of DIMENSIONS.

    Raises ValueError for a rating outside 1..5.
    """
    ratings = tuple(values.get(name) for name in DIMENSIONS)
    for name, rating in zip(DIMENSIONS, ratings, strict=True):
        if rating is not None and not LOWEST <= rating <= HIGHEST:
            raise ValueError(f"{name}: a rating is {LOWEST} to {HIGHEST}, not {rating}")
    return ratings


def count_rated(ratings: Ratings) -> int:
    """Return how many of the six dimensions were rated, 0..6."""
    return len(ratings) - ratings.count(None)


def mean(values: Iterable[float | None]) -> float | None:
    """Return the plain mean of the values that are not None; None when all are."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def weighted_mean(pairs: Sequence[tuple[float, float]]) -> float:
    """Return sum weight*value / sum weight of at least one (weight, value) pair, each weight above 0.

    math.fsum rounds once, at the end, so the result does not depend on the order of the pairs. The result is
    kept within the range of the values: two ratings of 5 have the mean 5, not 5.000000000000001.
    """
    exact = fsum(weight * value for weight, value in pairs) / fsum(weight for weight, _ in pairs)
    return min(max(exact, min(value for _, value in pairs)), max(value for _, value in pairs))


def mean_of(means: Means, names: tuple[str, ...]) -> float | None:
    """Return the plain mean over the named dimensions that have a value, on the scale of `means`; None when
    none has."""
    return mean([means[position] for position in _positions(names)])


@cache
def _positions(names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(DIMENSIONS.index(name) for name in names)
