"""Texts that people wrote, made safe to print."""

import unicodedata

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # with which a formula may begin


def quoted(text: str) -> str:
    """Return a text in quotes, cut to 40 characters, with control characters escaped (a terminal would obey
    them)."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def safe_cell(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would take for a formula (OWASP on CSV injection)."""
    return f"'{text}" if text[:1] in _FORMULA else text


def unsafe_cell(text: str) -> str:
    """Take off the apostrophe that `safe_cell` put before a cell."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1:2] in _FORMULA else text


_JOINERS = "\u200c\u200d"  # inside words of Persian and of India, and inside emojis
_ISOLATE, _ENDS = "\u2068", "\u2069"


def one_line(text: str, longest: int) -> str:
    """Return a text on one line, with an ellipsis where it was longer: without control characters, and without the
    invisible ones that turn the direction of what follows."""
    kept = "".join(
        " " if letter.isspace() or unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in text
        if letter in _JOINERS or unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    line = " ".join(kept.split())
    return line if len(line) <= longest else f"{_cut(line, longest - 1)}…"


def visible(text: str) -> str:
    """Return a text without the invisible characters that mean nothing in a name: marks of direction, spaces of no width,
    the mark of an encoding. Copied along with a name, they make two of one."""
    if text.isascii():
        return text
    kept = (letter for letter in text if letter in _JOINERS or unicodedata.category(letter) != "Cf")
    return "".join(kept).strip(_JOINERS)


def isolated(name: str) -> str:
    """Return a name so that its direction neither takes nor gives anything to the text around it, where it has letters
    that are written from right to left."""
    turns = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return f"{_ISOLATE}{name}{_ENDS}" if turns else name


def _cut(line: str, length: int) -> str:
    """Cut a line, but not between a letter and what belongs to it."""
    while length > 1 and (
        unicodedata.combining(line[length]) or line[length] in _JOINERS or line[length - 1] in _JOINERS
    ):
        length -= 1
    return line[:length].rstrip()
