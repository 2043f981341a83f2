"""The claims of the research behind this product, each held against an organisation's own data: what a finding is, and
when it is a verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Claim(StrEnum):
    """What somebody found elsewhere."""

    GAPS = "gaps"  # most relationships have a real gap
    BEST_UNDERESTIMATE = "best_underestimate"  # the best guess too low, the weakest too high
    SATISFIED_AND_LOST = "satisfied_and_lost"  # most lost clients had said satisfied or better
    LOYAL_BRING_MORE = "loyal_bring_more"  # loyal clients bring three times the business
    PERSON_NOT_PRODUCT = "person_not_product"  # loyalty goes with the person
    FINE_BEFORE_LOSS = "fine_before_loss"  # a lukewarm answer precedes a loss


class ClaimVerdict(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    TOO_EARLY = "too_early"


class WhyEarly(StrEnum):
    """Why there is no verdict yet."""

    FEW = "few"  # too few cases to say anything
    WIDE = "wide"  # the range still holds the threshold
    ALIKE = "alike"  # all are alike, so that nothing goes with anything


@dataclass(frozen=True, slots=True)
class RangedFigure:
    """A figure with its 80 % range, and the threshold that the range has to clear."""

    name: str
    value: float
    low: float
    high: float
    threshold: float

    @property
    def above(self) -> bool:
        """Whether the whole range lies above the threshold."""
        return self.low > self.threshold

    @property
    def below(self) -> bool:
        """Whether the whole range lies below it."""
        return self.high < self.threshold


@dataclass(frozen=True, slots=True)
class ClaimFinding:
    """What an organisation's own data say of a claim."""

    claim: Claim
    verdict: ClaimVerdict
    figures: tuple[RangedFigure, ...] = ()  # none where there are too few cases
    sample: Mapping[str, int] = field(default_factory=dict)  # what was counted, by name
    reps: int = 0  # whose answers all of it comes from
    early: WhyEarly | None = None  # None with a verdict


def verdict_above(figure: RangedFigure) -> tuple[ClaimVerdict, WhyEarly | None]:
    """Decide a claim that says that something is above a threshold: it holds where the whole 80 % range is above, fails
    where the whole range is below, and is too early to tell in between."""
    if figure.above:
        return ClaimVerdict.HOLDS, None
    if figure.below:
        return ClaimVerdict.FAILS, None
    return ClaimVerdict.TOO_EARLY, WhyEarly.WIDE


def verdict_all(
    parts: Iterable[tuple[ClaimVerdict, WhyEarly | None]],
) -> tuple[ClaimVerdict, WhyEarly | None]:
    """Decide a claim that says several things at once: it fails where one of them fails, and holds where all hold."""
    found = [verdict for verdict, _ in parts]
    if ClaimVerdict.FAILS in found:
        return ClaimVerdict.FAILS, None
    if all(verdict is ClaimVerdict.HOLDS for verdict in found):
        return ClaimVerdict.HOLDS, None
    return ClaimVerdict.TOO_EARLY, WhyEarly.WIDE
