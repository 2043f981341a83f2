"""From relationships to a rep's score, and how sure we can be of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from feedback.core.dimensions import weighted_mean

# k: how many voices' worth of "like everybody else" a score starts from. By the method of moments it is 5.3 on
# 73,421 real answers (the InstEval set; see benchmarks/validity.py).
PRIOR_VOICES = 5.0
NOTHING_KNOWN = 50.0  # mu with no data at all
SIGMA_FLOOR, SIGMA_UNKNOWN, SIGMA_NEEDS = 8.0, 25.0, 30
EIGHTY_PERCENT = 1.2816  # standard deviations either side that hold 80 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Voice:
    """One relationship's say: vote above 0 (see relationships.Numbers), loyalty 0..100."""

    vote: float
    loyalty: float


@dataclass(frozen=True, slots=True)
class Field:
    """What the whole organisation looks like: mu, vote-weighted mean loyalty 0..100, and sigma."""

    mu: float = NOTHING_KNOWN
    sigma: float = SIGMA_UNKNOWN


@dataclass(frozen=True, slots=True)
class Score:
    """A rep's score 0..100, its 80 % range low..high within 0..100, and the voices V behind it."""

    score: float
    low: float
    high: float
    voices: float


def field_of(reps: Mapping[object, Sequence[Voice]]) -> Field:
    """mu and sigma of an organisation, from the voices of each of its reps.

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
    """A rep's score from the voices heard, shrunk towards mu.

    V = sum vote / g(now); S = (sum vote*loyalty / g(now) + k*mu) / (V + k), k = 5;
    range = S ± 1.2816 * sigma / sqrt(V + k), cut to 0..100. weight_now is g(now), above 0.
    """
    heard = fsum(voice.vote for voice in voices) / weight_now
    counted = [(voice.vote / weight_now, voice.loyalty) for voice in voices]
    score = weighted_mean([*counted, (PRIOR_VOICES, field.mu)])
    reach = EIGHTY_PERCENT * field.sigma / sqrt(heard + PRIOR_VOICES)
    return Score(score, max(0.0, score - reach), min(100.0, score + reach), heard)


def vote_weighted(pairs: Iterable[tuple[float, float | None]]) -> float | None:
    """The mean of (vote, value) pairs by vote, over the values that exist; None when none does."""
    present = [(vote, value) for vote, value in pairs if value is not None and vote > 0]
    return weighted_mean(present) if present else None


def _mean_loyalty(voices: Sequence[Voice]) -> float | None:
    return vote_weighted((voice.vote, voice.loyalty) for voice in voices)
