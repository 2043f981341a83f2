"""The ranks that reps could have: ranges that hold the true ranks of all of them together with 80 % confidence."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache, partial
from itertools import repeat
from math import ceil, sqrt
from operator import add, le, mul, sub, truediv
from random import Random
from typing import TypeVar

from feedback.core.scoring.drift import TAKEN_FOR_VOICES, Certainty
from feedback.core.scoring.reps import PRIOR_VOICES, Field

CONFIDENCE = 0.8
SEED = 2020
DRAWN = 32_000  # normal numbers, so that a thousand reps cost little more than fifty do
MOST_DRAWS, FEWEST_DRAWS = 1000, 32
# Of the standard deviations that are tried: into how many steps they are parted, and how many. Of the reach that is
# foreseen: with what share of it one begins, and how far on one goes at once (at least the 32nd part of all).
LEAST_STEPS, WIDEST, CAREFULLY, LEAP, LEAST_LEAP = 128, 4.0, 0.85, 0.2, 32
FEW = 8  # reps up to whom one rank more or less is much of the confidence

Key = TypeVar("Key", bound=Hashable)
RankRange = tuple[int, int]  # (best, worst), from 1
RankOf = tuple[int, int]  # a rank from 1, and whose it is, by index


def rank_ranges(
    ranked: Iterable[tuple[Key, float, float]], field: Field, certainty: Certainty = TAKEN_FOR_VOICES
) -> dict[Key, RankRange]:
    """Return by key the ranks that each could have, so that all true ranks together lie within them with 80 %
    confidence.

    Rep j is surely before rep i when T_j - c*s_j > T_i + c*s_i. The best rank of i is then 1 + the number of those
    surely before it, the worst one n - the number of those surely behind it; nobody's own rank is outside. c is the
    least one for which in 80 % of the draws of all true levels, each from the normal distribution of mean T and
    deviation s, every rank is within its range. The numbers that are drawn are always the same ones. On a board of at
    most FEW reps one rank more holds many more draws than that: there the ends are drawn in again, one after the other
    (_tighten).

    T is the score with W = certainty.voices(V) in place of V voices, and s = widening * sigma / sqrt(W + k): as long as
    nothing is known of how levels move, W is V and T the score.

    ranked: (key, score, voices), the best first. field: sigma above 0. The same scores give the same ranges, and a single one is (1, 1).
    """
    rows = list(ranked)
    told = [(score, voices, certainty.voices(voices)) for _, score, voices in rows]
    scores = [
        field.mu + (score - field.mu) * (voices + PRIOR_VOICES) / voices * worth / (worth + PRIOR_VOICES)
        for score, voices, worth in told
    ]
    spreads = [certainty.widening * field.sigma / sqrt(worth + PRIOR_VOICES) for _, _, worth in told]
    if len(rows) < 2:
        return {key: (1, 1) for key, _, _ in rows}
    best, worst = _ranges(scores, spreads, _least_reach(scores, spreads))
    _hold_own(scores, spreads, best, worst)
    if len(rows) <= FEW:
        _tighten(scores, spreads, best, worst)
    return {key: (best[i], worst[i]) for i, (key, _, _) in enumerate(rows)}


def _ranges(scores: Sequence[float], spreads: Sequence[float], reach: float) -> tuple[list[int], list[int]]:
    """Return each one's best and worst rank where scores reach so many of their spreads to either side."""
    reaches = [reach * spread for spread in spreads]
    lows, highs = list(map(sub, scores, reaches)), list(map(add, scores, reaches))
    from_below, from_above, n = sorted(lows), sorted(highs), len(scores)
    best = [n + 1 - bisect_right(from_below, high) for high in highs]
    worst = [n - bisect_left(from_above, low) for low in lows]
    return best, worst


def _hold_own(scores: Sequence[float], spreads: Sequence[float], best: list[int], worst: list[int]) -> None:
    """Widen ranges to the rank that somebody has, and those who are equal to somebody alike."""
    own: dict[tuple[float, float], tuple[int, int]] = {}
    for rank, who in enumerate(zip(scores, spreads, strict=True), start=1):
        own[who] = own.get(who, (rank, rank))[0], rank
    for i, who in enumerate(zip(scores, spreads, strict=True)):
        first, last = own[who]
        best[i], worst[i] = min(best[i], first), max(worst[i], last)


