"""Invitation tokens: an organisation's code, then at least 96 random bits in letters that cannot be
misread."""

import secrets
from math import ceil, log2

# No vowels, so that no words arise, and none of 0 O, 1 I L, 2 Z, 5 S, 8 B, which look alike.
ALPHABET = "34679CDFGHJKMNPQRTVWXY"
PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
CODE_LENGTH = 4
RANDOM_BITS = 96
RANDOM_LENGTH = ceil(RANDOM_BITS / log2(len(ALPHABET)))
TOKEN_LENGTH = CODE_LENGTH + RANDOM_LENGTH
TRAILING = ".,;:!?)]}>'\"»”’…。"  # characters that mail programs take into a link by mistake


def new_code() -> str:
    """Return a new public code for an organisation."""
    return new_random(CODE_LENGTH)


def new_token(code: str) -> str:
    """Return a new token for one invitation of the organisation with this code."""
    return code + new_random(RANDOM_LENGTH)


def normalise_token(text: str) -> str | None:
    """Return the token that was typed or scanned, in capitals; None when it cannot be one. Ignores case,
    dashes, spaces, and the full stop or bracket that a mail program took into the link."""
    return normalise_code(text, TOKEN_LENGTH)


def normalise_code(text: str, length: int) -> str | None:
    """Return the letters of a code of that length, as normalise_token does; None when it cannot be one."""
    letters = "".join(text.upper().replace("-", "").split()).rstrip(TRAILING)
    return letters if len(letters) == length and set(letters) <= set(ALPHABET) else None


def code_of(token: str) -> str:
    """Return the public code of the organisation, with which a normalised token begins."""
    return token[:CODE_LENGTH]


def spell_token(token: str) -> str:
    """Return a token in groups of four, for reading aloud."""
    return "-".join(token[i : i + 4] for i in range(0, len(token), 4))


def new_random(length: int) -> str:
    """Return `length` random letters of ALPHABET, of about 4.46 bits each. They are drawn as one number, and read two at
    a time: a draw for each letter cost an import an eighth of its time."""
    number = secrets.randbelow(len(ALPHABET) ** length)
    pairs = []
    for _ in range((length + 1) // 2):
        number, place = divmod(number, len(PAIRS))
        pairs.append(PAIRS[place])
    return "".join(reversed(pairs))[-length:]
