"""What a manager does first: whom to call, what to train, who got better."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from feedback.core.accounts import Risk
from feedback.core.alerts.reasons import Severity
from feedback.core.dimensions import DIMENSIONS, HIGHEST, Means
from feedback.core.evidence.drivers import Drivers, DriverTarget
from feedback.core.scoring.differences import ONE_RATING, apart
from feedback.core.scoring.levels import Level, level
from feedback.core.scoring.ranking import VOICES_TO_RANK
from feedback.core.scoring.reps import rounded
from feedback.core.scoring.sums import SideSums, side_means

# Percent of an account's value, at least, that is at stake while such an alert is open, or while nobody has been there for
# longer than the review interval. Chosen, not measured: they put accounts in an order, and are no probabilities.
AT_STAKE = {Severity.URGENT: 80.0, Severity.WATCH: 40.0}
SILENT = 50.0

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake at an account, and why."""

    percent: float  # 0..100
    because: Severity | Risk  # the reason that weighs most

    def of(self, value: float) -> float:
        """Return the part of a value that is at stake."""
        return value * self.percent / 100


def stake(loyalty: float | None, alert: Severity | None, *, silent: bool) -> Stake | None:
    """Return the largest of: 80 % with an urgent alert, 40 % with one to watch, 50 % where nobody has been there for
    longer than the review interval, and 100 - loyalty below Predisposed. None without any of these reasons.

    loyalty: of the account, 0..100. alert: the highest severity of its open alerts.
    """
    found = []
    if alert:
        found.append(Stake(AT_STAKE[alert], alert))
    if loyalty is not None and level(loyalty) in (Level.ANTAGONISTIC, Level.TRANSACTIONAL):
        found.append(Stake(100 - loyalty, Risk.LOYALTY))
    if silent:
        found.append(Stake(SILENT, Risk.SILENT))
    return max(found, key=lambda each: each.percent, default=None)


class MattersBy(StrEnum):
    """What tells how much a dimension matters."""

    OUTCOME = "outcome"  # it goes with who stays (core.evidence.drivers)
    RECOMMEND = "recommend"  # it goes with who would recommend us
    OVERESTIMATED = "overestimated"  # reps overestimate it


@dataclass(frozen=True, slots=True)
class Matters:
    """How much each dimension matters, from 0."""

    weights: Mapping[str, float]
    by: MattersBy
    clients: int = 0  # whose answers say so, where it is by what goes with them


@dataclass(frozen=True, slots=True)
class Training(Generic[Key]):
    """The dimension to train first, and who could teach it."""

    dimension: str
    said: float  # clients' mean, 1..5
    guessed: float | None  # what reps expect, 1..5; None where nobody guessed
    voices: float  # that rated it
    matters: float  # its weight, see what_matters
    by: MattersBy
    clients: int  # see Matters
    clear: bool  # it is below the other dimensions beyond chance
    teacher: Key | None  # whose clients rate it beyond chance above what the others' do; None without one
    teacher_said: float | None
    teacher_voices: float


def what_matters(client: Means, mirror: Means, drivers: Drivers | None) -> Matters:
    """Return how much each dimension matters: its weight among what goes with clients' staying, or with who would
    recommend us, where one of the six does so beyond chance. Where that is not known, 1 + what reps overestimate it by, for
    what they do not see they do not work on."""
    if drivers and any(each.low > 0 for each in drivers.weights):
        by = MattersBy.OUTCOME if drivers.target is DriverTarget.OUTCOME else MattersBy.RECOMMEND
        weights = {each.dimension: max(0.0, each.weight) for each in drivers.weights}
        return Matters(weights, by, drivers.clients)
    overestimated = {
        name: 1 + max(0.0, guessed - said) if said is not None and guessed is not None else 1.0
        for name, said, guessed in zip(DIMENSIONS, client, mirror, strict=True)
    }
    return Matters(overestimated, MattersBy.OVERESTIMATED)


def training(
    sides: Mapping[Key, SideSums],
    everybody: SideSums,
    matters: Matters,
    guessed: Means,
    sigma: float,
    weight_now: float,
) -> Training[Key] | None:
    """Return the dimension with the largest (5 - mean) * weight, of those that three voices rated; None without one.

    sides: what each rep's clients said; empty where nobody may be named. everybody: of all together. matters: the
    weights. guessed: what the reps expect. sigma, weight_now: as the scores have them.
    """
    means = side_means(everybody)
    voices = [rounded(votes / weight_now) for votes in everybody.votes]
    known = [(d, mean) for d, mean in enumerate(means) if mean is not None and voices[d] >= VOICES_TO_RANK]
    if not known:
        return None
    d, said = max(known, key=lambda pair: (HIGHEST - pair[1]) * matters.weights[DIMENSIONS[pair[0]]])
    others = [mean for e, mean in known if e != d]
    rest = sum(others) / len(others) if others else said
    teacher = _teacher(sides, everybody, d, sigma, weight_now)
    return Training(
        DIMENSIONS[d],
        said,
        guessed[d],
        voices[d],
        matters.weights[DIMENSIONS[d]],
        matters.by,
        matters.clients,
        rest > said
        and apart(said * ONE_RATING, rest * ONE_RATING, voices[d], voices[d], sigma, among=len(DIMENSIONS)),
        *(teacher or (None, None, 0.0)),
    )


def _teacher(
    sides: Mapping[Key, SideSums], everybody: SideSums, d: int, sigma: float, weight_now: float
) -> tuple[Key, float, float] | None:
    """Return the rep with the highest mean in a dimension, the mean and its voices, where it is beyond chance above all
    others' together."""
    known = [
        (side.means[d] / side.votes[d], key, side)
        for key, side in sides.items()
        if rounded(side.votes[d] / weight_now) >= VOICES_TO_RANK
    ]
    if len(known) < 2:
        return None
    said, key, side = max(known, key=lambda each: each[0])
    votes = everybody.votes[d] - side.votes[d]
    if votes <= 0:
        return None
    others = (everybody.means[d] - side.means[d]) / votes
    heard, theirs = rounded(side.votes[d] / weight_now), votes / weight_now
    clear = apart(said * ONE_RATING, others * ONE_RATING, heard, theirs, sigma, among=len(known))
    return (key, said, heard) if clear and said > others else None