def _least_reach(scores: Sequence[float], spreads: Sequence[float]) -> float:
    """Return the least reach with which enough draws hold, by halving; a draw that holds does so with any wider one. It is
    found as finely as there are draws: rounded up to the next of few steps it would hold more than it has to. Of a draw
    that does not hold, only the ranks that were outside are looked at again: with a wider reach no other is. So what is
    tried first is a little less than a few draws foresee: then one look at all of them is nearly all the work, however
    close together the scores are."""
    orders = [_drawn_order(scores, spreads, d) for d in range(_draws(len(scores)))]
    # Each draw as what goes through its (rank, whose it is): at first all of them, which takes half as long uncopied.
    drawn: list[Callable[[], Iterable[RankOf]]] = [partial(enumerate, order, 1) for order in orders]
    missing = ceil(CONFIDENCE * (len(drawn) + 1))
    low, high = 0, max(LEAST_STEPS, len(drawn))
    step = WIDEST / high
    foreseen = int(CAREFULLY * _foreseen(scores, spreads, orders[: max(2, len(orders) // 40)]) / step)
    tried, leap = min(foreseen, high - 1), max(int(LEAP * foreseen), high // LEAST_LEAP)
    while low < high:
        best, worst = _ranges(scores, spreads, tried * step)
        outside = [[(rank, i) for rank, i in ranks() if not best[i] <= rank <= worst[i]] for ranks in drawn]
        held = outside.count([])
        if held >= missing:
            high, drawn = tried, [ranks for ranks, left in zip(drawn, outside, strict=True) if not left]
        else:
            low, drawn, missing = tried + 1, [left.__iter__ for left in outside if left], missing - held
        tried = min((low + high) // 2, low + leap)
    return low * step


def _foreseen(scores: Sequence[float], spreads: Sequence[float], orders: Sequence[Sequence[int]]) -> float:
    """Return about which reach holds enough of these draws: exactly, if all reached equally far. At a rank, somebody and
    whoever has it are then as far apart as twice the reach."""
    by_rank = sorted(scores, reverse=True)
    needed: list[float] = []
    for order in orders:
        apart = map(abs, map(sub, by_rank, map(scores.__getitem__, order)))
        needed.append(max(map(truediv, apart, map(spreads.__getitem__, order))) / 2)
    return sorted(needed)[int(CONFIDENCE * len(needed))]


def _are_within(ranks: Sequence[int], best: Sequence[int], worst: Sequence[int]) -> bool:
    return all(map(le, best, ranks)) and all(map(le, ranks, worst))


def _tighten(scores: Sequence[float], spreads: Sequence[float], best: list[int], worst: list[int]) -> None:
    """Draw the ends of the ranges in by a rank, again and again, that end first which costs the fewest draws, while 80 %
    of the draws are within; never beyond the rank that somebody has. Whoever is equal to somebody keeps the range."""
    n, draws, equal = len(scores), _draws(len(scores)), Counter(zip(scores, spreads, strict=True))
    drawn = (_drawn_ranks(scores, spreads, d) for d in range(draws))
    held = [ranks for ranks in drawn if _are_within(ranks, best, worst)]
    spare = len(held) - ceil(CONFIDENCE * (draws + 1))
    counts = [Counter(column) for column in zip(*held, strict=True)]
    single = [i for i in range(n) if equal[scores[i], spreads[i]] == 1]
    while True:
        within = [
            (ends, step, i) for ends, step in ((best, 1), (worst, -1)) for i in single if ends[i] != i + 1
        ]
        if not within:
            return
        ends, step, i = min(within, key=lambda end: counts[end[2]][end[0][end[2]]])
        rank = ends[i]
        if counts[i][rank] > spare:
            return
        spare -= counts[i][rank]
        ends[i] += step
        for ranks in (ranks for ranks in held if ranks[i] == rank):
            for column, lost in zip(counts, ranks, strict=True):
                column[lost] -= 1
        held = [ranks for ranks in held if ranks[i] != rank]


def _draws(reps: int) -> int:
    return min(MOST_DRAWS, max(FEWEST_DRAWS, DRAWN // reps))


def _drawn_order(scores: Sequence[float], spreads: Sequence[float], draw: int) -> list[int]:
    """Return whose true score is the best in one draw of them, whose the next, and so on."""
    n = len(scores)
    normal = _normal(ceil(n * _draws(n) / DRAWN))[draw * n : (draw + 1) * n]
    true = list(map(add, scores, map(mul, spreads, normal)))
    return sorted(range(n), key=true.__getitem__, reverse=True)


def _drawn_ranks(scores: Sequence[float], spreads: Sequence[float], draw: int) -> list[int]:
    """Return the rank of each in one draw of the true scores."""
    ranks = [0] * len(scores)
    for rank, i in enumerate(_drawn_order(scores, spreads, draw), start=1):
        ranks[i] = rank
    return ranks


@cache
def _normal(times: int) -> Sequence[float]:
    """Return so many times DRAWN normal numbers, always the same ones."""
    dice = Random(SEED)  # noqa: S311 (nothing secret)
    return array("d", (dice.gauss(0, 1) for _ in repeat(None, times * DRAWN)))
