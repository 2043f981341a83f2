"""The claim that loyal clients bring more business."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, log, sqrt
from uuid import UUID

from feedback.core.evidence.claims import (
    Claim,
    ClaimFinding,
    ClaimVerdict,
    RangedFigure,
    WhyEarly,
    verdict_above,
)
from feedback.core.evidence.claims_ranges import student
from feedback.core.scoring.levels import LEVELS_FROM, Level

LOYAL_FROM = next(least for least, level in LEVELS_FROM if level is Level.PREDISPOSED)  # 0..100
LEAST_ACCOUNTS = 10  # loyal ones, and others
TWICE = 2.0


@dataclass(frozen=True, slots=True)
class ValuedAccount:
    """An account whose value is known and whose people have answered."""

    value: float  # yearly
    loyalty: float  # 0..100, the vote-weighted mean of its relationships
    rep_ids: frozenset[UUID]


def business_finding(accounts: Iterable[ValuedAccount]) -> ClaimFinding:
    """Hold "loyal clients bring three times the business" against how many times the value of a typical other account a
    typical loyal one has: the ratio of the geometric means, so that one giant does not decide. Welch's range of the
    logarithms. It holds above twice, halfway between none and three times."""
    loyal, others, reps = list[float](), list[float](), set[UUID]()  # logarithms
    for account in accounts:
        if account.value > 0:
            (loyal if account.loyalty >= LOYAL_FROM else others).append(log(account.value))
            reps |= account.rep_ids
    sample = {"loyal": len(loyal), "others": len(others)}
    if min(len(loyal), len(others)) < LEAST_ACCOUNTS:
        return ClaimFinding(
            Claim.LOYAL_BRING_MORE, ClaimVerdict.TOO_EARLY, (), sample, len(reps), WhyEarly.FEW
        )
    middle = fsum(loyal) / len(loyal) - fsum(others) / len(others)
    reach = _reach(_error(loyal), len(loyal), _error(others), len(others))
    figure = RangedFigure("times", exp(middle), exp(middle - reach), exp(middle + reach), TWICE)
    verdict, early = verdict_above(figure)
    return ClaimFinding(Claim.LOYAL_BRING_MORE, verdict, (figure,), sample, len(reps), early)


def _error(logs: Sequence[float]) -> float:
    """Return the squared standard error of the mean."""
    middle = fsum(logs) / len(logs)
    return fsum((each - middle) ** 2 for each in logs) / (len(logs) - 1) / len(logs)


def _reach(error: float, count: int, other_error: float, other_count: int) -> float:
    """Return half the 80 % range of the difference of two means, the degrees of freedom by Welch and Satterthwaite."""
    whole = error + other_error
    if whole <= 0:
        return 0.0
    degrees = whole * whole / (error**2 / (count - 1) + other_error**2 / (other_count - 1))
    return student(degrees) * sqrt(whole)
