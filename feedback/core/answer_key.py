"""The answer key: the token in the code asks, the key reads, changes and erases.

The rep shows the code, so whoever holds only the token must not learn or undo anything.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback.core.settling import IDLE, AnswerState
from feedback.core.tokens import RANDOM_LENGTH, new_random, normalise_code


class Browser(StrEnum):
    """Whose browser a request comes from. reps: a rep is signed in there, or handed it over for another code.
    handed_over: a rep handed it over for this very code."""

    CLIENTS = "clients"
    REPS = "reps"
    HANDED_OVER = "handed_over"


class KeyKind(StrEnum):
    """page: made by the first tap. mail: sent with a receipt. lent, reps: made by a tap on a phone that a rep handed
    over, or where a rep is signed in; such a key lives only while the client has the phone, and reads nothing."""

    PAGE = "page"
    MAIL = "mail"
    LENT = "lent"
    REPS = "reps"


MADE_IN = {Browser.CLIENTS: KeyKind.PAGE, Browser.REPS: KeyKind.REPS, Browser.HANDED_OVER: KeyKind.LENT}
SHORT_LIVED = {KeyKind.LENT: Browser.HANDED_OVER, KeyKind.REPS: Browser.REPS}


def new_key() -> str:
    """96 random bits or more, in letters nobody can misread."""
    return new_random(RANDOM_LENGTH)


def normalise_key(text: str) -> str | None:
    """A key as it was typed or scanned; None when it cannot be one. A phone makes its own, so any that is well formed
    and long enough may come."""
    return normalise_code(text, RANDOM_LENGTH)


def hash_key(key: str) -> str:
    """What is stored of a key. Plain SHA-256: nobody guesses 96 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Powers:
    """What a key opens now. tap: rate, or change a rating. add: a comment and the one extra. own: erase it, dispute it
    so that it stops counting. read: what was said."""

    tap: bool = False
    add: bool = False
    own: bool = False
    read: bool = False


def powers(
    kind: KeyKind | None,
    *,
    browser: Browser,
    state: AnswerState,
    last_change_at: datetime | None,
    extras_sent: bool,
    now: datetime,
    before_the_guess: bool = False,
) -> Powers:
    """What a live key opens; nothing for none (kind None).

    In a rep's browser no key reads, be it handed over: the rep has the phone back in a minute. A key made in one opens
    nothing elsewhere, nor once the rep has signed in there again. It rates until the answer settles, takes the extras
    once, and ends with them or after ten idle minutes.

    before_the_guess: a rep typed in the address that the key was mailed to, and can still guess. It may be the rep's own:
    it erases and disputes, which a manager sees, and reads nothing yet.
    """
    if kind in SHORT_LIVED:
        idle = last_change_at is not None and now - last_change_at >= IDLE
        alive = browser is SHORT_LIVED[kind] and not extras_sent and not idle
        return Powers(tap=alive and state is not AnswerState.SETTLED, add=alive)
    if kind is None or browser is not Browser.CLIENTS:
        return Powers()
    if kind is KeyKind.MAIL and before_the_guess:
        return Powers(own=True)
    return Powers(tap=True, add=True, own=True, read=True)
