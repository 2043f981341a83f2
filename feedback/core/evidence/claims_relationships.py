"""Claims that relationships alone decide: gaps, and who guesses too low."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from uuid import UUID

from feedback.core.evidence.claims import (
    Claim,
    ClaimFinding,
    ClaimVerdict,
    RangedFigure,
    WhyEarly,
    verdict_above,
    verdict_all,
)
from feedback.core.evidence.claims_ranges import share_range, student

MOST = 0.5  # of relationships
LEAST_RELATIONSHIPS = 20  # before anything is said
LEAST_PER_THIRD = 10  # relationships of the best third of reps, and of the weakest
REPS_PER_THIRD = 2
NOTICEABLE = 0.25  # of a rating, that a guess is off on the mean
LASTS = (
    0.7  # of what sets the best apart by one half of their clients, what has to be found in the other half
)


@dataclass(frozen=True, slots=True)
class RepGaps:
    """The relationships of one rep that could have a real gap, and those that have one."""

    could: int
    have: int


def gaps_finding(reps: Iterable[RepGaps]) -> ClaimFinding:
    """Hold "most relationships have a real gap" against the share of those that have one, of those that could."""
    known = [each for each in reps if each.could]
    whole, part = sum(each.could for each in known), sum(each.have for each in known)
    sample = {"relationships": whole, "with_gap": part}
    if whole < LEAST_RELATIONSHIPS:
        return ClaimFinding(Claim.GAPS, ClaimVerdict.TOO_EARLY, (), sample, len(known), WhyEarly.FEW)
    low, high = share_range(part, whole)
    figure = RangedFigure("share", part / whole, low, high, MOST)
    verdict, early = verdict_above(figure)
    return ClaimFinding(Claim.GAPS, verdict, (figure,), sample, len(known), early)


@dataclass(frozen=True, slots=True)
class GuessedRelationship:
    """A relationship that both sides have rated."""

    account_id: UUID
    loyalty: float  # 0..100
    bias: float  # guessed - said, -4..4


@dataclass(frozen=True, slots=True)
class HalfSums:
    """Sums over half of a rep's relationships."""

    count: int = 0
    loyalty: float = 0.0
    bias: float = 0.0
    squares: float = 0.0  # of bias

    @property
    def mean_loyalty(self) -> float:
        """Return the mean, 0..100; count is above 0."""
        return self.loyalty / self.count


@dataclass(frozen=True, slots=True)
class RepHalves:
    """One rep's relationships in two halves."""

    rep_id: UUID
    halves: tuple[HalfSums, HalfSums]


def in_halves(rep_id: UUID, relationships: Iterable[GuessedRelationship]) -> RepHalves:
    """Divide a rep's relationships by their accounts, by turns in the order of the accounts' ids: the same data always give
    the same halves, and what all people of one account think alike is in one of them alone."""
    every = list(relationships)
    turn = {account: n % 2 for n, account in enumerate(sorted({each.account_id for each in every}))}
    first, second = ([each for each in every if turn[each.account_id] == half] for half in (0, 1))
    return RepHalves(rep_id, (_sum(first), _sum(second)))


def _sum(some: Sequence[GuessedRelationship]) -> HalfSums:
    return HalfSums(
        len(some),
        fsum(each.loyalty for each in some),
        fsum(each.bias for each in some),
        fsum(each.bias * each.bias for each in some),
    )


def underestimate_finding(reps: Iterable[RepHalves]) -> ClaimFinding:
    """Hold "the best underestimate themselves, the weakest overestimate" against how far the guesses of the best third
    of reps, and of the weakest third, are off on the mean.

    Who is best is told by one half of a rep's clients, and how far the guesses are off by the other half, both ways
    round: otherwise a client who happened to tap high would make the rep better and the guess too low at once. Where the
    other half does not find them best as well, nobody is known to be best, and it is too early to tell. The range
    takes the reps as they are, all of them; it is what their clients happen to answer that varies. It holds where the
    best guess more than a quarter of a rating too low and the weakest more than a quarter too high.
    """
    known = sorted(
        (each for each in reps if all(half.count for half in each.halves)), key=lambda each: each.rep_id
    )
    size = len(known) // 3
    sample = {"reps": len(known), "relationships": sum(half.count for each in known for half in each.halves)}
    if size < REPS_PER_THIRD:
        return _too_early(sample, 0, WhyEarly.FEW)
    if _alike(known):
        return _too_early(sample, size, WhyEarly.ALIKE)
    orders = [_by_half(known, half) for half in (0, 1)]
    best = [each.halves[1 - by] for by in (0, 1) for each in orders[by][-size:]]
    weakest = [each.halves[1 - by] for by in (0, 1) for each in orders[by][:size]]
    told = sum(_lead(orders[by][-size:], orders[by][:size], by) for by in (0, 1))
    found = sum(_lead(orders[by][-size:], orders[by][:size], 1 - by) for by in (0, 1))
    sample |= {"best": sum(half.count for half in best), "weakest": sum(half.count for half in weakest)}
    spread = _spread([half for each in known for half in each.halves])
    if spread is None or min(sample["best"], sample["weakest"]) < LEAST_PER_THIRD:
        return _too_early(sample, size, WhyEarly.FEW)
    if found < LASTS * told:
        return _too_early(sample, size, WhyEarly.ALIKE)
    figures = (_too_low(best, spread), _too_high(weakest, spread))
    verdict, early = verdict_all(verdict_above(figure) for figure in figures)
    return ClaimFinding(Claim.BEST_UNDERESTIMATE, verdict, figures, sample, size, early)


def _lead(best: Sequence[RepHalves], weakest: Sequence[RepHalves], half: int) -> float:
    """Return how much more loyal the clients of the best are than those of the weakest, by one half of them."""
    return fsum(each.halves[half].mean_loyalty for each in best) - fsum(
        each.halves[half].mean_loyalty for each in weakest
    )


def _by_half(reps: Sequence[RepHalves], half: int) -> list[RepHalves]:
    """Return the reps in the order of what one half of their clients say, the weakest first."""
    return sorted(reps, key=lambda each: each.halves[half].mean_loyalty)


def _too_early(sample: dict[str, int], reps: int, why: WhyEarly) -> ClaimFinding:
    return ClaimFinding(Claim.BEST_UNDERESTIMATE, ClaimVerdict.TOO_EARLY, (), sample, reps, why)


def _alike(reps: Sequence[RepHalves]) -> bool:
    return len({half.mean_loyalty for each in reps for half in each.halves}) == 1


def _spread(halves: Sequence[HalfSums]) -> tuple[float, int] | None:
    """Return the standard deviation of a relationship's bias around its own half's mean, and its degrees of freedom."""
    degrees = sum(half.count - 1 for half in halves)
    if degrees < 1:
        return None
    around = fsum(max(0.0, half.squares - half.bias * half.bias / half.count) for half in halves)
    return sqrt(around / degrees), degrees


def _too_low(halves: Sequence[HalfSums], spread: tuple[float, int]) -> RangedFigure:
    return _figure("best", [-half.bias for half in halves], halves, spread)


def _too_high(halves: Sequence[HalfSums], spread: tuple[float, int]) -> RangedFigure:
    return _figure("weakest", [half.bias for half in halves], halves, spread)


def _figure(
    name: str, off: Sequence[float], halves: Sequence[HalfSums], spread: tuple[float, int]
) -> RangedFigure:
    count = sum(half.count for half in halves)
    value, reach = fsum(off) / count, student(spread[1]) * spread[0] / sqrt(count)
    return RangedFigure(name, value, value - reach, value + reach, NOTICEABLE)
