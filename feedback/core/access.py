"""Who may see what, when. The only place where this is decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback.core.settling import AnswerState, state_at


class NotFound(LookupError):
    """Raised when a thing does not exist or belongs to somebody else; the answer (404) does not tell
    which."""


class Forbidden(PermissionError):
    """Raised when a thing exists, but this role may not see or change it (403)."""


class Role(StrEnum):
    REP = "rep"
    MANAGER = "manager"
    OWNER = "owner"


class Visibility(StrEnum):
    """The client's choice of who may see this answer by itself."""

    REP = "rep"  # the rep and the manager
    MANAGER = "manager"  # the manager only


class Reader(StrEnum):
    """On whose behalf an answer is read."""

    REP = "rep"
    MANAGER = "manager"  # also owners, mails to managers, and the organisation's own systems (webhooks)
    CLIENT = "client"  # whoever holds the answer key
    RULES = "rules"  # the score and the alert rules, which show the answer to nobody


class Shows(StrEnum):
    """How much of an answer a reader may be shown."""

    ANSWER = "answer"  # the ratings and words by themselves
    ROLLING_NUMBERS = "picture"  # only as part of rolling numbers
    NOTHING = "nothing"  # neither


class HiddenBecause(StrEnum):
    """Why an answer is not shown by itself."""

    GUESS_FIRST = "guess_first"  # the rep can still seal the mirror, and has not
    NOT_ANSWERED = "not_answered"
    ANSWERING = "answering"  # the client has begun, and the answer has not settled
    ERASED = "erased"
    MANAGER_ONLY = "manager_only"  # the client chose that only the manager sees it
    NOT_GUESSED = "not_guessed"  # the page closed before the rep sealed the mirror


@dataclass(frozen=True, slots=True)
class AnswerAccess:
    """What one reader may be shown of one answer."""

    shows: Shows
    hidden_because: HiddenBecause | None = None  # None when the answer is shown by itself
    voices_needed: float = 0.0  # a rolling number must rest on at least so many voices to include the answer

    @property
    def whole(self) -> bool:
        """Whether the answer may be shown by itself."""
        return self.shows is Shows.ANSWER


# From so many voices on a manager-only answer may count in a rep's rolling numbers.
VOICES_TO_COUNT_MANAGER_ONLY = 3.0


@dataclass(frozen=True, slots=True)
class AnswerStatus:
    """Everything about an answer that decides who may see it."""

    state: AnswerState
    visibility: Visibility
    sealed: bool  # the rep has sealed the mirror
    closed: bool  # the page takes no more input
    erased: bool = False  # the client erased the answer


def answer_status(
    now: datetime,
    *,
    settles_at: datetime | None,
    settled_at: datetime | None,
    visibility: Visibility | None,
    sealed_at: datetime | None,
    closes_at: datetime,
    erased_at: datetime | None,
) -> AnswerStatus:
    """Return the status of an answer from its stored columns.

    Each argument that may be None is None until the event has happened. For a client who has said nothing yet,
    all that may be None are None.
    """
    return AnswerStatus(
        state_at(settles_at, settled_at, now),
        visibility or Visibility.REP,
        sealed=is_sealed(sealed_at),
        closed=now >= closes_at,
        erased=erased_at is not None,
    )


def is_sealed(sealed_at: datetime | None) -> bool:
    """Tell whether a mirror is final, from its stored column."""
    return sealed_at is not None


def answer_access(reader: Reader, answer: AnswerStatus) -> AnswerAccess:
    """Decide what `reader` may be shown of an answer.

    The client and the rules see everything that is stored. A manager sees an answer once it has settled. A
    rep sees it once it has settled and the mirror is sealed, unless the client chose "manager only". While
    the mirror is not sealed and can still be sealed, the answer is hidden from the rep altogether: no rolling
    number that the rep sees may change because of it.
    """
    if reader is Reader.REP and not answer.sealed and not answer.closed:
        return AnswerAccess(Shows.NOTHING, HiddenBecause.GUESS_FIRST)
    if answer.erased:
        return AnswerAccess(Shows.NOTHING, HiddenBecause.ERASED)
    if reader in (Reader.CLIENT, Reader.RULES):
        return AnswerAccess(Shows.ANSWER)
    if answer.state is not AnswerState.SETTLED:
        return AnswerAccess(
            Shows.NOTHING,
            HiddenBecause.NOT_ANSWERED if answer.state is AnswerState.OPEN else HiddenBecause.ANSWERING,
        )
    if reader is Reader.MANAGER:
        return AnswerAccess(Shows.ANSWER)
    if answer.visibility == Visibility.MANAGER:
        return AnswerAccess(
            Shows.ROLLING_NUMBERS, HiddenBecause.MANAGER_ONLY, voices_needed=VOICES_TO_COUNT_MANAGER_ONLY
        )
    return (
        AnswerAccess(Shows.ANSWER)
        if answer.sealed
        else AnswerAccess(Shows.ROLLING_NUMBERS, HiddenBecause.NOT_GUESSED)
    )


def counts_in_rolling_numbers(access: AnswerAccess, voices: float) -> bool:
    """Tell whether this answer may count in a rolling number that is shown. voices: how many it rests on."""
    return access.shows is not Shows.NOTHING and voices >= access.voices_needed


def sees_all_teams(role: Role) -> bool:
    """Tell whether this role sees every team: owners do, managers see only the teams assigned to them."""
    return role == Role.OWNER


def is_manager(role: Role) -> bool:
    """Tell whether this role is a manager of some team: managers of their own teams, owners of every team."""
    return role in (Role.MANAGER, Role.OWNER)


def reader_of(role: Role) -> Reader:
    """Return on whose behalf a signed-in user of this role reads answers."""
    return Reader.MANAGER if is_manager(role) else Reader.REP
