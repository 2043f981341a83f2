"""How a number was worked out, step by step, so that it can be redone on paper."""

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
    """One relationship in a rep's score. voice: its vote / g(now), from 0 to 1. product: voice * loyalty."""

    key: Any
    voice: float
    loyalty: float

    @property
    def product(self) -> float:
        return self.voice * self.loyalty


@dataclass(frozen=True, slots=True)
class ScoreExplanation:
    """score = (earned + prior * mu) / (voices + prior); reach = 1.2816 * sigma / sqrt(voices + prior)."""

    lines: list[VoiceLine]
    field: Field
    score: Score
    prior: float = PRIOR_VOICES
    deviations: float = EIGHTY_PERCENT

    @property
    def voices(self) -> float:
        return fsum(line.voice for line in self.lines)

    @property
    def earned(self) -> float:
        return fsum(line.product for line in self.lines)

    @property
    def own_mean(self) -> float | None:
        """What the score would be without shrinking, 0..100."""
        return self.earned / self.voices if self.voices else None

    @property
    def reach(self) -> float:
        return self.deviations * self.field.sigma / sqrt(self.voices + self.prior)

    @property
    def own_share(self) -> float:
        """How much of the score is the rep's own clients, in percent; the rest is the organisation's mean."""
        return 100 * self.voices / (self.voices + self.prior)


def explain_score(
    relationships: Iterable[tuple[Any, float, float | None]], field: Field, weight_now: float
) -> ScoreExplanation:
    """The working of a rep's score. relationships: (key, vote, loyalty), as in core.relationships.Numbers;
    those without an answer are left out. The loudest voice comes first."""
    known = [(key, vote, loyalty) for key, vote, loyalty in relationships if loyalty is not None]
    lines = [VoiceLine(key, vote / weight_now, loyalty) for key, vote, loyalty in known]
    score = score_of([Voice(vote, loyalty) for _, vote, loyalty in known], field, weight_now)
    return ScoreExplanation(sorted(lines, key=lambda line: (-line.voice, -line.loyalty)), field, score)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a relationship with a counted answer. keys: of its answers, the latest first; the meetings of
    one day count as one. ratings: by dimension the mean of that day, 1..5, None where nothing was tapped.
    weight: against the latest day, which weighs 1. loyalty: of this day alone, 0..100."""

    keys: tuple[Any, ...]
    held_at: datetime
    weight: float
    ratings: Means
    loyalty: float | None


@dataclass(frozen=True, slots=True)
class RelationshipExplanation:
    """Each of means is sum(weight * rating) / sum(weight) over the days that rated it, 1..5; loyalty is the
    plain mean of their points."""

    lines: list[DayLine]
    means: Means
    loyalty: float | None

    @property
    def answers(self) -> int:
        return sum(len(line.keys) for line in self.lines)


def explain_relationship(history: Sequence[tuple[Any, Moment]], scoring: Scoring) -> RelationshipExplanation:
    """The working of a relationship's loyalty, the latest day first. history: (key, moment)."""
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
