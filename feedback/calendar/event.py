"""What is kept of one event of a rep's own calendar: its time, its title, and its participants."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from icalendar import Event
from icalendar.prop import vDDDTypes

from feedback.calendar.planned import PlannedMeeting

LONGEST_TITLE, LONGEST_EMAIL, LONGEST_EMAILS = 200, 320, 4000

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_RESOURCE_DOMAINS = ("calendar.google.com",)  # of the addresses of calendars and rooms


def planned_meeting(event: Event, own_email: str, zone: ZoneInfo) -> PlannedMeeting | None:
    """Return what the rep could be asked about afterwards; None for an event that is private, cancelled,
    all-day, unreadable, or declined by the rep."""
    start = start_of(event)
    private = str(event.get("CLASS", "PUBLIC")).upper() != "PUBLIC"
    if private or str(event.get("STATUS", "")).upper() == "CANCELLED" or start is None:
        return None
    coming = dict(_people(event))
    if not coming.pop(own_email, True):
        return None
    starts_at = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
    return PlannedMeeting(
        starts_at, title_of(event), _as_many_as_fit(email for email, comes in coming.items() if comes)
    )


def start_of(event: Event) -> datetime | None:
    """Return the start of an event; None for an all-day event, and for one that cannot be read."""
    start = event.get("DTSTART")
    moment = start.dt if isinstance(start, vDDDTypes) else None
    return moment if isinstance(moment, datetime) else None


def _people(event: Event) -> Iterator[tuple[str, bool]]:
    """Return (address, whether they come). Outlook does not list the organiser among the attendees."""
    for person in (*_all(event, "ORGANIZER"), *_all(event, "ATTENDEE")):
        params = getattr(person, "params", {})
        email = _address(str(params.get("EMAIL") or person))
        if email and str(params.get("CUTYPE", "")).upper() not in ("ROOM", "RESOURCE"):
            yield email, str(params.get("PARTSTAT", "")).upper() != "DECLINED"


def _address(text: str) -> str | None:
    email = unquote(re.sub(r"(?i)^mailto:", "", text.strip())).strip().casefold()
    is_one = (
        _ADDRESS.fullmatch(email) and len(email) <= LONGEST_EMAIL and not email.endswith(_RESOURCE_DOMAINS)
    )
    return email if is_one else None


def title_of(event: Event) -> str:
    """Return the title with single spaces, cut at LONGEST_TITLE characters; "" without one."""
    words = " ".join(str(next(iter(_all(event, "SUMMARY")), "")).split())
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1] + "…"


def _all(event: Event, name: str) -> list[Any]:
    """Return a property that may be there once, several times, or not at all."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _as_many_as_fit(emails: Iterable[str]) -> tuple[str, ...]:
    """Return as many addresses as can be stored; a meeting of more than a hundred people is not one to ask
    about person by person."""
    taken: list[str] = []
    for email in sorted(emails):
        if len(" ".join((*taken, email))) > LONGEST_EMAILS:
            break
        taken.append(email)
    return tuple(taken)
