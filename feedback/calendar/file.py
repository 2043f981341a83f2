"""Reading of a rep's own calendar (.ics) into the meetings of the coming days. Pure: bytes in, meetings out.

icalendar reads the events, and recurring-ical-events expands those that repeat: exceptions, moved days,
daylight saving time. Only days from today to 14 days ahead are returned, whatever the calendar contains.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from time import process_time
from typing import cast
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from recurring_ical_events import of

from feedback.calendar.event import planned_meeting, start_of, title_of
from feedback.calendar.lines import CalendarLines, calendar_lines, may_occur_between, zone_since, zones_of
from feedback.calendar.planned import DAYS, CalendarReading, PlannedMeeting, unread_words, window
from feedback.core.text import quoted
from feedback.db.change import Invalid

LARGEST = 1 << 20  # bytes
MOST_EVENTS = 5000  # that could matter
MOST = 1000  # meetings in that time
TIME_LIMIT = 3.0  # seconds of processor time; a busy calendar of ten years takes a tenth of one

_DAY = timedelta(days=1)
_PARSING_LOCK = Lock()
# What no meeting does, and what could be expanded without end: several times a day, or at no interval.
_ENDLESS = re.compile(
    r"FREQ=(?!(DAILY|WEEKLY|MONTHLY|YEARLY)\s*(;|$))"
    r"|BY(HOUR|MINUTE|SECOND)=[^;]*,"
    r"|INTERVAL=(?!0*[1-9]\d*\s*(;|$))",
    re.IGNORECASE,
)


def read_calendar(data: bytes, *, own_email: str, zone: ZoneInfo, now: datetime) -> CalendarReading:
    """Return the meetings in `window`, in order of time, and how many events could not be read. Times without a zone are taken in `zone`.

    Left out: all-day, cancelled and private events, what the owner of own_email declined, people who
    declined, and events that cannot be read. Raises Invalid(calendar=...), in words.
    """
    first, last = window(now, zone)
    lines = _lines(data)
    # By the clocks of another zone it can be the day before, or the day after.
    days_near = (first - 2 * _DAY).date(), (last + 2 * _DAY).date()
    near = [events for events in lines.events.values() if may_occur_between(events, *days_near)]
    if sum(map(len, near)) > MOST_EVENTS:
        raise Invalid(calendar=f"More than {MOST_EVENTS:,} events: is this one person's calendar?")
    deadline = process_time() + TIME_LIMIT  # one for all of it
    parsed = _parsed(near, lines.zones, first.year - 3, deadline)
    found: set[PlannedMeeting] = set()
    unread = 0
    for events in parsed:
        _check_deadline(deadline)
        _refuse_unknown_zone(events)
        try:
            days = _expanded(events, first - _DAY, last + _DAY)
            meetings = [meeting for day in days if (meeting := planned_meeting(day, own_email, zone))]
        except Exception:  # two libraries at work on what anybody may send: no event may stop the others
            unread += 1
            continue
        found.update(m for m in meetings if first <= m.starts_at < last)
        if len(found) > MOST:
            raise Invalid(
                calendar=f"More than {MOST:,} meetings in {DAYS} days: is this one person's calendar?"
            )
    if not found:
        raise Invalid(calendar=_no_meetings(unread))
    return CalendarReading(sorted(found), unread)


def _lines(data: bytes) -> CalendarLines:
    if not data.strip():
        raise Invalid(calendar="There is nothing in it. Choose an .ics file, or paste a calendar.")
    if len(data) > LARGEST:
        raise Invalid(
            calendar="This calendar is larger than 1 MB. Export a shorter time: the coming two weeks are enough."
        )
    if data.startswith(b"PK"):
        raise Invalid(calendar="This is a .zip. Open it, and choose the .ics file in it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        return calendar_lines(text)
    except ValueError as error:
        raise Invalid(calendar=str(error)) from error


def _parsed(
    groups: Sequence[list[list[str]]], zones: Mapping[str, Sequence[str]], year: int, deadline: float
) -> list[list[Event]]:
    """Return the events of each group; an empty list for a group that cannot be read.

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
        return [_events(group, deadline) for group in groups]


def _register_zone(zone: Sequence[str], year: int) -> None:
    """Let icalendar know a zone of the calendar's own. One that is broken, or whose clocks change in no
    yearly way, is left out: an event that needs it is in an unknown zone."""
    rules = _rules(zone)
    if any("FREQ=YEARLY" not in rule or _ENDLESS.search(rule) for rule in rules):
        return
    with suppress(Exception):
        Timezone.from_ical(_bytes(zone_since(zone, year)))


def _events(group: Sequence[Sequence[str]], deadline: float) -> list[Event]:
    _check_deadline(deadline)
    if any(_ENDLESS.search(rule) for event in group for rule in _rules(event)):
        return []
    with suppress(Exception):
        read = [Event.from_ical(_bytes(["BEGIN:VEVENT", *event, "END:VEVENT"])) for event in group]
        return cast(list[Event], read)
    return []


def _rules(lines: Iterable[str]) -> list[str]:
    return [line.upper() for line in lines if line.upper().startswith("RRULE")]


def _bytes(lines: Iterable[str]) -> bytes:
    """Return lines as icalendar takes them. Never as a str: one without a line end it would take for a path,
    and open it."""
    return "\r\n".join((*lines, "")).encode()


def _check_deadline(deadline: float) -> None:
    if process_time() > deadline:
        raise Invalid(calendar="This calendar repeats too much to be read. Export only the coming two weeks.")


def _refuse_unknown_zone(events: Iterable[Event]) -> None:
    for event in events:
        name = getattr(event.get("DTSTART"), "params", {}).get("TZID")
        start = start_of(event)
        if name and start and start.tzinfo is None:
            raise Invalid(
                calendar=f"{quoted(title_of(event))} is in a time zone that is not known here: {quoted(name)}."
            )


def _expanded(events: Sequence[Event], first: datetime, last: datetime) -> Iterable[Event]:
    """Return each time the events fall between two moments, as an event of its own."""
    if not events:
        raise ValueError("unread")
    calendar = Calendar()
    calendar.subcomponents = list(events)
    return cast(Iterable[Event], of(calendar).between(first, last))


def _no_meetings(unread: int) -> str:
    said = f"There is no meeting in it for the coming {DAYS} days. All-day, private, cancelled and declined ones do not count."
    return f"{said} {unread_words(unread)}".rstrip()
