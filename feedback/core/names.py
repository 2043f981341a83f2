"""Names of people, as far as they can be compared."""

import re
from unicodedata import combining, normalize


def holds_words(text: str, words: str) -> bool:
    """Tell whether a text holds each of these words, or its beginning, whatever the order, case and accents: "Muller
    jo" finds Jörg Müller."""
    there = folded(text).split()
    return all(any(part.startswith(word) for part in there) for word in folded(words).split())


def folded(text: str) -> str:
    """Return a text as it is searched: without case and accents."""
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))


def may_be_one_person(one: str, other: str) -> bool:
    """Could both be names of whoever has an e-mail address? When each word of the shorter is one of the longer, or
    its initial, in any order: Dana Whitfield is D. Whitfield and Whitfield, Dana, and not Tom Whitfield."""
    few, many = sorted((_words(one), _words(other)), key=len)
    for word in few:
        found = next((w for w in (word, word[0]) if w in many), None) or next(
            (w for w in many if len(word) == 1 and w.startswith(word)), None
        )
        if found is None:
            return False
        many.remove(found)
    return bool(few)


def _words(name: str) -> list[str]:
    """In small letters and without accents."""
    return re.findall(r"\w+", folded(name))
