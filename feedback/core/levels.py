"""Relationship levels, from loyalty."""

from enum import StrEnum


class Level(StrEnum):
    ANTAGONISTIC = "Antagonistic"
    TRANSACTIONAL = "Transactional"
    PREDISPOSED = "Predisposed"
    TRUSTED = "Trusted Advisor"


FROM = ((80.0, Level.TRUSTED), (56.0, Level.PREDISPOSED), (25.0, Level.TRANSACTIONAL))


def level(loyalty: float) -> Level:
    """Antagonistic below 25, Transactional from 25, Predisposed from 56, Trusted Advisor from 80."""
    return next((name for least, name in FROM if loyalty >= least), Level.ANTAGONISTIC)


def steps(before: float, after: float) -> int:
    """Levels climbed from one loyalty to another, -3..3; below 0 for levels lost."""
    ladder = list(Level)
    return ladder.index(level(after)) - ladder.index(level(before))
