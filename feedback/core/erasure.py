"""Taking somebody out of texts that others wrote."""

import re
import unicodedata
from collections.abc import Iterable

ERASED = "Erased person"
QUOTED = 20  # letters in a row that are a quote
QUOTED_SIGNS = 8  # likewise, in writing whose words are a sign or two
QUOTE_GONE = "…"


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


def without_quotes(text: str, said: str) -> str:
    """Return a text with "…" in place of what it quotes of a comment. A quote is a row of letters and digits that are the
    same, whatever their case and whatever stands between them: QUOTED of them, or QUOTED_SIGNS where a word is a sign or
    two, as in Chinese; of a comment that is shorter the whole, where it is half as long. Whole words are taken out."""
    text, spoken = unicodedata.normalize("NFC", text), "".join(letter for letter, _ in _letters(said))
    of_signs = any(unicodedata.east_asian_width(letter) in "WF" for letter in spoken)
    least = QUOTED_SIGNS if of_signs else QUOTED
    row = min(least, len(spoken))
    if 2 * row < least:
        return text
    rows = {spoken[at : at + row] for at in range(len(spoken) - row + 1)}
    found = _letters(text)
    written = "".join(letter for letter, _ in found)
    quotes: list[tuple[int, int]] = []  # from which letter to which
    for at in range(len(written) - row + 1):
        if written[at : at + row] in rows:
            begins = quotes.pop()[0] if quotes and at <= quotes[-1][1] else at
            quotes.append((begins, at + row))
    for first, end in reversed(quotes):
        begins, ends = found[first][1], found[end - 1][1] + 1
        if not of_signs:
            begins, ends = _whole_words(text, begins, ends)
        text = text[:begins] + QUOTE_GONE + text[ends:]
    return text


def _letters(text: str) -> list[tuple[str, int]]:
    """Return the letters and digits of a text as they are compared, each with its place."""
    composed = unicodedata.normalize("NFC", text)
    return [(small, at) for at, each in enumerate(composed) if each.isalnum() for small in each.casefold()]


def _whole_words(text: str, begins: int, ends: int) -> tuple[int, int]:
    """Return where the words begin and end that are between two places; of one long word all of it."""
    words = [
        match.span() for match in re.finditer(r"\w+", text) if match.end() > begins and match.start() < ends
    ]
    whole = [span for span in words if span[0] >= begins and span[1] <= ends] or words
    return whole[0][0], whole[-1][1]
