"""Mailed links that sign somebody in."""

from datetime import datetime, timedelta

LINK_FOR = timedelta(minutes=15)


def link_is_good(asked_at: datetime, used_at: datetime | None, now: datetime) -> bool:
    """Tell whether a link can still sign somebody in."""
    return used_at is None and now - asked_at < LINK_FOR
