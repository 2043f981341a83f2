"""Taking somebody out of texts that others wrote."""

import re
from collections.abc import Iterable

ERASED = "Erased person"


def erased_name(code: str) -> str:
    """Return what somebody who was erased is called. code: letters that tell two of them apart, and say nothing."""
    return f"{ERASED} {code}"


def words_naming(name: str, email: str | None) -> list[str]:
    """Return the words by which somebody is looked for in what others wrote: the e-mail address, and the whole name. A
    name of one word, such as Will, is none of them: it is too often another person, or no name at all. In writing that
    has no capitals, such as Chinese, a name is one word, and is looked for."""
    tidy = " ".join(name.split())
    telling = " " in tidy or (len(tidy) > 1 and tidy.lower() == tidy.upper())
    return [*([email] if email else []), *([tidy] if telling else [])]


def without(text: str, words: Iterable[str]) -> str:
    """Return a text with each of these words replaced, whatever the case and the spaces in them."""
    for each in words:
        text = re.sub(_pattern(each), ERASED, text, flags=re.IGNORECASE)
    return text


def _pattern(words: str) -> str:
    found = r"\s+".join(re.escape(word) for word in words.split())
    return rf"(?<!\w){found}(?!\w)" if words.lower() != words.upper() else found
