"""A rep's score from the rep's relationships, and its range of uncertainty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from uuid import UUID

from feedback.core.dimensions import weighted_mean

# k: how many voices of mean mu every score starts with (shrinkage). By the method of moments it is 5.3 on
# 73,421 real answers (the InstEval set; see benchmarks/validity.py).
PRIOR_VOICES = 5.0
MU_WITHOUT_DATA = 50.0  # mu with no data at all
# Of sigma: its least value in points, its value with too few relationships, and how many it takes.
SIGMA_FLOOR, SIGMA_UNKNOWN, SIGMA_NEEDS = 8.0, 25.0, 30
EIGHTY_PERCENT = 1.2816  # standard deviations to either side that contain 80 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Voice:
    """The contribution of one relationship to a rep's score."""

    vote: float  # above 0; see relationships.Numbers
    loyalty: float  # 0..100


@dataclass(frozen=True, slots=True)
class Field:
    """The distribution of loyalty in the whole organisation."""

    mu: float = MU_WITHOUT_DATA  # vote-weighted mean loyalty, 0..100
    sigma: float = SIGMA_UNKNOWN  # standard deviation of loyalty around its rep's mean, in points


@dataclass(frozen=True, slots=True)
class Score:
    """A rep's score and its 80 % range."""

    score: float  # 0..100
    low: float  # of the 80 % range, within 0..100
    high: float
    voices: float  # V, the voices behind the score


def field_of(reps: Mapping[UUID, Sequence[Voice]]) -> Field:
    """Return mu and sigma of an organisation, from the voices of each of its reps.

    mu = sum vote*loyalty / sum vote. sigma = sqrt(sum vote*(loyalty - its rep's vote-weighted mean)^2 /
    sum vote), at least 8; 25 while there are fewer than 30 relationships. No data: mu 50.
    """
    everyone = [voice for voices in reps.values() for voice in voices]
    mu = _mean_loyalty(everyone)
    if mu is None:
        return Field()
    if len(everyone) < SIGMA_NEEDS:
        return Field(mu, SIGMA_UNKNOWN)
    squares: list[float] = []
    for voices in reps.values():
        centre = _mean_loyalty(voices)
        if centre is not None:
            squares.extend(voice.vote * (voice.loyalty - centre) ** 2 for voice in voices)
    sigma = sqrt(fsum(squares) / fsum(voice.vote for voice in everyone))
    return Field(mu, max(SIGMA_FLOOR, sigma))


def score_of(voices: Sequence[Voice], field: Field, weight_now: float) -> Score:
    """Compute a rep's score from the rep's voices, shrunk towards mu.

    V = sum vote / g(now); S = (sum vote*loyalty / g(now) + k*mu) / (V + k), k = 5;
    range = S ± 1.2816 * sigma / sqrt(V + k), cut to 0..100. weight_now is g(now), above 0.
    """
    heard = fsum(voice.vote for voice in voices) / weight_now
    counted = [(voice.vote / weight_now, voice.loyalty) for voice in voices]
    score = weighted_mean([*counted, (PRIOR_VOICES, field.mu)])
    reach = EIGHTY_PERCENT * field.sigma / sqrt(heard + PRIOR_VOICES)
    return Score(score, max(0.0, score - reach), min(100.0, score + reach), heard)


def vote_weighted(pairs: Iterable[tuple[float, float | None]]) -> float | None:
    """Return the mean of (vote, value) pairs weighted by vote, over the values that exist; None when none
    does."""
    present = [(vote, value) for vote, value in pairs if value is not None and vote > 0]
    return weighted_mean(present) if present else None


def _mean_loyalty(voices: Sequence[Voice]) -> float | None:
    return vote_weighted((voice.vote, voice.loyalty) for voice in voices)
