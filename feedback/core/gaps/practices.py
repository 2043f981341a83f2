"""Practices: concrete behaviour for one dimension, possible in the next meeting. {name} is the client's first
name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from feedback.core.scoring.reps import EIGHTY_PERCENT

PER_DIMENSION = 5
LEAST_MEETINGS = 3  # after a practice was chosen, before anything is said of what it did

PRACTICES: dict[str, tuple[str, ...]] = {
    "integrity": (
        "Write down what {name} asks for, in front of {name}.",
        "Say one thing you cannot promise, before {name} assumes it.",
        "Open with what you promised last time, and what became of it.",
        "Give every promise a day, and name the day before you leave.",
        "If something will be late, say so before {name} notices.",
    ),
    "competency": (
        "Bring the one person who can answer what {name} asked last time.",
        "Show a case like theirs: what was tried, what it cost, what came of it.",
        "When you do not know, say by when you will, and send it that evening.",
        "Draw how it works on one sheet of paper, and leave the sheet.",
        "Let {name} try it with their own data while you watch.",
    ),
    "recognition": (
        "Name something {name} did since you last met, and what it made possible.",
        "Ask {name} what a good year looks like, then be quiet.",
        "Begin with {name}'s agenda; put yours second.",
        "Thank {name} for something specific, by a line in writing.",
        "Repeat in {name}'s own words what you heard, before you answer.",
    ),
    "proactivity": (
        "Open with what could go wrong, before {name} has to ask.",
        "Bring one idea {name} did not ask for and could use without you.",
        "Tell {name} what you see at others in the same trade.",
        "Agree what {name} wants to hear from you between meetings, and when.",
        "Before you leave, ask what could surprise you both by next time.",
    ),
    "savvy": (
        "Read {name}'s last news or report, and ask one question that only a reader would.",
        "Ask who else has to live with this decision, and what worries them.",
        "Say how {name}'s business earns its money, and let {name} correct you.",
        "Ask which number {name} is judged by, and speak of that one.",
        "Find out what happens at {name}'s company if nothing is decided.",
    ),
    "chemistry": (
        "Ask {name} how they like to work: calls or mail, mornings or evenings. Write it down.",
        "Leave five minutes without an agenda, and do not fill them.",
        "End ten minutes early, and say that the time is theirs.",
        "Tell {name} one thing you learned from them.",
        "Put the slides away, and talk across the corner of a table.",
    ),
}


def practice(dimension: str, number: int, name: str) -> str:
    """Return the text of a practice (number from 1) for a client called `name`. Raises KeyError or IndexError
    when there is none."""
    if number < 1:
        raise IndexError(number)
    return PRACTICES[dimension][number - 1].replace("{name}", name)


@dataclass(frozen=True, slots=True)
class DimensionChange:
    """How the ratings of one dimension changed since a practice was chosen."""

    before: float  # mean of the ratings up to the choice, 1..5
    before_meetings: int  # how many meetings that mean rests on
    after: float  # mean of the ratings since, 1..5
    after_meetings: int

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether chance (80 %) does not explain the change, a single rating being one off: |change| > 1.2816 *
        sqrt(1/before + 1/after meetings), from three meetings after on."""
        spread = sqrt(1 / self.before_meetings + 1 / self.after_meetings)
        return self.after_meetings >= LEAST_MEETINGS and abs(self.change) > EIGHTY_PERCENT * spread


def change_since(
    ratings: Iterable[tuple[datetime, int | None]], chosen_at: datetime
) -> DimensionChange | None:
    """Compare the client's ratings of one dimension, (held_at, rating), before and after a practice was
    chosen; None unless both exist. At most the last three before it count, so that older ones do not hide the
    change."""
    known = sorted((at, r) for at, r in ratings if r is not None)
    before = [r for at, r in known if at <= chosen_at][-3:]
    after = [r for at, r in known if at > chosen_at]
    if not before or not after:
        return None
    return DimensionChange(sum(before) / len(before), len(before), sum(after) / len(after), len(after))


@dataclass(frozen=True, slots=True)
class PooledChange:
    """What the ratings of a dimension did in several relationships together, each compared with itself."""

    before: float  # 1..5
    before_meetings: int
    after: float  # 1..5
    after_meetings: int
    clients: int  # relationships with a rating on both sides of the choice
    spread: float  # the standard deviation of the change, a single rating being one off

    @property
    def change(self) -> float:
        """Return after minus before."""
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether chance (80 %) does not explain the change, from three meetings after on."""
        return self.after_meetings >= LEAST_MEETINGS and abs(self.change) > EIGHTY_PERCENT * self.spread


def pooled_change(changes: Iterable[DimensionChange]) -> PooledChange | None:
    """Return several relationships' changes as one; None without any.

    Each is weighted by the inverse of its variance, w = 1 / (1/before + 1/after meetings), so that a client who was
    hardly rated before or since weighs little, and clients who are easier to please than others move nothing. The
    spread is 1 / sqrt(sum w), the usual one of an inverse-variance mean.
    """
    every = list(changes)
    if not every:
        return None
    weights = [1 / (1 / each.before_meetings + 1 / each.after_meetings) for each in every]
    whole = sum(weights)
    return PooledChange(
        before=sum(w * each.before for w, each in zip(weights, every, strict=True)) / whole,
        before_meetings=sum(each.before_meetings for each in every),
        after=sum(w * each.after for w, each in zip(weights, every, strict=True)) / whole,
        after_meetings=sum(each.after_meetings for each in every),
        clients=len(every),
        spread=1 / sqrt(whole),
    )
