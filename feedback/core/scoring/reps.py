"""A rep's score from the sums over the rep's relationships, and its range of uncertainty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Any

from feedback.core.dimensions import weighted_mean
from feedback.core.records import record

# k: how many voices of mean mu every score starts with (shrinkage). By the method of moments it is 5.3 on
# 73,421 real answers (the InstEval set; see benchmarks/validity.py).
PRIOR_VOICES = 5.0
MU_WITHOUT_DATA = 50.0  # mu with no data at all
# Of sigma: its least value in points, its value with too few relationships, and how many it takes.
SIGMA_FLOOR, SIGMA_UNKNOWN, SIGMA_NEEDS = 8.0, 25.0, 30
EIGHTY_PERCENT = 1.2816  # standard deviations to either side that contain 80 % of a normal distribution
# The last digits of a sum depend on the order in which a database adds. Whatever is worked out of sums is rounded to
# so many decimals, lest they decide who stands first of two who are alike, or who has three voices.
DECIMALS = 9
_SCALE = 10.0**DECIMALS
LEAST_LEFT = 1e-3  # of a rep's votes, so that what is left of 16 digits is exact to DECIMALS


@record
class Voice:
    """The contribution of one relationship to a rep's score."""

    vote: float  # above 0; see relationships.Numbers
    loyalty: float  # 0..100


@record
class VoiceSums:
    """The voices of a rep, added up: all that the score and the organisation's mu and sigma need of them."""

    heard: int = 0  # how many voices
    vote: float = 0.0  # sum vote
    loyalty: float = 0.0  # sum vote * loyalty
    squares: float = 0.0  # sum vote * loyalty^2

    @property
    def mean(self) -> float | None:
        """The vote-weighted mean loyalty, 0..100; None without a voice."""
        return mean_of_sums(self.loyalty, self.vote, 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class Field:
    """The distribution of loyalty in the whole organisation."""

    mu: float = MU_WITHOUT_DATA  # vote-weighted mean loyalty, 0..100
    sigma: float = SIGMA_UNKNOWN  # standard deviation of loyalty around its rep's mean, in points


@record
class Score:
    """A rep's score and its 80 % range."""

    score: float  # 0..100
    low: float  # of the 80 % range, within 0..100
    high: float
    voices: float  # V, the voices behind the score


def sum_voices(voices: Iterable[Voice]) -> VoiceSums:
    """Add voices up, exactly, in whatever order."""
    every = list(voices)
    return VoiceSums(
        len(every),
        fsum(v.vote for v in every),
        fsum(v.vote * v.loyalty for v in every),
        fsum(v.vote * v.loyalty * v.loyalty for v in every),
    )


def add_voices(one: VoiceSums, other: VoiceSums) -> VoiceSums:
    """Add the sums over different voices."""
    return VoiceSums(
        one.heard + other.heard,
        one.vote + other.vote,
        one.loyalty + other.loyalty,
        one.squares + other.squares,
    )


def voices_left(whole: VoiceSums, part: VoiceSums) -> VoiceSums | None:
    """Return the sums of a rep's voices without some of them; None where what is left is so little of the whole that
    its digits would be those that adding has lost."""
    if whole.heard <= part.heard:
        return VoiceSums()
    vote = whole.vote - part.vote
    if vote < LEAST_LEFT * whole.vote:
        return None
    return VoiceSums(
        whole.heard - part.heard, vote, whole.loyalty - part.loyalty, whole.squares - part.squares
    )


def field_of_sums(reps: Iterable[VoiceSums]) -> Field:
    """Return mu and sigma of an organisation, from the sums of each of its reps.

    mu = sum vote*loyalty / sum vote. sigma = sqrt(sum vote*(loyalty - its rep's vote-weighted mean)^2 /
    sum vote), at least 8; 25 while there are fewer than 30 relationships. No data: mu 50. Around a rep's mean,
    sum vote*(loyalty - mean)^2 = sum vote*loyalty^2 - (sum vote*loyalty)^2 / sum vote.
    """
    known = [each for each in reps if each.vote > 0]
    votes = fsum(each.vote for each in known)
    mu = mean_of_sums(fsum(each.loyalty for each in known), votes, 0.0, 100.0)
    if mu is None:
        return Field()
    if sum(each.heard for each in known) < SIGMA_NEEDS:
        return Field(mu, SIGMA_UNKNOWN)
    squares = fsum(max(0.0, each.squares - each.loyalty * each.loyalty / each.vote) for each in known)
    return Field(mu, max(SIGMA_FLOOR, rounded(sqrt(squares / votes))))


def field_of(reps: Mapping[Any, Iterable[Voice]]) -> Field:
    """Return what field_of_sums does, from the single voices of each rep."""
    return field_of_sums(sum_voices(voices) for voices in reps.values())


def score_of_sums(sums: VoiceSums, field: Field, weight_now: float) -> Score:
    """Compute a rep's score from the sums of the rep's voices, shrunk towards mu.

    V = sum vote / g(now); S = (sum vote*loyalty / g(now) + k*mu) / (V + k), k = 5;
    range = S ± 1.2816 * sigma / sqrt(V + k), cut to 0..100. weight_now is g(now), above 0.
    """
    voices = sums.vote / weight_now
    exact = (sums.loyalty / weight_now + PRIOR_VOICES * field.mu) / (voices + PRIOR_VOICES)
    score = min(max(rounded(exact), 0.0), 100.0)
    reach = rounded(EIGHTY_PERCENT * field.sigma / sqrt(voices + PRIOR_VOICES))
    return Score(score, max(0.0, score - reach), min(100.0, score + reach), rounded(voices))


def score_of(voices: Sequence[Voice], field: Field, weight_now: float) -> Score:
    """Compute what score_of_sums does, from single voices."""
    return score_of_sums(sum_voices(voices), field, weight_now)


def mean_of_sums(total: float, votes: float, least: float, most: float) -> float | None:
    """Return total / votes, rounded to DECIMALS and kept within least..most, the range of what was added; None
    without a vote."""
    if votes <= 0:
        return None
    found = rounded(total / votes)
    return least if found < least else most if found > most else found  # ten times for each row of a board


def rounded(value: float) -> float:
    """Round to DECIMALS. round(value, DECIMALS) writes the number down and reads it again, which takes five times as
    long, four times for each row of a board."""
    return round(value * _SCALE) / _SCALE


def vote_weighted(pairs: Iterable[tuple[float, float | None]]) -> float | None:
    """Return the mean of (vote, value) pairs weighted by vote, over the values that exist; None when none
    does."""
    present = [(vote, value) for vote, value in pairs if value is not None and vote > 0]
    return weighted_mean(present) if present else None
