"""Claims about clients that were lost or stayed, and about what they said before."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from uuid import UUID

from feedback.core.dimensions import FINE, LOW, Ratings, mean
from feedback.core.evidence.claims import (
    Claim,
    ClaimFinding,
    ClaimVerdict,
    RangedFigure,
    WhyEarly,
    verdict_above,
)
from feedback.core.evidence.claims_ranges import ratio_of_shares, share_range
from feedback.core.lukewarm.detection import is_fine

LEAST_LOST = 10  # clients who had answered, before anything is said
LEAST_PER_MOOD = 10  # clients whose last answer was lukewarm, and clients whose last was better
MOST_LOST = 0.5
MORE_OFTEN = 1.5  # times as often
DAYS_BEFORE = 365  # so long before an outcome an answer is still about it


class Mood(StrEnum):
    """What a client's last answer sounded like."""

    LOW = "low"  # with a rating of 1 or 2
    LUKEWARM = "lukewarm"
    BETTER = "better"


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The last answer before an outcome."""

    rep_id: UUID
    ratings: Ratings  # at least one
    lukewarm: bool  # core.lukewarm.detection, the comment included

    @property
    def satisfied(self) -> bool:
        """Whether the client said Fine or better, on the mean."""
        return (mean(self.ratings) or 0) >= FINE

    @property
    def mood(self) -> Mood:
        """Return what it sounded like."""
        if any(rating is not None and rating <= LOW for rating in self.ratings):
            return Mood.LOW
        return Mood.LUKEWARM if self.lukewarm else Mood.BETTER


def last_answer(rep_id: UUID, ratings: Ratings, comment: str | None) -> LastAnswer:
    """Return an answer as the last before an outcome."""
    return LastAnswer(rep_id, ratings, is_fine(ratings, comment))


@dataclass(frozen=True, slots=True)
class EndedClient:
    """A client with an outcome, and what was said last in the year before it."""

    lost: bool
    said: LastAnswer


def satisfied_finding(clients: Iterable[EndedClient]) -> ClaimFinding:
    """Hold "most lost clients had said that they were satisfied" against those lost here who had answered in the year
    before."""
    lost = [each.said for each in clients if each.lost]
    satisfied = sum(said.satisfied for said in lost)
    sample, reps = {"lost": len(lost), "satisfied": satisfied}, len({said.rep_id for said in lost})
    if len(lost) < LEAST_LOST:
        return ClaimFinding(Claim.SATISFIED_AND_LOST, ClaimVerdict.TOO_EARLY, (), sample, reps, WhyEarly.FEW)
    low, high = share_range(satisfied, len(lost))
    figure = RangedFigure("share", satisfied / len(lost), low, high, MOST_LOST)
    verdict, early = verdict_above(figure)
    return ClaimFinding(Claim.SATISFIED_AND_LOST, verdict, (figure,), sample, reps, early)


def lukewarm_finding(clients: Iterable[EndedClient]) -> ClaimFinding:
    """Hold "a lukewarm answer precedes a loss" against how many times as often clients were lost whose last answer was
    lukewarm as clients whose last was better. Those who had rated anything 1 or 2 are in neither: they had complained."""
    every = list(clients)
    count = Counter((each.said.mood, each.lost) for each in every)
    lukewarm, better = (count[mood, True] + count[mood, False] for mood in (Mood.LUKEWARM, Mood.BETTER))
    lost, better_lost = count[Mood.LUKEWARM, True], count[Mood.BETTER, True]
    sample = {"lukewarm": lukewarm, "lukewarm_lost": lost, "better": better, "better_lost": better_lost}
    reps = len({each.said.rep_id for each in every if each.said.mood is not Mood.LOW})
    if min(lukewarm, better) < LEAST_PER_MOOD or not lost + better_lost:
        return ClaimFinding(Claim.FINE_BEFORE_LOSS, ClaimVerdict.TOO_EARLY, (), sample, reps, WhyEarly.FEW)
    low, high = ratio_of_shares(lost, lukewarm, better_lost, better)
    value = lost / lukewarm / (better_lost / better) if better_lost else inf
    figure = RangedFigure("times", value, low, high, MORE_OFTEN)
    verdict, early = verdict_above(figure)
    return ClaimFinding(Claim.FINE_BEFORE_LOSS, verdict, (figure,), sample, reps, early)
