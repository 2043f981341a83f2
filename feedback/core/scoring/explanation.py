"""The calculation of a number step by step, so that a reader can redo it on paper."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import fsum, sqrt
from typing import Any

from feedback.core.dimensions import Means, count_rated
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, days_of, loyalty_of, weighted_means
from feedback.core.scoring.reps import EIGHTY_PERCENT, PRIOR_VOICES, Field, Score, Voice, score_of


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """One relationship in the calculation of a rep's score."""

    key: Any  # whatever the caller knows the relationship by
    voice: float  # its vote / g(now), 0..1
    loyalty: float  # 0..100

    @property
    def product(self) -> float:
        """voice * loyalty."""
        return self.voice * self.loyalty


@dataclass(frozen=True, slots=True)
class ScoreExplanation:
    """The calculation of a rep's score: score = (earned + prior * mu) / (voices + prior)."""

    lines: list[VoiceLine]
    field: Field
    score: Score
    prior: float = PRIOR_VOICES  # k
    deviations: float = EIGHTY_PERCENT

    @property
    def voices(self) -> float:
        """The sum of the lines' voices."""
        return fsum(line.voice for line in self.lines)

    @property
    def earned(self) -> float:
        """The sum of the lines' products."""
        return fsum(line.product for line in self.lines)

    @property
    def own_mean(self) -> float | None:
        """The score without shrinking, 0..100; None without answers."""
        return self.earned / self.voices if self.voices else None

    @property
    def reach(self) -> float:
        """Half the width of the 80 % range: 1.2816 * sigma / sqrt(voices + prior)."""
        return self.deviations * self.field.sigma / sqrt(self.voices + self.prior)

    @property
    def own_share(self) -> float:
        """The part of the score that comes from the rep's own clients, in percent; the rest is the
        organisation's mean."""
        return 100 * self.voices / (self.voices + self.prior)


def explain_score(
    relationships: Iterable[tuple[Any, float, float | None]], field: Field, weight_now: float
) -> ScoreExplanation:
    """Explain a rep's score, the largest voice first.

    relationships: (key, vote, loyalty), as in core.scoring.relationships.Numbers; those without an answer are
    left out. weight_now: g(now).
    """
    known = [(key, vote, loyalty) for key, vote, loyalty in relationships if loyalty is not None]
    lines = [VoiceLine(key, vote / weight_now, loyalty) for key, vote, loyalty in known]
    score = score_of([Voice(vote, loyalty) for _, vote, loyalty in known], field, weight_now)
    return ScoreExplanation(sorted(lines, key=lambda line: (-line.voice, -line.loyalty)), field, score)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day with a counted answer in the calculation of a loyalty; the meetings of one day count as one."""

    keys: tuple[Any, ...]  # of the day's answers, the latest first
    held_at: datetime  # the day's latest rated meeting
    weight: float  # relative to the latest day, which weighs 1
    ratings: Means  # per dimension the mean of that day, 1..5; None where nothing was rated
    loyalty: float | None  # of this day alone, 0..100


@dataclass(frozen=True, slots=True)
class RelationshipExplanation:
    """The calculation of a relationship's loyalty."""

    lines: list[DayLine]
    means: Means  # each is sum(weight * rating) / sum(weight) over the days that rated it, 1..5
    loyalty: float | None  # the plain mean of the points of `means`, 0..100

    @property
    def answers(self) -> int:
        """How many answers count."""
        return sum(len(line.keys) for line in self.lines)


def explain_relationship(history: Sequence[tuple[Any, Moment]], scoring: Scoring) -> RelationshipExplanation:
    """Explain a relationship's loyalty, the latest day first. history: (key, moment), in any order."""
    counted = sorted(
        ((key, m) for key, m in history if count_rated(m.client)),
        key=lambda pair: pair[1].held_at,
        reverse=True,
    )
    keys: defaultdict[date, list[Any]] = defaultdict(list)
    for key, m in counted:
        keys[scoring.day(m.held_at)].append(key)
    by_day = days_of((m for _, m in counted), scoring, lambda m: m.client)
    means = weighted_means(by_day.values(), scoring)
    latest = max((scoring.weight(day.held_at) for day in by_day.values()), default=1.0)
    lines = [
        DayLine(
            tuple(keys[date_]),
            day.held_at,
            scoring.weight(day.held_at) / latest,
            day.means,
            loyalty_of(day.means),
        )
        for date_, day in by_day.items()
    ]
    return RelationshipExplanation(lines, means, loyalty_of(means))
