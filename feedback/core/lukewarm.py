"""Hearing "fine". 72 % of one firm's lost clients had said "satisfied" or "very satisfied"."""

import re
from functools import cache

from feedback.core.dimensions import FINE, GOOD, Ratings
from feedback.core.lukewarm_words import FILLERS, LUKEWARM

HIGHEST_FINE_MEAN = 3.5


def is_fine(ratings: Ratings, comment: str | None = None) -> bool:
    """Lukewarm: all six rated with no 5, no 1 or 2 and a mean of at most 3.5, or a comment that says
    nothing but lukewarm words, in whatever language."""
    return lukewarm_ratings(ratings) or lukewarm_words(comment or "")


def lukewarm_ratings(ratings: Ratings) -> bool:
    known = [r for r in ratings if r is not None]
    if len(known) < len(ratings):
        return False
    return all(r in (FINE, GOOD) for r in known) and sum(known) / len(known) <= HIGHEST_FINE_MEAN


def lukewarm_words(comment: str) -> bool:
    """Does the comment consist of lukewarm words and fillers alone, with at least one of the former?"""
    text = " ".join(re.sub(r"[^\w\s]", " ", comment.casefold()).split())
    return bool(text) and bool(_pattern().fullmatch(text)) and bool(_some_word().search(text))


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:(?:{_any_of(LUKEWARM)}|{_any_of(FILLERS)})\s*)+")


@cache
def _some_word() -> re.Pattern[str]:
    return re.compile(_any_of(LUKEWARM))


def _any_of(phrases: dict[str, tuple[str, ...]]) -> str:
    """Longest first, and whole words where the script has them."""
    words = {" ".join(re.sub(r"[^\w\s]", " ", p.casefold()).split()) for ps in phrases.values() for p in ps}
    return "|".join(_whole(word) for word in sorted(words, key=lambda w: (-len(w), w)))


def _whole(word: str) -> str:
    """Chinese, Japanese and Thai put no space between words; the others do."""
    spaced = not re.search(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]", word)
    return rf"\b{re.escape(word)}\b" if spaced else re.escape(word)
