"""Who may see what, when. The only place where this is decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback.core.alerts.reasons import KINDS_FROM_GUESS, Kind
from feedback.core.settling import AnswerState, state_at


class NotFound(LookupError):
    """Raised when a thing does not exist or belongs to somebody else; the answer (404) does not tell
    which."""


class Forbidden(PermissionError):
    """Raised when a thing exists, but this role may not see or change it (403)."""


class WorksAgreement(Forbidden):
    """Raised when a figure about one person is asked for, and a works agreement says that nobody gets it."""


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
    TEAMS = "teams"  # the same where a works agreement leaves them the figures of teams
    CLIENT = "client"  # whoever holds the answer key
    RULES = "rules"  # the score and the alert rules, which show the answer to nobody


class Shows(StrEnum):
    """How much of an answer a reader may be shown."""

    ANSWER = "answer"  # the ratings and words by themselves
    WORDS = "words"  # the client's words and what was rated low, without any figure
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

    @property
    def in_words(self) -> bool:
        """Whether only words of it may be shown."""
        return self.shows is Shows.WORDS


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
    if reader is Reader.TEAMS:
        return AnswerAccess(Shows.WORDS)
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


def sees_progress(reader: Reader, answer: AnswerStatus, *, in_a_room: bool) -> bool:
    """Tell whether a reader may see how far a client is: opened, so many of six taps, done. Of people who share one code
    in a room a rep hears nothing, not even that, before the guess is sealed: nobody there sees who has answered."""
    return reader is not Reader.REP or not in_a_room or answer.sealed or answer.closed


def sees_guess(reader: Reader, *, sealed: bool) -> bool:
    """Tell whether a reader may see a rep's guess: a client never, nor whoever sees figures of teams alone; others once it
    is sealed, and the rep before."""
    if reader in (Reader.CLIENT, Reader.TEAMS):
        return False
    return sealed or reader in (Reader.REP, Reader.RULES)


def shows_reason(reader: Reader, kind: Kind) -> bool:
    """Tell whether a reader may be shown a reason of an alert: what tells how a rep guessed is no business of whoever
    sees figures of teams alone."""
    return reader is not Reader.TEAMS or kind not in KINDS_FROM_GUESS


def counts_in_rolling_numbers(access: AnswerAccess, voices: float) -> bool:
    """Tell whether this answer may count in a rolling number that is shown. voices: how many it rests on."""
    return access.shows is not Shows.NOTHING and voices >= access.voices_needed


def sees_all_teams(role: Role) -> bool:
    """Tell whether this role sees every team: owners do, managers see only the teams assigned to them."""
    return role == Role.OWNER


def is_manager(role: Role) -> bool:
    """Tell whether this role is a manager of some team: managers of their own teams, owners of every team."""
    return role in (Role.MANAGER, Role.OWNER)


def reader_of(role: Role, *, works_agreement: bool) -> Reader:
    """Return on whose behalf a signed-in user of this role reads answers."""
    return manager_reader(works_agreement=works_agreement) if is_manager(role) else Reader.REP


def manager_reader(*, works_agreement: bool) -> Reader:
    """Return on whose behalf managers, and what is sent to them or to other systems, read answers."""
    return Reader.TEAMS if works_agreement else Reader.MANAGER


# Under a works agreement a figure of a group comes from so many people at least.
LEAST_GROUP = 5


@dataclass(frozen=True, slots=True)
class FigureAccess:
    """Which figures about reps somebody may be shown, beside the own ones."""

    by_person: bool  # of each rep, of their clients one by one, and what they guessed
    colleagues: bool  # for a rep: of all other reps, too
    ranked: bool  # who is before whom
    least: int  # people that a figure of a group comes from, at least

    def require_by_person(self) -> None:
        """Raise WorksAgreement where figures by person are shown to nobody but the person."""
        if not self.by_person:
            raise WorksAgreement("figures by person")


def figure_access(role: Role, *, works_agreement: bool, reps_see_all: bool = False) -> FigureAccess:
    """Decide which figures about reps a person of this role may be shown. Under a works agreement nobody is ranked,
    managers and owners see groups of at least LEAST_GROUP people, and reps themselves alone. reps_see_all: the
    organisation shows reps the whole leaderboard; a works agreement goes before it."""
    manages = is_manager(role)
    return FigureAccess(
        by_person=not (manages and works_agreement),
        colleagues=reps_see_all and not manages and not works_agreement,
        ranked=not works_agreement,
        least=LEAST_GROUP if works_agreement else 1,
    )


def chat_role(*, managers_only: bool, of_a_team: bool) -> Role:
    """Decide as whom a chat channel reads: nobody here knows who sits in it, so that it reads as the least of those who
    might, a rep. Where an owner says that nobody but managers reads it, it reads as a manager of its team, or as an
    owner where it is of all teams."""
    if not managers_only:
        return Role.REP
    return Role.MANAGER if of_a_team else Role.OWNER


def sees_alerts(role: Role) -> bool:
    """Tell whether this role is told of alerts: they say what a client answered before the rep has guessed, and to reps
    what clients of others said."""
    return is_manager(role)
