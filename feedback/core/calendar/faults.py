"""Why a calendar cannot be read from its address, and how long it is tried."""

from datetime import datetime, timedelta
from enum import StrEnum

READ_EVERY = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)  # between two tries of an address that fails


class SourceKind(StrEnum):
    """What an address of a calendar leads to."""

    ICS = "ics"  # a file
    CALDAV = "caldav"  # a server of calendars


class CalendarFault(StrEnum):
    """Why the last try to read a calendar came to nothing."""

    ADDRESS = "address"  # no server has this name
    PRIVATE = "private"  # it leads into a private network
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    TIME = "time"
    SIGN_IN = "sign_in"  # 401, 403
    GONE = "gone"  # 404, 410
    SERVER = "server"  # it answers with an error
    REDIRECTS = "redirects"  # too many, or to nowhere
    SIZE = "size"
    CALENDAR = "calendar"  # what comes is no calendar that can be read
    KEY = "key"  # the address cannot be decrypted with this server's key


# For so long an address is tried that fails: the first are hardly ever a passing trouble.
_FOR_GOOD = (CalendarFault.SIGN_IN, CalendarFault.GONE, CalendarFault.PRIVATE)
_TRIED_FOR, _TRIED_LONGEST = timedelta(days=3), timedelta(days=14)


def gives_up(fault: CalendarFault, failing_since: datetime, now: datetime) -> bool:
    """Tell whether an address is tried no more that has failed since then."""
    return now - failing_since >= (_TRIED_FOR if fault in _FOR_GOOD else _TRIED_LONGEST)


def next_try(failing_since: datetime, now: datetime) -> datetime:
    """Return when an address that fails is tried again: the longer it has failed, the later."""
    return now + min(max(READ_EVERY, (now - failing_since) / 2), LONGEST_PAUSE)


def masked(address: str) -> str:
    """Return what is shown of an address: the rest of it is as good as a password."""
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].partition("?")[0]
    return f"{scheme}://{host}/…"
