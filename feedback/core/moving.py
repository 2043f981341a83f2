"""To what time a meeting may be moved, while no client has answered about it."""

from datetime import datetime, timedelta

FARTHEST_BACK = timedelta(days=7)


def bounds(made_at: datetime) -> tuple[datetime, datetime]:
    """Return the earliest and the latest moment that a meeting can have been held whose code was made then. Not later:
    an address that was typed after the meeting began is a signal, and stays one."""
    return made_at - FARTHEST_BACK, made_at


def can_be_moved(made_at: datetime, held_at: datetime) -> bool:
    """Tell whether a meeting whose code was made then may have been held at a moment."""
    earliest, latest = bounds(made_at)
    return earliest <= held_at <= latest
