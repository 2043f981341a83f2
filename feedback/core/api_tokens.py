"""Tokens by which other programs come in: what they look like, what they may do, and how long they are good."""

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum

from feedback.core.tokens import ALPHABET, CODE_LENGTH, new_random

PREFIX = "bd_"  # by which scanners of leaked secrets know one
SECRET_LENGTH = 36  # letters of ALPHABET: 160 random bits
_TOKEN = re.compile(f"{PREFIX}([{ALPHABET}]{{{CODE_LENGTH}}})_([{ALPHABET}]{{{SECRET_LENGTH}}})")
HINT_LENGTH = 4  # last letters, which tell tokens apart in a list
LONGEST = 366  # days that a token may be good for
USUAL = 90
USED_EVERY = timedelta(minutes=10)  # at most so often is it written down that it was used


class Scope(StrEnum):
    """What a token may be used for. It never allows more than its person may do."""

    READ = "read"  # look at everything its person sees
    ASK = "ask"  # begin meetings, and get their codes and addresses
    WRITE = "write"  # what else reps and managers do: guesses, promises, alerts, contacts
    ADMIN = "admin"  # people, teams, and handing clients over


class TokenKind(StrEnum):
    """Whose a token is."""

    OWN = "own"  # a person's: it sees and does what they may, and ends with them
    ORGANISATION = "organisation"  # of a system of the organisation: it reads what an owner may


class TokenState(StrEnum):
    """Whether a token lets anybody in."""

    GOOD = "good"
    EXPIRED = "expired"
    ENDED = "ended"
    NOBODY = "nobody"  # its person signs in no more, or may not have such a token any more


def new_api_token(code: str) -> str:
    """Return a new token of the organisation with this public code."""
    return f"{PREFIX}{code}_{new_random(SECRET_LENGTH)}"


def organisation_code(token: str) -> str | None:
    """Return the public code of the organisation whose token this is; None for what is no token."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def looks_like_token(text: str) -> bool:
    """Tell whether a text is, or begins, like a token."""
    return text.strip().startswith(PREFIX)


def api_token_hash(token: str) -> str:
    """Return what is stored of a token. It has 160 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_state(
    now: datetime, *, expires_at: datetime, ended_at: datetime | None, person: bool
) -> TokenState:
    """Return whether a token is good. person: whether whom it acts for may still have it."""
    if ended_at is not None:
        return TokenState.ENDED
    if now >= expires_at:
        return TokenState.EXPIRED
    return TokenState.GOOD if person else TokenState.NOBODY


def use_is_due(used_at: datetime | None, now: datetime) -> bool:
    """Tell whether it is time to write down again that a token is used."""
    return used_at is None or now - used_at >= USED_EVERY
