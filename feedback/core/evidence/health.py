"""Is the instrument sound: whether the six questions measure one thing, and whether clients still look at them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, fsum, inf, log, sqrt

from feedback.core.dimensions import DIMENSIONS
from feedback.core.evidence.claims_ranges import Bounds, share_range, student
from feedback.core.scoring.differences import deviations
from feedback.core.scoring.reps import EIGHTY_PERCENT

LEAST_ANSWERS = 60  # complete ones, before anything is said of a group
LEAST_PER_WAY = 10  # of a rep, in the room and from afar, before the two are compared
LOOSE, TIGHT = 0.7, 0.95  # of alpha
MANY_STRAIGHT, MANY_FIVES = 0.5, 0.4  # shares
BIG = 0.5  # of a rating, between room and mail


class HealthAdvice(StrEnum):
    """What to do about a figure: one sentence for each."""

    FEW = "few"
    SOUND = "sound"
    LOOSE = "loose"  # the six do not go together
    TIGHT = "tight"  # they tell hardly more than one
    STRAIGHT = "straight"
    CEILING = "ceiling"
    ROOM = "room"  # much higher in the room than from afar


@dataclass(frozen=True, slots=True)
class AnswerSums:
    """Sums over complete answers, ratings as they are."""

    count: int = 0
    items: tuple[float, ...] = (0.0,) * len(DIMENSIONS)
    item_squares: tuple[float, ...] = (0.0,) * len(DIMENSIONS)
    total: float = 0.0  # of the sum of the six
    total_squares: float = 0.0
    straight: int = 0  # answers with six equal ratings
    fives: int = 0  # answers with six fives

    def __add__(self, other: "AnswerSums") -> "AnswerSums":
        return AnswerSums(
            self.count + other.count,
            tuple(a + b for a, b in zip(self.items, other.items, strict=True)),
            tuple(a + b for a, b in zip(self.item_squares, other.item_squares, strict=True)),
            self.total + other.total,
            self.total_squares + other.total_squares,
            self.straight + other.straight,
            self.fives + other.fives,
        )

    @property
    def mean(self) -> float:
        """Return the mean rating, 1..5; count is above 0."""
        return self.total / self.count / len(DIMENSIONS)

    @property
    def spread_of_mean(self) -> float:
        """Return the variance of an answer's mean rating around this one; count is above 1."""
        return _variance(self.total, self.total_squares, self.count) / len(DIMENSIONS) ** 2


def alpha(sums: AnswerSums) -> float | None:
    """Return Cronbach's coefficient alpha, k / (k - 1) * (1 - sum of the items' variances / variance of the total), at most
    1; None with fewer than two answers, or where all answers are alike."""
    k = len(sums.items)
    if sums.count < 2:
        return None
    whole = _variance(sums.total, sums.total_squares, sums.count)
    if whole <= 0:
        return None
    parts = fsum(_variance(x, xx, sums.count) for x, xx in zip(sums.items, sums.item_squares, strict=True))
    return k / (k - 1) * (1 - parts / whole)


def _variance(total: float, squares: float, count: int) -> float:
    return max(0.0, (squares - total * total / count) / (count - 1))


def alpha_range(value: float, answers: int) -> Bounds:
    """Return the 80 % range of alpha (Bonett 2002): log(1 - alpha) has a standard error of sqrt(2k / ((k - 1)(n - 2)))."""
    k = len(DIMENSIONS)
    if answers < 3:
        return -inf, 1.0
    if value >= 1:
        return value, value
    reach = EIGHTY_PERCENT * sqrt(2 * k / ((k - 1) * (answers - 2)))
    return 1 - exp(log(1 - value) + reach), 1 - exp(log(1 - value) - reach)


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """How sound the answers of one group are."""

    answers: int  # complete ones
    reps: int  # whom they are about
    alpha: float | None = None  # None also where all answers are alike
    alpha_low: float | None = None
    alpha_high: float | None = None
    straight: float = 0.0  # shares, 0..1
    straight_low: float = 0.0
    straight_high: float = 1.0
    fives: float = 0.0
    fives_low: float = 0.0
    fives_high: float = 1.0
    room_difference: float | None = None  # room - afar, -4..4; None below LEAST_PER_WAY of either
    room_low: float | None = None
    room_high: float | None = None
    advice: tuple[HealthAdvice, ...] = ()  # what is worth doing, the most pressing first


