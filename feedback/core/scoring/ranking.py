"""The ranks of reps: their order, who is too close to call, who asks too seldom and who it is too early to rank."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import sqrt
from typing import Generic, TypeVar

from feedback.core.records import record
from feedback.core.scoring.reps import EIGHTY_PERCENT, PRIOR_VOICES
from feedback.core.shares import Share

VOICES_TO_RANK = 3.0
MEETINGS_TO_JUDGE = 8  # meetings held before anybody is said to ask too seldom
LEAST_ASKED = 50  # percent of the meetings held, unless an organisation sets its own

Key = TypeVar("Key")


@record
class Contender(Generic[Key]):
    """A rep to be ranked."""

    key: Key
    name: str
    score: float  # 0..100
    voices: float  # from 0
    seldom: bool = False  # asks too seldom to be ranked


@record
class Place(Generic[Key]):
    """The rank of one contender."""

    key: Key
    rank: int | None  # from 1; None while it is too early to rank, or who asks too seldom
    close: bool = False  # too close to call with the neighbour above or below
    close_to_next: bool = False  # too close to call with the neighbour just below


def rank(contenders: Iterable[Contender[Key]], sigma: float) -> list[Place[Key]]:
    """Rank contenders: by score, then voices, then name. After them come, in the same order and without a rank, those
    who ask too seldom, and those with fewer than 3 voices."""
    ranked, others = in_order(contenders)
    near = [too_close(a, b, sigma) for a, b in pairwise(ranked)] + [False]
    places = [
        Place(c.key, i + 1, close=near[i] or (i > 0 and near[i - 1]), close_to_next=near[i])
        for i, c in enumerate(ranked)
    ]
    return places + [Place(c.key, None) for c in others]


def in_order(contenders: Iterable[Contender[Key]]) -> tuple[list[Contender[Key]], list[Contender[Key]]]:
    """Return those who have a rank, the best first, and those who have none, as `rank` has them."""
    ordered = sorted(contenders, key=lambda c: (-c.score, -c.voices, c.name.casefold(), c.name))
    known = [c for c in ordered if c.voices >= VOICES_TO_RANK]
    seldom, early = [c for c in known if c.seldom], [c for c in ordered if c.voices < VOICES_TO_RANK]
    return [c for c in known if not c.seldom], seldom + early


def asks_too_seldom(asked: Share, least: int) -> bool:
    """Tell whether a rep asked in fewer than `least` percent of at least 8 meetings held: then the score is of the
    clients whom the rep chose to ask. asked: the meetings with an opened invitation, of those held in 13 weeks."""
    return asked.whole >= MEETINGS_TO_JUDGE and 100 * asked.part < least * asked.whole


def too_close(one: Contender[Key], other: Contender[Key], sigma: float) -> bool:
    """Tell whether chance alone could have produced this order: |Si - Sj| < 1.2816 * sigma * sqrt(1/(Vi+k) +
    1/(Vj+k))."""
    spread = sqrt(1 / (one.voices + PRIOR_VOICES) + 1 / (other.voices + PRIOR_VOICES))
    return abs(one.score - other.score) < EIGHTY_PERCENT * sigma * spread


def close_runs(places: Sequence[Place[Key]]) -> list[tuple[int, int]]:
    """Return the runs of ranks that are too close to call, as (first, last), e.g. [(2, 4)]."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if place.rank is None or not place.close_to_next:
            continue
        if runs and runs[-1][1] == place.rank:
            runs[-1] = (runs[-1][0], place.rank + 1)
        else:
            runs.append((place.rank, place.rank + 1))
    return runs
