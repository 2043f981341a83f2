"""What is kept of one event of a rep's own calendar: when, what it is called, and who comes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from icalendar import Event
from icalendar.prop import vDDDTypes

LONGEST_TITLE, LONGEST_EMAIL, LONGEST_EMAILS = 200, 320, 4000

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOBODY = ("calendar.google.com",)  # the address of a calendar or a room


@dataclass(frozen=True, slots=True, order=True)
class PlannedMeeting:
    """One meeting of one day. starts_at: in UTC. emails: of those who come, in lower case, without the rep."""

    starts_at: datetime
    title: str
    emails: tuple[str, ...] = ()


def planned_meeting(event: Event, own_email: str, zone: ZoneInfo) -> PlannedMeeting | None:
    """What the rep could be asked about afterwards; None for what will not be, or is nobody's business."""
    start = start_of(event)
    private = str(event.get("CLASS", "PUBLIC")).upper() != "PUBLIC"
    if private or str(event.get("STATUS", "")).upper() == "CANCELLED" or start is None:
        return None
    coming = dict(_people(event))
    if not coming.pop(own_email, True):
        return None
    starts_at = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
    return PlannedMeeting(
        starts_at, title_of(event), _that_fit(email for email, comes in coming.items() if comes)
    )


def start_of(event: Event) -> datetime | None:
    """None for a whole day, and for what cannot be read."""
    start = event.get("DTSTART")
    moment = start.dt if isinstance(start, vDDDTypes) else None
    return moment if isinstance(moment, datetime) else None


def _people(event: Event) -> Iterator[tuple[str, bool]]:
    """(address, whether they come). Outlook does not list the organiser among the attendees."""
    for person in (*_all(event, "ORGANIZER"), *_all(event, "ATTENDEE")):
        params = getattr(person, "params", {})
        email = _address(str(params.get("EMAIL") or person))
        if email and str(params.get("CUTYPE", "")).upper() not in ("ROOM", "RESOURCE"):
            yield email, str(params.get("PARTSTAT", "")).upper() != "DECLINED"


def _address(text: str) -> str | None:
    email = unquote(re.sub(r"(?i)^mailto:", "", text.strip())).strip().casefold()
    is_one = _ADDRESS.fullmatch(email) and len(email) <= LONGEST_EMAIL and not email.endswith(_NOBODY)
    return email if is_one else None


def title_of(event: Event) -> str:
    words = " ".join(str(next(iter(_all(event, "SUMMARY")), "")).split())
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1] + "…"


def _all(event: Event, name: str) -> list[Any]:
    """A property that may be there once, several times, or not at all."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _that_fit(emails: Iterable[str]) -> tuple[str, ...]:
    """As many as are kept; more than a hundred people are no meeting to ask about one by one."""
    taken: list[str] = []
    for email in sorted(emails):
        if len(" ".join((*taken, email))) > LONGEST_EMAILS:
            break
        taken.append(email)
    return tuple(taken)