def group_health(
    sums: AnswerSums, reps: int, ways: "RepWays | None" = None, *, wording: bool = True
) -> GroupHealth:
    """Return how sound a group's answers are; nothing but their count below LEAST_ANSWERS. ways: the same answers by how
    clients were asked; None where that may not be told. wording: whether a low alpha is about the questions; within a team it
    tells rather that its clients hardly differ."""
    if sums.count < LEAST_ANSWERS:
        return GroupHealth(sums.count, reps, advice=(HealthAdvice.FEW,))
    value = alpha(sums)
    low, high = alpha_range(value, sums.count) if value is not None else (None, None)
    straight, fives = share_range(sums.straight, sums.count), share_range(sums.fives, sums.count)
    compared = _compared(ways, 1.0) if ways and _can_compare(ways) else None
    return GroupHealth(
        sums.count, reps, value, low, high,
        sums.straight / sums.count, *straight, sums.fives / sums.count, *fives,
        compared.difference if compared else None,
        compared.low if compared else None,
        compared.high if compared else None,
        _advice(low, high if wording else None, straight, fives, room=compared is not None and compared.signal),
    )  # fmt: skip


def _advice(
    low: float | None, high: float | None, straight: Bounds, fives: Bounds, *, room: bool
) -> tuple[HealthAdvice, ...]:
    """Return what is said where a whole range lies beyond its bound; that all is sound where none does."""
    found = [
        advice
        for advice, applies in (
            (HealthAdvice.STRAIGHT, straight[0] > MANY_STRAIGHT),
            (HealthAdvice.CEILING, fives[0] > MANY_FIVES),
            (HealthAdvice.ROOM, room),
            (HealthAdvice.LOOSE, high is not None and high < LOOSE),
            (HealthAdvice.TIGHT, low is not None and low > TIGHT),
        )
        if applies
    ]
    return tuple(found) or (HealthAdvice.SOUND,)


@dataclass(frozen=True, slots=True)
class RoomAgainstMail:
    """How a rep's clients answer in the room, and from afar."""

    rep_id: str
    room: float  # mean rating, 1..5
    room_answers: int
    afar: float
    afar_answers: int
    low: float  # of room - afar, 80 % for all reps shown together
    high: float
    signal: bool  # the whole range is above half a rating

    @property
    def difference(self) -> float:
        """Return room - afar, -4..4."""
        return self.room - self.afar


@dataclass(frozen=True, slots=True)
class RepWays:
    """Answers by how the client was asked: one rep's, or a group's."""

    rep_id: str
    room: AnswerSums = field(
        default_factory=AnswerSums
    )  # by a code that was shown, also one for a whole room
    afar: AnswerSums = field(default_factory=AnswerSums)  # by mail, or by a link that was sent


def room_against_mail(reps: Sequence[RepWays]) -> list[RoomAgainstMail]:
    """Return the reps with at least LEAST_PER_WAY complete answers of either kind, the largest difference first.

    Welch's range of a difference of means, wider the more reps there are (differences.deviations): of twenty reps who are
    all alike one would stand out by chance.
    """
    known = [each for each in reps if _can_compare(each)]
    found = [_compared(each, deviations(len(known)) / EIGHTY_PERCENT) for each in known]
    return sorted(found, key=lambda each: (-each.difference, each.rep_id))


def _can_compare(each: RepWays) -> bool:
    return min(each.room.count, each.afar.count) >= LEAST_PER_WAY


def _compared(each: RepWays, wider: float) -> RoomAgainstMail:
    errors = [(sums.spread_of_mean / sums.count, sums.count - 1) for sums in (each.room, each.afar)]
    whole = fsum(error for error, _ in errors)
    degrees = whole * whole / fsum(e * e / n for e, n in errors) if whole > 0 else 1.0
    reach, middle = wider * student(degrees) * sqrt(whole), each.room.mean - each.afar.mean
    return RoomAgainstMail(
        each.rep_id, each.room.mean, each.room.count, each.afar.mean, each.afar.count,
        middle - reach, middle + reach, middle - reach > BIG,
    )  # fmt: skip
