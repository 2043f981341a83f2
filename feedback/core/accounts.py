"""How an account stands: its soundness, whether it is at risk, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import fsum

from feedback.core.gaps.analysis import GapClass
from feedback.core.scoring.levels import Level, level
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, relationship_numbers
from feedback.core.scoring.reps import vote_weighted


@dataclass(frozen=True, slots=True)
class AccountRelationship:
    """What is known of one of its relationships. loyalty: 0..100, None before the first counted answer.
    lukewarm: the latest counted answer says "fine". field: on the map, None until both sides rated."""

    loyalty: float | None
    vote: float
    lukewarm: bool = False
    field: GapClass | None = None


@dataclass(frozen=True, slots=True)
class Soundness:
    """loyalty: 0..100, None without a counted answer. heard: relationships with one. voices: their weight."""

    loyalty: float | None
    relationships: int
    heard: int
    voices: float

    @property
    def level(self) -> Level | None:
        return None if self.loyalty is None else level(self.loyalty)

    @property
    def single_threaded(self) -> bool:
        """It hangs on one relationship."""
        return self.relationships == 1


class Risk(StrEnum):
    """Why an account is at risk."""

    LOYALTY = "loyalty"
    SILENT = "silent"
    LUKEWARM = "lukewarm"
    BLIND_SPOT = "blind_spot"


class AccountState(StrEnum):
    AT_RISK = "at_risk"
    SOUND = "sound"
    UNKNOWN = "unknown"


def soundness(ties: Sequence[AccountRelationship], weight_now: float) -> Soundness:
    """loyalty = sum vote*loyalty / sum vote over the relationships with a counted answer; voices = sum
    vote / g(now). weight_now: g(now)."""
    heard = [tie for tie in ties if tie.loyalty is not None]
    return Soundness(
        loyalty=vote_weighted((tie.vote, tie.loyalty) for tie in heard),
        relationships=len(ties),
        heard=len(heard),
        voices=fsum(tie.vote for tie in heard) / weight_now,
    )


def risks(
    ties: Sequence[AccountRelationship], sound: Soundness, days: int | None, review_days: int
) -> tuple[Risk, ...]:
    """Every reason why the account is at risk, () when there is none.

    An account is at risk when its soundness is Antagonistic or Transactional, or when the last meeting is
    more than review_days ago, or when it hangs on one relationship whose latest counted answer is lukewarm
    or which stands among the blind spots. days: since the last meeting, None when nobody was ever met: of
    such an account nothing is known, and it is not at risk.
    """
    only = ties[0] if sound.single_threaded else None
    reasons = {
        Risk.LOYALTY: sound.level in (Level.ANTAGONISTIC, Level.TRANSACTIONAL),
        Risk.SILENT: days is not None and days > review_days,
        Risk.LUKEWARM: only is not None and only.lukewarm,
        Risk.BLIND_SPOT: only is not None and only.field is GapClass.BLIND_SPOT,
    }
    return tuple(risk for risk, holds in reasons.items() if holds)


def account_state(sound: Soundness, why: Iterable[Risk]) -> AccountState:
    """At risk for any reason; sound with an answer and no reason; unknown until somebody answered."""
    if any(True for _ in why):
        return AccountState.AT_RISK
    return AccountState.UNKNOWN if sound.loyalty is None else AccountState.SOUND


def worst_first(
    how: AccountState, value: float | None, loyalty: float | None, name: str
) -> tuple[bool, float, float, str]:
    """A sort key: accounts at risk first, the highest value first among them; then by loyalty, the lowest
    first, those without an answer last; then by name."""
    at_risk = how is AccountState.AT_RISK
    return not at_risk, -(value or 0.0) if at_risk else 0.0, 101.0 if loyalty is None else loyalty, name


def loyalty_line(
    histories: Iterable[Iterable[Moment]], moments: Sequence[datetime], scoring: Scoring
) -> list[float | None]:
    """An account's loyalty as it stood at each of `moments`, from the meetings its relationships had held by
    then; None before the first answer."""
    kept = [list(history) for history in histories]
    line: list[float | None] = []
    for at in moments:
        numbers = [relationship_numbers((m for m in history if m.held_at <= at), scoring) for history in kept]
        line.append(vote_weighted((n.vote, n.loyalty) for n in numbers))
    return line
