"""Codes that are reserved on a rep's phone while it has a network, for meetings that begin without one."""

from datetime import datetime, timedelta

STOCK = 5  # unused codes on one phone
MOST_USABLE = 25  # codes that one rep has reserved and not used, on all phones
USABLE_FOR = timedelta(days=7)  # that a phone may show a code which was reserved
KNOWN_FOR = timedelta(days=14)  # until its meeting has to have reached the server


def how_many(on_the_phone: int, usable: int) -> int:
    """Return how many codes a phone gets. on_the_phone: how many it says it has; usable: how many the rep has reserved
    by what is stored."""
    return max(0, min(STOCK - max(on_the_phone, 0), MOST_USABLE - usable))


def when_held(reserved_at: datetime, ago: timedelta, now: datetime) -> datetime:
    """Return when a meeting was held of which a phone says how long ago that was: never before its code was reserved, and
    never in the future, whatever the phone says."""
    return now - min(max(ago, timedelta()), max(now - reserved_at, timedelta()))
