"""A message to a chat channel, before a service's form is given to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from feedback.core.text import isolated, one_line
from feedback.wording.i18n import app_text

LONGEST_NAME = 80  # characters of a name, of whoever it is
LONGEST_LINE = 600
MOST_PARTS = 10  # told one by one; the rest is counted

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChatLink:
    """A link to a page here."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class CardPart:
    """One thing that a message tells."""

    title: str  # "" for none
    lines: tuple[str, ...]
    link: ChatLink | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A message: a title, what it tells, and where to look further."""

    title: str
    parts: tuple[CardPart, ...]
    link: ChatLink
    untold: int = 0  # parts that were left out, because they were too many

    def shortened(self, count: int) -> "Card":
        """Return the card with its first parts alone."""
        left_out = len(self.parts) - count
        return (
            replace(self, parts=self.parts[:count], untold=self.untold + left_out) if left_out > 0 else self
        )

    @property
    def more(self) -> str:
        """Return in words how much was left out; "" where all is told."""
        return app_text("and %(count)s more.", count=self.untold) if self.untold else ""

    def as_text(self, written: Callable[[str], str] = str) -> str:
        """Return all of it as plain text, complete in itself. written: how the service wants words; addresses stay."""
        lines = [written(self.title)]
        for part in self.parts:
            lines += ["", *(written(line) for line in (part.title, *part.lines) if line)]
            lines += [part.link.address] if part.link else []
        lines += ["", written(self.more)] if self.untold else []
        return "\n".join([*lines, "", self.link.address])


def called(name: str) -> str:
    """Return a name as it stands in a sentence of a message."""
    return isolated(one_line(name, LONGEST_NAME))


def fitted(card: Card, write: Callable[[Card], Payload], fits: Callable[[Payload], bool]) -> Payload:
    """Return the message of as many parts as fit, at least of one."""
    card = card.shortened(MOST_PARTS)
    for count in range(len(card.parts), 1, -1):
        payload = write(card.shortened(count))
        if fits(payload):
            return payload
    return write(card.shortened(1))
