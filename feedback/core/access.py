"""Who may see what, when. The only place where this is decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback.core.settling import AnswerState, state_at


class NotFound(LookupError):
    """There is no such thing, or it is not yours: nobody may tell which (404)."""


class Forbidden(PermissionError):
    """It is there, but this role may not (403)."""


class Role(StrEnum):
    REP = "rep"
    MANAGER = "manager"
    OWNER = "owner"


class Visibility(StrEnum):
    """What the client chose: who may see this answer by itself."""

    REP = "rep"
    MANAGER = "manager"


class Reader(StrEnum):
    """On whose behalf an answer is read. manager: owners, mails to managers and the organisation's own systems,
    too. client: whoever holds the answer key. rules: the score and the alert rules, which show it to nobody."""

    REP = "rep"
    MANAGER = "manager"
    CLIENT = "client"
    RULES = "rules"


class Shows(StrEnum):
    """answer: the ratings and words by themselves. picture: only as part of rolling numbers. nothing: neither."""

    ANSWER = "answer"
    PICTURE = "picture"
    NOTHING = "nothing"


class HiddenBecause(StrEnum):
    """Why an answer is not shown by itself."""

    GUESS_FIRST = "guess_first"
    NOT_ANSWERED = "not_answered"
    ANSWERING = "answering"
    ERASED = "erased"
    MANAGER_ONLY = "manager_only"
    NOT_GUESSED = "not_guessed"


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be shown of an answer. among: voices it needs to hide among before it may show in a picture."""

    shows: Shows
    why: HiddenBecause | None = None
    among: float = 0.0

    @property
    def whole(self) -> bool:
        return self.shows is Shows.ANSWER


VOICES_TO_HIDE_AMONG = 3.0  # a manager-only answer may show in a rep's rolling picture from here on


@dataclass(frozen=True, slots=True)
class AnswerStatus:
    """All that decides who sees an answer. sealed: the mirror is. closed: the page takes nothing more."""

    state: AnswerState
    visibility: Visibility
    sealed: bool
    closed: bool
    erased: bool = False


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
    """Where an answer stands by what is stored of it; each is None while that has not happened, and all are of a client
    who has said nothing yet."""
    return AnswerStatus(
        state_at(settles_at, settled_at, now),
        visibility or Visibility.REP,
        sealed=sealed_at is not None,
        closed=now >= closes_at,
        erased=erased_at is not None,
    )


def sight_of(reader: Reader, answer: AnswerStatus) -> Sight:
    """What `reader` may be shown of an answer.

    The client and the rules see what there is. A manager sees an answer once it has settled. A rep sees it
    once it has settled and the mirror is sealed, unless the client said "manager only". Until the mirror is
    sealed, or can be sealed no more, a rep is shown no trace of it, not even in a number that moves.
    """
    if reader is Reader.REP and not answer.sealed and not answer.closed:
        return Sight(Shows.NOTHING, HiddenBecause.GUESS_FIRST)
    if answer.erased:
        return Sight(Shows.NOTHING, HiddenBecause.ERASED)
    if reader in (Reader.CLIENT, Reader.RULES):
        return Sight(Shows.ANSWER)
    if answer.state is not AnswerState.SETTLED:
        return Sight(
            Shows.NOTHING,
            HiddenBecause.NOT_ANSWERED if answer.state is AnswerState.OPEN else HiddenBecause.ANSWERING,
        )
    if reader is Reader.MANAGER:
        return Sight(Shows.ANSWER)
    if answer.visibility == Visibility.MANAGER:
        return Sight(Shows.PICTURE, HiddenBecause.MANAGER_ONLY, among=VOICES_TO_HIDE_AMONG)
    return Sight(Shows.ANSWER) if answer.sealed else Sight(Shows.PICTURE, HiddenBecause.NOT_GUESSED)


def in_picture(sight: Sight, voices: float) -> bool:
    """May this answer count in a rolling number that is shown? voices: how many the number rests on."""
    return sight.shows is not Shows.NOTHING and voices >= sight.among


def sees_all_teams(role: Role) -> bool:
    """Owners look after every team; managers after those they were given."""
    return role == Role.OWNER


def is_manager(role: Role) -> bool:
    """Managers see the boards of their own teams; owners are managers of every team."""
    return role in (Role.MANAGER, Role.OWNER)


def reader_of(role: Role) -> Reader:
    """On whose behalf somebody who is signed in reads."""
    return Reader.MANAGER if is_manager(role) else Reader.REP
