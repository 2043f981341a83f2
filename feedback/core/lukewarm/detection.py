"""Detection of lukewarm answers. 72 % of one firm's lost clients had said "satisfied" or "very satisfied"."""

import re
from functools import cache
from unicodedata import category, normalize

from feedback.core.dimensions import FINE, GOOD, Ratings
from feedback.core.lukewarm.vocabulary import FILLERS, LUKEWARM

HIGHEST_FINE_MEAN = 3.5
LONGEST_LUKEWARM_COMMENT = 200  # characters; a longer comment is never lukewarm
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


def is_fine(ratings: Ratings, comment: str | None = None) -> bool:
    """Tell whether an answer is lukewarm: all six rated with no 5, no 1 or 2 and a mean of at most 3.5, or a
    comment that consists of lukewarm words alone, in any language."""
    return lukewarm_ratings(ratings) or lukewarm_words(comment or "")


def lukewarm_ratings(ratings: Ratings) -> bool:
    """Tell whether all six are rated, with no 5, no 1 or 2, and a mean of at most 3.5 (design, "fine")."""
    known = [r for r in ratings if r is not None]
    if len(known) < len(ratings):
        return False
    return all(r in (FINE, GOOD) for r in known) and sum(known) / len(known) <= HIGHEST_FINE_MEAN


def lukewarm_words(comment: str) -> bool:
    """Tell whether the comment consists of lukewarm words and fillers alone, with at least one of the former.

    Visits each position that a sequence of such words can end at once, so the time is bounded by the length
    of the comment times the number of words.
    """
    text = _normalised(comment)
    if not text or len(text) > LONGEST_LUKEWARM_COMMENT:
        return False
    # Per position that words end at: does some sequence of words up to it contain a lukewarm one?
    reached: dict[int, bool] = {0: False}
    for position in range(len(text)):
        if position not in reached:
            continue
        for word, lukewarm in _lukewarm_by_phrase().items():
            end = position + len(word)
            if text.startswith(word, position) and _ends_a_word(text, end, word):
                after = end + text[end : end + 1].isspace()
                reached[after] = reached.get(after, False) or reached[position] or lukewarm
    return reached.get(len(text), False)


@cache
def _lukewarm_by_phrase() -> dict[str, bool]:
    """Return every filler and lukewarm phrase as it is compared, and whether it is lukewarm."""
    fillers = {_normalised(phrase): False for phrases in FILLERS.values() for phrase in phrases}
    return fillers | {_normalised(phrase): True for phrases in LUKEWARM.values() for phrase in phrases}


def _normalised(text: str) -> str:
    """Reduce a text to letters and digits without case and single spaces. Marks that belong to a letter
    stay."""
    letters = "".join(
        c if c.isalnum() or category(c).startswith("M") else " " for c in normalize("NFKC", text).casefold()
    )
    return " ".join(letters.split())


def _ends_a_word(text: str, end: int, word: str) -> bool:
    """Tell whether `word`, which ends at `end`, ends there as a word. Chinese, Japanese and Thai put no space
    between words; other languages do."""
    return end == len(text) or text[end].isspace() or bool(_UNSPACED.search(word))
