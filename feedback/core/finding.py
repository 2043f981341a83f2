"""Finding people by what somebody types: without accents, word by word, in any order, in any script.

The same few steps can be taken in a browser: NFKD, small letters, without the marks, these letters in place of those,
everything that is no letter, mark or digit is a space, and each Chinese or Japanese letter is a word. What is found has a
word that begins with each word that was typed.
"""

import re
from unicodedata import category, normalize

MOST_WORDS = 8  # of a search
LONGEST_TEXT = (
    600  # characters that are stored to search in; an index of PostgreSQL takes rows of 2,700 bytes
)
# Accents, Hebrew points, Arabic vowel signs, and what makes か into が. Vowels of Indian and Thai writing stay.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u3099\u309a]")
_APOSTROPHES = re.compile("['`\u00b4\u02b9-\u02bf\u055a\u05f3\u05f4\u2018\u2019\u2032\uff07]")
_WORDS_OF_ONE = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
# Letters that no decomposition takes apart, and the plain ones that people type instead.
_PLAIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
        "ı": "i", "ŋ": "n", "ς": "σ", "ي": "ی", "ى": "ی", "ك": "ک",
    }
)  # fmt: skip


def folded(text: str) -> str:
    """Return a text as it is searched: "Jörg O'Brien-Łoś" is "jorg obrien los". Single spaces between words, none at the
    ends. Folding twice changes nothing."""
    letters = _MARKS.sub("", normalize("NFKD", normalize("NFKD", text).casefold()))
    plain = _WORDS_OF_ONE.sub(r" \1 ", _APOSTROPHES.sub("", letters).translate(_PLAIN))
    return " ".join("".join(c if category(c)[0] in "LMN" else " " for c in plain).split())


def search_words(text: str) -> list[str]:
    """Return the words of a search, at most MOST_WORDS."""
    return list(dict.fromkeys(folded(text).split()))[:MOST_WORDS]


def holds_words(text: str, words: str) -> bool:
    """Tell whether a text has a word that begins with each of these, whatever the order, case and accents: "Muller jo"
    finds Jörg Müller. Nothing is found by signs alone."""
    return has_words(search_text(text), words)


def has_words(stored: str, words: str) -> bool:
    """Tell the same of what is stored to search in (search_text)."""
    wanted = search_words(words)
    return all(f" {word}" in f" {stored}" for word in wanted) if wanted else not words.strip()


def search_text(*parts: str | None) -> str:
    """Return what is stored to search in: all that something may be looked for by. Of a contact these are name, company,
    address, and then the names and addresses of who was joined with them."""
    spelled = [each for part in parts if part for each in _spellings(part)]
    return " ".join(filter(None, map(folded, spelled)))[:LONGEST_TEXT]


def _spellings(part: str) -> list[str]:
    """Return a name as it is searched: who is called d'Arc is found by darc, and by arc."""
    apart = _APOSTROPHES.sub(" ", part)
    return [part] if apart == part else [part, apart]


def with_words(stored: str | None, *parts: str | None) -> str:
    """Return what is stored to search in with more to look for."""
    return " ".join(filter(None, (stored, search_text(*parts))))[:LONGEST_TEXT]
