"""Times without a zone in a calendar that names its own (X-WR-TIMEZONE), as Google, Apple and many servers write it."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_FLOATING = re.compile(
    r"^(DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)((?:;VALUE=DATE-TIME)?):(\d{8}T\d{6}(?:,\d{8}T\d{6})*)\s*$",
    re.IGNORECASE,
)


def known_zone(name: str) -> str | None:
    """Return the IANA name of a zone, by that name or Windows'; None for one that is not known."""
    bare = name.strip().strip('"')
    for each in (bare, WINDOWS_TO_OLSON.get(bare, "")):
        try:
            return ZoneInfo(each).key if each else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


def in_zone(line: str, zone: str) -> str:
    """Return the line of a time; one without a zone is in `zone` from now on."""
    return _FLOATING.sub(rf"\1\2;TZID={zone}:\3", line)
