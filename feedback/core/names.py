"""Names of people, as far as they can be compared."""

from feedback.core.finding import folded


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
    return folded(name).split()
