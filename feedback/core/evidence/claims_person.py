"""The claim that loyalty goes with the person who sells rather than with what is sold to an account."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import fsum, sqrt
from uuid import UUID

from feedback.core.evidence.claims import (
    Claim,
    ClaimFinding,
    ClaimVerdict,
    RangedFigure,
    WhyEarly,
    verdict_above,
)
from feedback.core.evidence.claims_ranges import Bounds, student

LEAST_REPS = 6
LEAST_SHARED = 20  # pairs of people at one account
HALF = 0.5
_NOTHING = 1e-9  # points squared: rounding


@dataclass(frozen=True, slots=True)
class LoyalRelationship:
    """One relationship with a counted answer."""

    account_id: UUID
    rep_id: UUID
    loyalty: float  # 0..100


@dataclass(slots=True)
class _Pairs:
    """Pairs of relationships: how many, and the sum of half their squared differences."""

    count: float = 0.0
    total: float = 0.0

    def add(self, other: "_Pairs", sign: int = 1) -> None:
        self.count += sign * other.count
        self.total += sign * other.total

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count > 0.5 else 0.0


@dataclass(slots=True)
class _Sums:
    """Sums of loyalties, around a constant."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.squares += value * value

    def pairs(self) -> _Pairs:
        """Return all pairs within: the sum of (x - y)^2 / 2 over pairs is (n * sum x^2 - (sum x)^2) / 2."""
        half_squares = (self.count * self.squares - self.total * self.total) / 2
        return _Pairs(self.count * (self.count - 1) / 2, max(0.0, half_squares))

    def without(self, other: "_Sums") -> "_Sums":
        return _Sums(self.count - other.count, self.total - other.total, self.squares - other.squares)


@dataclass(slots=True)
class _Kinds:
    """Pairs of relationships by what the two have in common."""

    neither: _Pairs
    rep: _Pairs  # the rep alone
    account: _Pairs  # the account alone
    both: _Pairs

    def variances(self) -> tuple[float, float] | None:
        """Return the variance between reps and that between accounts, in points squared, either possibly below 0 by
        chance; None where the pairs do not tell them apart.

        Half the mean squared difference of a pair is the variance of everything that the two do not share. So what
        pairs with one rep differ less than pairs with nothing in common is the variance between reps (R), likewise for
        accounts (A), and for both R + A; these three are fitted by least squares weighted by the pairs.
        """
        if not self.neither.count:
            return None
        n, m, k = self.rep.count, self.account.count, self.both.count
        r, a, b = (self.neither.mean - each.mean for each in (self.rep, self.account, self.both))
        below = (n + k) * (m + k) - k * k
        if below <= 0:
            return None
        first, second = n * r + k * b, m * a + k * b
        return ((m + k) * first - k * second) / below, ((n + k) * second - k * first) / below


