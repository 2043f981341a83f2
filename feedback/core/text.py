"""Words that people wrote, as they may be shown again."""


def quoted(text: str) -> str:
    """What somebody wrote, quoted, short, and without anything a terminal would obey."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
