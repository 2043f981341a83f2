"""What is kept of one event of a rep's own calendar: its time, its title, and its participants."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event
from icalendar.prop import vDDDTypes, vDuration

from feedback.calendar.lines import ALL_DAY
from feedback.calendar.people import address_in
from feedback.calendar.planned import PlannedMeeting

LONGEST_TITLE, LONGEST_EMAILS = 200, 4000
LASTS = "X-LASTS"  # in seconds
LONGEST_MEETING = timedelta(days=14)

_DAY = timedelta(days=1)
# What Outlook and Exchange put before the title of a meeting that was called off.
_CALLED_OFF = re.compile(
    "(cancell?ed|abgesagt|annulée?|cancelad[oa]|annullat[oa]|geannuleerd|anulowan[eoy]|anulată?|inställt?|avbokat|avlyst"
    "|aflyst|peruutettu|zrušen[oéýá]|otkazano|odpovedano|lemondva|törölve|iptal edildi|ακυρώθηκε|отменено|скасовано|בוטל"
    "|キャンセル(?:済み)?|已取消|취소됨)\\s?[:：]",
    re.IGNORECASE,
)
_NOT_COMING = ("DECLINED", "DELEGATED")
_THINGS = ("ROOM", "RESOURCE")
_RESOURCE_DOMAINS = ("calendar.google.com",)  # of the addresses of calendars and rooms


def planned_meeting(event: Event, own: Collection[str], zone: ZoneInfo) -> PlannedMeeting | None:
    """Return what the rep could be asked about afterwards; None for an event that is private, cancelled,
    all-day, or declined by the rep under each of the own addresses that are invited."""
    start = start_of(event)
    if is_private(event) or _is_cancelled(event) or start is None:
        return None
    coming = dict(_people(event))
    mine = [coming.pop(email) for email in own if email in coming]
    if mine and not any(mine):
        return None
    starts_at = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
    lasts = timedelta(seconds=int(str(event[LASTS]))) if LASTS in event else None
    if _whole_days(event, lasts, start, starts_at.astimezone(zone)):
        return None
    return PlannedMeeting(
        starts_at,
        title_of(event),
        _as_many_as_fit(email for email, comes in coming.items() if comes),
        starts_at + lasts if lasts else None,
    )


def is_private(event: Event) -> bool:
    """Tell whether an event is nobody else's business."""
    return str(event.get("CLASS", "PUBLIC")).upper() not in ("PUBLIC", "")


def _is_cancelled(event: Event) -> bool:
    """Tell whether an event is off. Of a meeting that its organiser called off, Outlook leaves the title alone to say so,
    in the language of who did."""
    return str(event.get("STATUS", "")).strip().upper() in ("CANCELLED", "CANCELED") or bool(
        _CALLED_OFF.match(title_of(event))
    )


def start_of(event: Event) -> datetime | None:
    """Return the start of an event; None for an all-day event, and for one that cannot be read."""
    start = event.get("DTSTART")
    moment = start.dt if isinstance(start, vDDDTypes) else None
    return moment if isinstance(moment, datetime) else None


def note_length(event: Event) -> None:
    """Put how long an event lasts in place of when it ends: one that ends before it begins is one whose end is not known,
    and not one that begins at its end, as the library has it."""
    lasts = _lasts(event)
    for name in ("DTEND", "DURATION"):
        event.pop(name, None)
    if lasts and timedelta(0) < lasts <= LONGEST_MEETING:
        event[LASTS] = str(int(lasts.total_seconds()))


def _lasts(event: Event) -> timedelta | None:
    start, ends, lasts = start_of(event), event.get("DTEND"), event.get("DURATION")
    end = ends.dt if isinstance(ends, vDDDTypes) else None
    if not isinstance(end, datetime) or start is None:
        length = lasts.dt if isinstance(lasts, vDDDTypes | vDuration) else None
        return length if isinstance(length, timedelta) else None
    if start.tzinfo is None or end.tzinfo is None:
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return end - start


def _whole_days(event: Event, lasts: timedelta | None, *starts: datetime) -> bool:
    """Tell whether an event is one of whole days, though it has times, as Exchange writes them. starts: by the clocks of
    the calendar, and of the organisation."""
    if str(event.get(ALL_DAY, "")).upper() == "TRUE":
        return True
    return (
        lasts is not None and lasts % _DAY == timedelta(0) and any(each.time() == time() for each in starts)
    )


def _people(event: Event) -> Iterator[tuple[str, bool]]:
    """Return (address, whether they come). Outlook does not list the organiser among the attendees."""
    for person in (*_all(event, "ORGANIZER"), *_all(event, "ATTENDEE")):
        params, email = getattr(person, "params", {}), address_in(str(person))
        if email and not email.endswith(_RESOURCE_DOMAINS) and str(params.get("CUTYPE", "")) not in _THINGS:
            yield email, str(params.get("PARTSTAT", "")).upper() not in _NOT_COMING


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
