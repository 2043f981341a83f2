"""The level of a relationship, derived from its loyalty."""

from enum import StrEnum


class Level(StrEnum):
    ANTAGONISTIC = "Antagonistic"
    TRANSACTIONAL = "Transactional"
    PREDISPOSED = "Predisposed"
    TRUSTED = "Trusted Advisor"


# The loyalty from which each level is reached, the highest first.
LEVELS_FROM = ((90.0, Level.TRUSTED), (75.0, Level.PREDISPOSED), (50.0, Level.TRANSACTIONAL))


def level(loyalty: float) -> Level:
    """Return the level of a loyalty, 0..100: Antagonistic below 50 (a mean below Fine), Transactional from
    50, Predisposed from 75 (Good), Trusted Advisor from 90."""
    return next((name for least, name in LEVELS_FROM if loyalty >= least), Level.ANTAGONISTIC)


def steps(before: float, after: float) -> int:
    """Return the levels gained from one loyalty to another, -3..3; below 0 for levels lost."""
    ladder = list(Level)
    return ladder.index(level(after)) - ladder.index(level(before))
