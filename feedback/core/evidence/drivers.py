"""Which dimension goes with what clients then do: what is fitted, when it is silent, and what is said. The fit itself needs
numpy (jobs/drivers.py). About dimensions and clients; no weight ever enters a score."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LEAST_COMPLETE = 60  # complete answers, before anything is said
LEAST_OUTCOMES = 30  # clients with an outcome who had answered completely
LEAST_OF_EACH = 5  # of those, lost and kept
PENALTY = 0.1  # added to the diagonal of the correlations
SURE = 0.8  # of the draws in which a dimension has to come first to be named


class DriverTarget(StrEnum):
    """What the six are held against."""

    OUTCOME = "outcome"  # kept 1, lost 0
    RECOMMEND = "recommend"  # 0..10


class DriverSilence(StrEnum):
    """Why no drivers are shown."""

    FEW = "few"
    NO_LIBRARY = "no_library"  # numpy is not installed
    ALIKE = "alike"  # nobody differs in the target, or all answers are alike


def target_for(complete: int, kept: int, lost: int, recommended: int) -> DriverTarget | None:
    """Return what to hold the six against; None below LEAST_COMPLETE complete answers. complete: answers with all six;
    kept, lost: clients with an outcome and such an answer before it; recommended: clients with such an answer and one to the
    recommend question."""
    if complete < LEAST_COMPLETE:
        return None
    if kept + lost >= LEAST_OUTCOMES and min(kept, lost) >= LEAST_OF_EACH:
        return DriverTarget.OUTCOME
    return DriverTarget.RECOMMEND if recommended >= LEAST_COMPLETE else None


@dataclass(frozen=True, slots=True)
class DriverWeight:
    """How much one dimension tells beside the other five."""

    dimension: str
    weight: float  # standard deviations of the target, for one of the dimension
    low: float  # 80 %, of the draws
    high: float
    first: float  # share of the draws in which it came first, 0..1


@dataclass(frozen=True, slots=True)
class Drivers:
    """The weights of the six, the largest first."""

    target: DriverTarget
    clients: int
    reps: int
    weights: tuple[DriverWeight, ...]


def leading(weights: Sequence[DriverWeight]) -> DriverWeight | None:
    """Return the dimension that tells most; None where none stands out: first in at least 80 % of the draws, with a range
    above 0."""
    found = max(weights, key=lambda each: (each.first, each.weight), default=None)
    return found if found and found.first >= SURE and found.low > 0 else None
