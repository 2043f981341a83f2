"""The state of an account: its soundness, whether it is at risk, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import fsum

from feedback.core.gaps.analysis import GapClass
from feedback.core.scoring.levels import Level, level
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers
from feedback.core.scoring.reps import vote_weighted


@dataclass(frozen=True, slots=True)
class AccountRelationship:
    """One relationship of an account, as far as the account's state depends on it."""

    loyalty: float | None  # 0..100; None before the first counted answer
    vote: float  # see relationships.Numbers
    lukewarm: bool = False  # the latest counted answer says "fine"
    field: GapClass | None = None  # on the map; None until both sides have rated


@dataclass(frozen=True, slots=True)
class Soundness:
    """The loyalty of an account, and how many relationships and voices it rests on."""

    loyalty: float | None  # 0..100; None without a counted answer
    relationships: int
    heard: int  # relationships with a counted answer
    voices: float  # the weight of those

    @property
    def level(self) -> Level | None:
        return None if self.loyalty is None else level(self.loyalty)

    @property
    def single_threaded(self) -> bool:
        """Whether the account depends on a single relationship."""
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


def soundness(relationships: Sequence[AccountRelationship], weight_now: float) -> Soundness:
    """Return the soundness of an account from its relationships.

    loyalty = sum vote*loyalty / sum vote over the relationships with a counted answer; voices = sum vote /
    g(now). weight_now: g(now).
    """
    heard = [each for each in relationships if each.loyalty is not None]
    return Soundness(
        loyalty=vote_weighted((each.vote, each.loyalty) for each in heard),
        relationships=len(relationships),
        heard=len(heard),
        voices=fsum(each.vote for each in heard) / weight_now,
    )


def risks(
    relationships: Sequence[AccountRelationship], sound: Soundness, days: int | None, review_days: int
) -> tuple[Risk, ...]:
    """Return every reason why the account is at risk, () when there is none.

    An account is at risk when its soundness is Antagonistic or Transactional, or when the last meeting is
    more than review_days ago, or when it depends on a single relationship whose latest counted answer is
    lukewarm or whose field is the blind spot. days: since the last meeting, None when there never was one;
    nothing is known of such an account, and it is not at risk.
    """
    single = relationships[0] if sound.single_threaded else None
    reasons = {
        Risk.LOYALTY: sound.level in (Level.ANTAGONISTIC, Level.TRANSACTIONAL),
        Risk.SILENT: days is not None and days > review_days,
        Risk.LUKEWARM: single is not None and single.lukewarm,
        Risk.BLIND_SPOT: single is not None and single.field is GapClass.BLIND_SPOT,
    }
    return tuple(risk for risk, holds in reasons.items() if holds)


def account_state(sound: Soundness, reasons: Iterable[Risk]) -> AccountState:
    """Return the state: at risk for any reason; sound with an answer and no reason; unknown without an
    answer."""
    if any(True for _ in reasons):
        return AccountState.AT_RISK
    return AccountState.UNKNOWN if sound.loyalty is None else AccountState.SOUND


def worst_first(
    state: AccountState, value: float | None, loyalty: float | None, name: str
) -> tuple[bool, float, float, str]:
    """Return a sort key: accounts at risk first, the highest value first among them; then by loyalty, the
    lowest first, those without an answer last; then by name."""
    at_risk = state is AccountState.AT_RISK
    return not at_risk, -(value or 0.0) if at_risk else 0.0, 101.0 if loyalty is None else loyalty, name


def loyalty_line(
    histories: Iterable[Iterable[Moment]], moments: Sequence[datetime], scoring: Scoring
) -> list[float | None]:
    """Return an account's loyalty at each of `moments`, from the meetings its relationships had held by then;
    None before the first answer."""
    held = [sorted(history, key=lambda m: m.held_at) for history in histories]
    known: dict[tuple[int, int], Numbers] = {}  # by relationship and how many meetings it had held
    line: list[float | None] = []
    for at in moments:
        numbers = []
        for place, history in enumerate(held):
            key = place, sum(m.held_at <= at for m in history)
            if key not in known:
                known[key] = relationship_numbers(history[: key[1]], scoring)
            numbers.append(known[key])
        line.append(vote_weighted((n.vote, n.loyalty) for n in numbers))
    return line
