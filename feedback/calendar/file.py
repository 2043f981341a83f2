"""Reading of a rep's own calendar (.ics) into the meetings of the coming days. Pure: bytes in, meetings out.

icalendar reads the events, and recurring-ical-events expands those that repeat: exceptions, moved days,
daylight saving time. Only days from today to 14 days ahead are returned, whatever the calendar contains.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from threading import Lock
from time import process_time
from typing import cast
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone
from icalendar.prop import vDDDTypes
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from recurring_ical_events import of

from feedback.calendar.event import (
    LONGEST_TITLE,
    is_private,
    note_length,
    planned_meeting,
    start_of,
    title_of,
)
from feedback.calendar.lines import (
    CalendarLines,
    calendar_lines,
    facts_of,
    may_occur_between,
    zone_since,
    zones_of,
)
from feedback.calendar.people import address_in
from feedback.calendar.planned import (
    DAYS,
    LARGEST,
    MOST_NAMED,
    TOO_LARGE,
    CalendarReading,
    PlannedMeeting,
    unread_words,
    window,
)
from feedback.calendar.spelling import timed_moves
from feedback.db.change import Invalid

MOST_EVENTS = 5000  # that could matter
MOST = 1000  # meetings in that time
TIME_LIMIT = 3.0  # seconds of processor time; a busy calendar of ten years takes a tenth of one

_DAY = timedelta(days=1)
_PARSING_LOCK = Lock()
# What no meeting does, and what could be expanded without end: several times a day, or at no interval. And what is not
# expanded at all: a rule of vCalendar 1.0, and one of days that are left out.
_ENDLESS = re.compile(
    r"^EXRULE|^RRULE(?!.*FREQ=)"
    r"|FREQ=(?!(DAILY|WEEKLY|MONTHLY|YEARLY)\s*(;|$))"
    r"|BY(HOUR|MINUTE|SECOND)=[^;]*,"
    r"|INTERVAL=(?!0*[1-9]\d*\s*(;|$))",
    re.IGNORECASE,
)


def read_calendar(
    data: bytes,
    *,
    own_email: str,
    zone: ZoneInfo,
    now: datetime,
    aliases: Collection[str] = (),
    may_be_empty: bool = False,
) -> CalendarReading:
    """Return the meetings in `window`, in order of time, and which events could not be read. Times without a zone are
    taken in the calendar's own, else in `zone`. aliases: other addresses of the owner of own_email.

    Left out: all-day, cancelled and private events, what the owner of own_email declined, people who
    declined, and events that cannot be read. Raises Invalid(calendar=...), in words, also where there is no meeting,
    unless may_be_empty.
    """
    first, last = window(now, zone)
    # By the clocks of another zone it can be the day before, or the day after.
    days_near = (first - 2 * _DAY).date(), (last + 2 * _DAY).date()
    lines = _lines(data, *days_near)
    near = [events for events in lines.events.values() if may_occur_between(events, *days_near)]
    if sum(map(len, near)) > MOST_EVENTS:
        raise Invalid(calendar=f"More than {MOST_EVENTS:,} events: is this one person's calendar?")
    deadline = process_time() + TIME_LIMIT  # one for all of it
    parsed = _parsed(near, lines.zones, first.year - 3, deadline)
    found: set[PlannedMeeting] = set()
    unread: list[str] = []
    own = tuple(address_in(each) or each for each in (own_email, *aliases))
    for events, broken in parsed:
        _check_deadline(deadline)
        unread += broken
        try:
            days = list(_expanded(events, first - _DAY, last + _DAY)) if events else []
            if days and any(_in_unknown_zone(event) for event in events):
                unread.append(_name(events[0]))
                continue
            meetings = [meeting for day in days if (meeting := planned_meeting(day, own, zone))]
        except Exception:  # two libraries at work on what anybody may send: no event may stop the others
            unread.append(_name(events[0]))
            continue
        found.update(m for m in meetings if first <= m.starts_at < last)
        if len(found) > MOST:
            raise Invalid(
                calendar=f"More than {MOST:,} meetings in {DAYS} days: is this one person's calendar?"
            )
    named = sorted(unread, key=lambda name: (not name, name))[:MOST_NAMED]
    if not found and not may_be_empty:
        raise Invalid(calendar=_no_meetings(len(unread), named))
    return CalendarReading(sorted(found), len(unread), tuple(named))


def _lines(data: bytes, first: date, last: date) -> CalendarLines:
    if not data.strip():
        raise Invalid(calendar="There is nothing in it. Choose an .ics file, or paste a calendar.")
    if len(data) > LARGEST:
        raise Invalid(calendar=TOO_LARGE)
    if data.startswith(b"PK"):
        raise Invalid(calendar="This is a .zip. Open it, and choose the .ics file in it.")
    try:
        return calendar_lines(data, first, last)
    except ValueError as error:
        raise Invalid(calendar=str(error)) from error


def _parsed(
    groups: Sequence[list[list[str]]], zones: Mapping[str, Sequence[str]], year: int, deadline: float
) -> list[tuple[list[Event], list[str]]]:
    """Return the events of each group, and the titles of those that cannot be read.

    year: from when on the clock changes of their zones must be known.

    icalendar keeps every zone it has read for the whole process and prefers it to a later one of the same
    name. Outlook calls zones with very different offsets "Customized Time Zone", so it is made to forget
    them.
    """
    needed = set().union(*map(zones_of, groups)) & zones.keys()
    with _PARSING_LOCK:
        tzp.use_default()
        for name in needed - WINDOWS_TO_OLSON.keys():
            _check_deadline(deadline)
            _register_zone(zones[name], year)
        return [_events(timed_moves(group), deadline) for group in groups]


def _register_zone(zone: Sequence[str], year: int) -> None:
    """Let icalendar know a zone of the calendar's own. One that is broken, or whose clocks change in no
    yearly way, is left out: an event that needs it is in an unknown zone."""
    rules = _rules(zone)
    if any("FREQ=YEARLY" not in rule or _ENDLESS.search(rule) for rule in rules):
        return
    with suppress(Exception):
        Timezone.from_ical(_bytes(zone_since(zone, year)))


def _events(group: Sequence[Sequence[str]], deadline: float) -> tuple[list[Event], list[str]]:
    """A series that cannot be read goes as a whole, for its moved days alone would be half of it; a moved day that
    cannot be read leaves the others."""
    _check_deadline(deadline)
    found: list[Event] = []
    broken: list[str] = []
    for lines in group:
        event = None if any(_ENDLESS.search(rule) for rule in _rules(lines)) else _event(lines)
        if event is None:
            broken.append("" if any(map(_is_private, group)) else _name_of_lines(lines))
            if "RECURRENCE-ID" not in facts_of(list(lines)):
                return [], broken
        else:
            found.append(event)
    return found, broken


def _event(lines: Sequence[str]) -> Event | None:
    with suppress(Exception):
        event = Event.from_ical(_bytes(["BEGIN:VEVENT", *lines, "END:VEVENT"]))
        if isinstance(event, Event) and isinstance(event.get("DTSTART"), vDDDTypes):
            note_length(event)
            return event
    return None


def _name(event: Event) -> str:
    """Return the title by which somebody is told of an event; "" for one that is private."""
    return "" if is_private(event) else title_of(event)


def _is_private(lines: Sequence[str]) -> bool:
    stated = facts_of(list(lines)).get("CLASS", ":PUBLIC")
    return stated.upper().rpartition(":")[2].strip() != "PUBLIC"


def _name_of_lines(lines: Sequence[str]) -> str:
    """Return the same of an event that cannot be read, and is not private."""
    facts = facts_of(list(lines))
    words = facts.get("SUMMARY", "").partition(":")[2]
    title = " ".join(
        re.sub(r"\\([,;nN\\])", lambda found: " " if found[1] in "nN" else found[1], words).split()
    )
    return title[:LONGEST_TITLE]


def _rules(lines: Iterable[str]) -> list[str]:
    return [line.upper() for line in lines if line.upper().startswith(("RRULE", "EXRULE"))]


def _bytes(lines: Iterable[str]) -> bytes:
    """Return lines as icalendar takes them. Never as a str: one without a line end it would take for a path,
    and open it."""
    return "\r\n".join((*lines, "")).encode()


def _check_deadline(deadline: float) -> None:
    if process_time() > deadline:
        raise Invalid(calendar="This calendar repeats too much to be read. Export only the coming two weeks.")


def _in_unknown_zone(event: Event) -> bool:
    start = start_of(event)
    named = getattr(event.get("DTSTART"), "params", {}).get("TZID")
    return bool(named and start and start.tzinfo is None)


def _expanded(events: Sequence[Event], first: datetime, last: datetime) -> Iterable[Event]:
    """Return each time the events fall between two moments, as an event of its own."""
    calendar = Calendar()
    calendar.subcomponents = list(events)
    return cast(Iterable[Event], of(calendar).between(first, last))


def _no_meetings(unread: int, named: Sequence[str]) -> str:
    said = f"There is no meeting in it for the coming {DAYS} days. All-day, private, cancelled and declined ones do not count."
    return f"{said} {unread_words(unread, named)}".rstrip()
