"""Invitation tokens: an organisation's code, then at least 96 random bits nobody can misread."""

import secrets
from math import ceil, log2

# No vowels (no words), and none of 0 O, 1 I L, 2 Z, 5 S, 8 B: nothing that looks like something else.
ALPHABET = "34679CDFGHJKMNPQRTVWXY"
CODE_LENGTH = 4
RANDOM_BITS = 96
RANDOM_LENGTH = ceil(RANDOM_BITS / log2(len(ALPHABET)))
TOKEN_LENGTH = CODE_LENGTH + RANDOM_LENGTH
TRAILING = ".,;:!?)]}>'\"»”’…。"


def new_code() -> str:
    """A public code for an organisation."""
    return new_random(CODE_LENGTH)


def new_token(code: str) -> str:
    """A token for one invitation of the organisation with this code."""
    return code + new_random(RANDOM_LENGTH)


def normalise_token(text: str) -> str | None:
    """What was typed or scanned, in any case; None when it cannot be a token. Dashes and spaces are ignored, and
    the full stop or bracket that a mail program took into the link."""
    return normalise_code(text, TOKEN_LENGTH)


def normalise_code(text: str, length: int) -> str | None:
    """The letters of a code of that length; None when it cannot be one."""
    letters = "".join(text.upper().replace("-", "").split()).rstrip(TRAILING)
    return letters if len(letters) == length and set(letters) <= set(ALPHABET) else None


def code_of(token: str) -> str:
    """The public code of its organisation, with which a normalised token begins."""
    return token[:CODE_LENGTH]


def spell_token(token: str) -> str:
    """In groups of four, for reading aloud."""
    return "-".join(token[i : i + 4] for i in range(0, len(token), 4))


def new_random(length: int) -> str:
    """That many random letters of the alphabet, of about 4.46 bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
