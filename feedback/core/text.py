"""Texts that people wrote, made safe to print."""

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
