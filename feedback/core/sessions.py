"""How long somebody stays signed in, and how a browser is called in words."""

import re
from datetime import datetime, timedelta

IDLE = timedelta(days=14)  # without a look at a page; then the session ends
LONGEST = timedelta(days=30)  # after signing in; then it ends, however busy it is
PROVED_FOR = timedelta(minutes=10)  # after a password or another factor was shown; then it is asked for again
SEEN_EVERY = timedelta(minutes=10)  # at most so often is it written down that it was used

# The first that is found in what a browser says of itself; each browser claims to be those below it, too.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS|Chromium", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "Chromebook"), ("Windows", "Windows"),
    ("Macintosh|Mac OS X", "Mac"), ("Linux|X11", "Linux"),
)  # fmt: skip


def earliest_seen(now: datetime) -> datetime:
    """Return when a session must have been used at least to go on."""
    return now - IDLE


def earliest_start(now: datetime) -> datetime:
    """Return when a session must have begun at the earliest to go on."""
    return now - LONGEST


def is_due(seen_at: datetime, now: datetime) -> bool:
    """Tell whether it is time to write down again that a session is used."""
    return now - seen_at >= SEEN_EVERY


def is_proved(proved_at: datetime | None, now: datetime) -> bool:
    """Tell whether somebody has shown lately enough who they are to do what would hurt most."""
    return proved_at is not None and now - proved_at < PROVED_FOR


def device_label(user_agent: str) -> str:
    """Return a browser in words, such as "Safari on iPhone", from its User-Agent header."""
    browser = _first(_BROWSERS, user_agent) or "A browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _first(named: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for pattern, name in named if re.search(pattern, user_agent)), None)
