"""Texts that people wrote, made safe to print."""


def quoted(text: str) -> str:
    """Return a text in quotes, cut to 40 characters, with control characters escaped (a terminal would obey
    them)."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