class _PairSums:
    """What the pairs within accounts come to, account after account, for all and for each rep: memory grows with reps."""

    def __init__(self) -> None:
        self.whole, self.reps = _Sums(), defaultdict[UUID, _Sums](_Sums)
        self.same_both, self.other_rep = defaultdict[UUID, _Pairs](_Pairs), _Pairs()
        self.other_rep_of = defaultdict[UUID, _Pairs](
            _Pairs
        )  # pairs within an account that this rep is one of

    def add(self, relationships: Iterable[LoyalRelationship], middle: float) -> None:
        cells, account = defaultdict[UUID, _Sums](_Sums), _Sums()
        for each in relationships:
            for sums in (self.whole, self.reps[each.rep_id], cells[each.rep_id], account):
                sums.add(each.loyalty - middle)
        across = account.pairs()
        for rep_id, cell in cells.items():
            own = cell.pairs()
            self.same_both[rep_id].add(own)
            across.add(own, -1)
        self.other_rep.add(across)
        if len(cells) > 1:
            for rep_id, cell in cells.items():
                self.other_rep_of[rep_id].add(self._across_of(account, cells, rep_id, cell))

    @staticmethod
    def _across_of(account: _Sums, cells: dict[UUID, _Sums], rep_id: UUID, cell: _Sums) -> _Pairs:
        """Return the pairs of one rep with others within an account: all, less the rep's own, less the others'."""
        found = account.pairs()
        found.add(cell.pairs(), -1)
        found.add(account.without(cell).pairs(), -1)
        return found

    def kinds(self, left_out: UUID | None = None) -> _Kinds:
        """Return the pairs by kind, without those of one rep where one is left out."""
        whole = self.whole if left_out is None else self.whole.without(self.reps[left_out])
        same_rep, both, account = _Pairs(), _Pairs(), _Pairs()
        for rep_id, sums in self.reps.items():
            if rep_id != left_out:
                same_rep.add(sums.pairs())
                both.add(self.same_both[rep_id])
        account.add(self.other_rep)
        if left_out is not None and left_out in self.other_rep_of:
            account.add(self.other_rep_of[left_out], -1)
        neither = whole.pairs()
        for shared in (same_rep, account):
            neither.add(shared, -1)
        same_rep.add(both, -1)
        return _Kinds(neither, same_rep, account, both)


def person_finding(relationships: Iterable[LoyalRelationship]) -> ClaimFinding:
    """Hold "loyalty goes with the person" against the share that differences between reps have of the variance that
    reps and accounts explain together, R / (R + A). relationships: all of one account together.

    The range is that of Fieller, out of estimates that leave out one rep each (jackknife): every share that the data do
    not contradict. It holds where all of it is above a half.
    """
    every = _PairSums()
    for _, some in groupby(relationships, key=lambda each: each.account_id):
        every.add(some, 50.0)
    reps, kinds = sorted(every.reps), every.kinds()
    shared = round(kinds.account.count + kinds.both.count)
    sample = {"reps": len(reps), "relationships": every.whole.count, "shared": shared}

    def early(why: WhyEarly) -> ClaimFinding:
        return ClaimFinding(Claim.PERSON_NOT_PRODUCT, ClaimVerdict.TOO_EARLY, (), sample, len(reps), why)

    if len(reps) < LEAST_REPS or shared < LEAST_SHARED:
        return early(WhyEarly.FEW)
    found = kinds.variances()
    left = [each for each in (every.kinds(rep).variances() for rep in reps) if each is not None]
    if found is None or len(left) < len(reps):
        return early(WhyEarly.FEW)
    if every.whole.pairs().mean <= _NOTHING or max(found) <= _NOTHING:
        return early(WhyEarly.ALIKE)
    person, product = (max(0.0, each) for each in found)
    low, high = _shares_not_contradicted(found, left)
    figure = RangedFigure("share", person / (person + product), low, high, HALF)
    verdict, why = verdict_above(figure)
    return ClaimFinding(Claim.PERSON_NOT_PRODUCT, verdict, (figure,), sample, len(reps), why)


def _shares_not_contradicted(found: Bounds, left: list[Bounds]) -> Bounds:
    """Return the lowest and the highest share s in 0..1 for which R (1 - s) - A s is not clearly other than 0."""
    value = min(1.0, max(0.0, found[0] / (found[0] + found[1]))) if sum(found) > 0 else 0.5
    held = [s for s in _hundredths() if not _contradicted(s, found, left)]
    return min([*held, value]), max([*held, value])


def _hundredths() -> Iterator[float]:
    return (n / 200 for n in range(201))


def _contradicted(s: float, found: Bounds, left: list[Bounds]) -> bool:
    each = [r * (1 - s) - a * s for r, a in left]
    middle = fsum(each) / len(each)
    error = sqrt((len(each) - 1) / len(each) * fsum((x - middle) ** 2 for x in each))
    return abs(found[0] * (1 - s) - found[1] * s) > student(len(each) - 1) * error
