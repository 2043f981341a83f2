"""How a number was worked out, step by step, so that it can be redone on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Any

from feedback.core.alerts import meeting_loyalty
from feedback.core.dimensions import DIMENSIONS, Means, mean, rated
from feedback.core.points import points, weight
from feedback.core.relationships import Moment, relate
from feedback.core.reps import EIGHTY_PERCENT, PRIOR_VOICES, Field, Score, Voice, score_of


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
class ScoreWorking:
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


def work_out_score(
    relationships: Iterable[tuple[Any, float, float | None]], field: Field, weight_now: float
) -> ScoreWorking:
    """The working of a rep's score. relationships: (key, vote, loyalty), as in core.relationships.Numbers;
    those without an answer are left out. The loudest voice comes first."""
    known = [(key, vote, loyalty) for key, vote, loyalty in relationships if loyalty is not None]
    lines = [VoiceLine(key, vote / weight_now, loyalty) for key, vote, loyalty in known]
    score = score_of([Voice(vote, loyalty) for _, vote, loyalty in known], field, weight_now)
    return ScoreWorking(sorted(lines, key=lambda line: (-line.voice, -line.loyalty)), field, score)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One counted answer in a relationship. weight: against the latest answer, which weighs 1. points: by
    dimension, None where nothing was tapped. loyalty: of this meeting alone."""

    key: Any
    moment: Moment
    weight: float
    points: Means
    loyalty: float | None


@dataclass(frozen=True, slots=True)
class RelationshipWorking:
    """Each of means is sum(weight * points) / sum(weight) over the answers that rated it; loyalty is the
    plain mean of those that exist."""

    lines: list[AnswerLine]
    means: Means
    loyalty: float | None


def work_out_relationship(history: Sequence[tuple[Any, Moment]], half_life: float) -> RelationshipWorking:
    """The working of a relationship's loyalty, the latest answer first. history: (key, moment)."""
    counted = sorted(
        ((key, m) for key, m in history if rated(m.client)), key=lambda pair: pair[1].held_at, reverse=True
    )
    numbers = relate((m for _, m in counted), half_life)
    lines = [
        AnswerLine(
            key,
            m,
            weight(m.held_at, half_life) / numbers.vote,
            tuple(None if r is None else points(r) for r in m.client),
            meeting_loyalty(m.client),
        )
        for key, m in counted
    ]
    return RelationshipWorking(lines, numbers.points, mean(numbers.points[d] for d in range(len(DIMENSIONS))))
