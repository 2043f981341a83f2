"""An organisation's own words for the six rows and the five ratings, in each language. Empty is the standard word."""

import unicodedata
from collections.abc import Mapping
from math import ceil

from feedback.core.dimensions import DIMENSIONS, HIGHEST, LOWEST

RATINGS = tuple(f"rating_{value}" for value in range(LOWEST, HIGHEST + 1))
NAMES = (*DIMENSIONS, *RATINGS)  # of all the words
# In letters as wide as an n. So much has room in one line on a phone of 360 pixels in DejaVu Sans, the widest of what
# phones and desktops write in (tests/browser/test_one_screen.py).
WIDEST_ROW, WIDEST_RATING = 25, 9
_NARROW, _SLIM, _WIDE = (
    frozenset("iljI.,:;'’!|·"),
    frozenset('tfr()-"“” '),
    frozenset("mwMWшщжюфыдмтШЩЖЮФЫДМ%@—…"),
)
_JOINERS = "\u200c\u200d"  # that Persian and Hindi are written with

Words = Mapping[str, str]  # by the names above; without those that stay as they are


def widest(name: str) -> int:
    """Return how wide a word may be."""
    return WIDEST_RATING if name in RATINGS else WIDEST_ROW


def one_line(text: str) -> str:
    """Return a text in one line, without spaces around and what cannot be seen: control characters, marks that turn the
    direction of writing, private ones."""
    seen = (c for c in text if c in _JOINERS or c.isspace() or unicodedata.category(c)[0] != "C")
    found = unicodedata.normalize("NFC", " ".join("".join(seen).split()))
    return found if found.strip(_JOINERS) else ""


def width(text: str) -> float:
    """Return how wide a text is, in letters as wide as an n."""
    return sum(_width_of(c) for c in text)


def _width_of(c: str) -> float:
    category = unicodedata.category(c)
    if category in ("Mn", "Me", "Cf"):
        return 0
    if unicodedata.east_asian_width(c) in "WF" or category == "So":
        return 1.5
    if c in _WIDE:
        return 1.4
    if c in _NARROW or c in _SLIM:
        return 0.5 if c in _NARROW else 0.7
    return 1.1 if category == "Lu" or "\u0400" <= c <= "\u04ff" else 1  # Cyrillic is wider than Latin


def checked_words(given: Mapping[str, str], standard: Words) -> tuple[dict[str, str], dict[str, str]]:
    """Return the words that differ from the standard ones, all of which `standard` has; and what is wrong, by name."""
    typed = {name: one_line(given.get(name, "")) for name in NAMES}
    kept = {name: text for name, text in typed.items() if text and text != standard[name]}
    whole = {**standard, **kept}
    reasons = {
        name: f"Too long for a phone by about {ceil(width(text) - widest(name))} letters."
        for name, text in kept.items()
        if width(text) > widest(name)
    }
    for group in (DIMENSIONS, RATINGS):
        for at, name in enumerate(group):
            if name not in reasons and whole[name] in [whole[other] for other in group[:at]]:
                reasons[name] = "Two of them would read alike."
    return kept, reasons
