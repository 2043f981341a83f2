"""The answer key: the token in the QR code opens the questions; the key reads, changes and erases the answer.

The rep shows the code, so whoever holds only the token must be able to read and undo nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback.core.settling import IDLE, AnswerState
from feedback.core.tokens import RANDOM_LENGTH, new_random, normalise_code


class Browser(StrEnum):
    """Whose browser a request comes from."""

    CLIENTS = "clients"
    REPS = "reps"  # a rep is signed in there, or handed it over for another code
    HANDED_OVER = "handed_over"  # a rep handed it over for this very code


class KeyKind(StrEnum):
    """How a key came about. A key made in a rep's browser (HANDED_OVER, REPS) is valid only while the client
    has the phone, and reads nothing."""

    PAGE = "page"  # by the first tap
    MAIL = "mail"  # with a receipt, which carries it
    HANDED_OVER = "lent"  # by a tap on a phone that a rep handed over (stored as "lent")
    REPS = "reps"  # by a tap where a rep is signed in


KIND_MADE_IN = {
    Browser.CLIENTS: KeyKind.PAGE,
    Browser.REPS: KeyKind.REPS,
    Browser.HANDED_OVER: KeyKind.HANDED_OVER,
}
SHORT_LIVED = {KeyKind.HANDED_OVER: Browser.HANDED_OVER, KeyKind.REPS: Browser.REPS}


def new_key() -> str:
    """Return a new key of at least 96 random bits, in letters that cannot be misread."""
    return new_random(RANDOM_LENGTH)


def normalise_key(text: str) -> str | None:
    """Return a typed or scanned key in its stored form; None when it cannot be a key. Phones make their own
    keys, so any that is well formed and long enough is accepted."""
    return normalise_code(text, RANDOM_LENGTH)


def hash_key(key: str) -> str:
    """Return what is stored of a key: its plain SHA-256, which is enough for 96 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Powers:
    """What a key permits now."""

    tap: bool = False  # rate, or change a rating
    add: bool = False  # send a comment and the one extra
    own: bool = False  # erase the answer, or dispute it so that it stops counting
    read: bool = False  # read what was said


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
    """Return what a key that has not ended permits; nothing when there is no key (kind None).

    No key reads in a rep's browser, not even in one handed over: the rep has the phone back in a minute. A
    key made in a rep's browser permits nothing in another browser, nor after the rep has signed in there
    again. It permits rating until the answer settles, and sending the extras once; it ends with them or after
    ten idle minutes.

    before_the_guess: the key was mailed to an address that a rep typed in, and the rep can still guess. The
    address may be the rep's own, so the key erases and disputes, which a manager sees, and does not read yet.
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
