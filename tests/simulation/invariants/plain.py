"""What all invariants use."""

from typing import Any

from feedback.models.encrypted import EncryptedText
from simulation.world import Broken


def holds(condition: object, words: str) -> None:
    """Raise Broken with these words unless the condition holds."""
    if not condition:
        raise Broken(words)


def in_plain(row: Any) -> list[Any]:
    """Return the values of a row; what is encrypted as it reads, for it is never encrypted twice in one way."""
    return [value.text if isinstance(value, EncryptedText) else value for value in row]
