"""Which differences are told: those that chance does not explain. Chance is 80 %, as in a score's range and in too
close to call; where the largest of several is picked, it has to be beyond what the largest of so many is by chance."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import Generic, TypeVar

from feedback.core.dimensions import DIMENSIONS, mean
from feedback.core.scoring.points import points
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.core.scoring.reps import PRIOR_VOICES
from feedback.core.scoring.sums import SideSums, side_means

ONE_RATING = points(2) - points(1)  # points between two neighbouring ratings
ONE_SIDE = 0.1  # of chance beyond either end of an 80 % range

Key = TypeVar("Key", bound=Hashable)


@cache
def deviations(among: int) -> float:
    """Return how many standard deviations the largest of `among` differences exceeds, to one side, in one of ten cases
    at most (Bonferroni): 1.2816 for a single one."""
    return NormalDist().inv_cdf(1 - ONE_SIDE / max(among, 1))


def moved(
    change: float, answers: int, voices: float, sigma: float, *, among: int = 1, prior: float = PRIOR_VOICES
) -> bool:
    """Tell whether a week moved a score, or a loyalty (prior=0), beyond chance: |change| > z * sigma * sqrt(answers) /
    (voices + prior).

    Each answer counts as one voice that lies anywhere around the mean. A week without answers moves nothing: older
    ones fade. change: points. answers: of that week. voices: at its end. among: out of how many it was picked.
    """
    if answers <= 0 or voices + prior <= 0:
        return False
    return abs(change) > deviations(among) * sigma * sqrt(answers) / (voices + prior)


def apart(
    one: float, other: float, voices: float, other_voices: float, sigma: float, *, among: int = 1
) -> bool:
    """Tell whether two means of 0..100 differ beyond chance: |one - other| > z * sigma * sqrt(1/V + 1/V'). Never with
    fewer than three voices on either side."""
    if min(voices, other_voices) < VOICES_TO_RANK:
        return False
    return abs(one - other) > deviations(among) * sigma * sqrt(1 / voices + 1 / other_voices)


def ratings_apart(one: float, other: float, voices: float, other_voices: float, sigma: float) -> bool:
    """Tell what `apart` does of two mean ratings, 1..5. sigma: in points, of loyalty."""
    return apart(one * ONE_RATING, other * ONE_RATING, voices, other_voices, sigma)


@dataclass(frozen=True, slots=True)
class WeakDimension(Generic[Key]):
    """A dimension that a team's clients rate lower than the others."""

    team: Key
    dimension: str
    mean: float  # 1..5
    voices: float  # that rated it


def weakest_dimension(
    teams: Mapping[Key, SideSums], sigma: float, weight_now: float
) -> WeakDimension[Key] | None:
    """Return what to train first: of the dimensions that lie below their team's five others beyond chance, the lowest;
    None without one. teams: what clients said. weight_now: g(now).

    Simulated with six dimensions that are equally good, from 5 to 60 clients, one team or four: it names one in at most
    2 of 10 worlds where a client's ratings correlate by 0.35 or more, in 4 of 10 where by 0.2.
    """
    found = [
        (mean_, WeakDimension(team, name, mean_, voices))
        for team, name, mean_, others, voices in _against_others(teams, weight_now)
        if mean_ < others
        and apart(
            mean_ * ONE_RATING,
            others * ONE_RATING,
            voices,
            voices,
            sigma,
            among=len(teams) * len(DIMENSIONS),
        )
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _against_others(
    teams: Mapping[Key, SideSums], weight_now: float
) -> Iterable[tuple[Key, str, float, float, float]]:
    """Return of each team and dimension (team, dimension, mean, plain mean of the others, voices)."""
    for team, side in teams.items():
        means = side_means(side)
        for d, name in enumerate(DIMENSIONS):
            own, others = means[d], mean(value for e, value in enumerate(means) if e != d)
            if own is not None and others is not None:
                yield team, name, own, others, side.votes[d] / weight_now
