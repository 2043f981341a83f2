"""Rules for passwords. Length is what counts; rules about characters only make people write the password
down."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SHORTEST, LONGEST = 12, 200  # characters of a new one
LEFT_OVER = 8  # characters that are not the person's own name or the like
_LEET = str.maketrans("@4310$57!", "aaeiosstl")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "01234567890123456789",
)
_EASY = "This password is one of the first that anybody would try."


def password_problem(password: str, own: Iterable[str] = ()) -> str | None:
    """Return why this password is not accepted, in words for the person who chose it; None when it is. own: what
    others know of the person: name, e-mail address, organisation."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; a short sentence does well."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < 4 or _is_common(password):
        return _EASY
    if len(_without(password, own)) < LEFT_OVER:
        return "This password is little more than your name, address or organisation. Add some words of your own."
    return None


def password_strength(password: str) -> str:
    """Return in words how strong an accepted password is."""
    words, length = len(re.findall(r"\w+", password)), len(password)
    if length >= 20 and (words >= 3 or len(set(password)) >= 12):
        return "very strong"
    if length >= 16 and len(set(password)) >= 8:
        return "strong"
    return "good enough; a longer one would be stronger"


def _is_common(password: str) -> bool:
    """Tell whether it is a common password, or one with figures and signs around it, or one several times over, or a
    walk along the keyboard."""
    plain = password.casefold()
    letters = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    forms = {
        plain,
        letters,
        re.sub(r"^[\W_]+|[\W\d_]+$", "", plain).translate(_LEET),
        letters.translate(_LEET),
    }
    return any(_once(form) in _common() or _is_walk(form) for form in forms if form) or not letters


def _once(text: str) -> str:
    """Return the part that a text repeats, the text itself when it repeats none."""
    return text[: (text + text).index(text, 1)]


def _is_walk(text: str) -> bool:
    return len(text) >= 4 and any(text in row * 2 or text[::-1] in row * 2 for row in _ROWS)


def _without(password: str, own: Iterable[str]) -> str:
    """Return the letters and figures that are left when what others know is taken out."""
    left = password.casefold()
    for word in sorted(_words(own), key=len, reverse=True):
        left = left.replace(word, "")
    return re.sub(r"[\W_]", "", left)


def _words(own: Iterable[str]) -> set[str]:
    return {word for text in own for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= 4}


@cache
def _common() -> frozenset[str]:
    return frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())
