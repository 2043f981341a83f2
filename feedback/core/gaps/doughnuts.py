"""Whether clients rate a rep for value or for liking ("doughnuts"), and the badge for it."""

from enum import StrEnum

from feedback.core.dimensions import LIKING, VALUE, Means, mean_of
from feedback.core.scoring.ranking import VOICES_TO_RANK

DOUGHNUTS_FROM = 0.75
BEYOND_FROM = 4.25


class Badge(StrEnum):
    DOUGHNUTS = "doughnuts"
    BEYOND = "beyond doughnuts"


def liking_over_value(means: Means) -> float | None:
    """Return liking minus value on the 1..5 means, -4..4: above 0 clients like the rep more than what the rep
    brings. None when either was never rated."""
    liking, value = mean_of(means, LIKING), mean_of(means, VALUE)
    return None if liking is None or value is None else liking - value


def badge(doughnuts: float | None, value: float | None, voices: float) -> Badge | None:
    """Return the badge: *Doughnuts* when V >= 3 and liking - value >= 0.75; *Beyond doughnuts* when V >= 3,
    the value mean is >= 4.25 and liking - value < 0.75; else None. doughnuts: liking - value. value: the value mean,
    1..5. V: the voices behind both."""
    if voices < VOICES_TO_RANK or doughnuts is None or value is None:
        return None
    if doughnuts >= DOUGHNUTS_FROM:
        return Badge.DOUGHNUTS
    return Badge.BEYOND if value >= BEYOND_FROM else None
