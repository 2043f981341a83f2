"""An .ics file as lines (RFC 5545): finds the events that could matter, before any of them is parsed.

A calendar of ten years is mostly past. Lines that say neither when, nor what, nor with whom (descriptions,
places, reminders) are dropped here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

KEPT = frozenset(
    (
        "UID", "SEQUENCE", "DTSTART", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
        "SUMMARY", "STATUS", "CLASS", "ATTENDEE", "ORGANIZER",
    )
)  # fmt: skip

_DEEPEST_NESTING = 4  # a reminder in an event in a calendar is 3

_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_START = re.compile(r":(\d{8})(T\d{6}Z?)?\s*$")  # from the end: a zone's name may hold a colon
_ZONE = re.compile(r';TZID=(?:"([^"]*)"|([^;:]*))', re.IGNORECASE)
_BEGINS = re.compile(r"^(DTSTART[^:]*:)(\d{4})", re.IGNORECASE | re.MULTILINE)
_UNTIL = re.compile(r"UNTIL=(\d{8})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CalendarLines:
    """The lines of a calendar that are kept."""

    # by UID, the lines of an event and of its exceptions
    events: dict[str, list[list[str]]] = field(default_factory=dict)
    zones: dict[str, list[str]] = field(default_factory=dict)  # by name, the lines of a VTIMEZONE


def calendar_lines(text: str) -> CalendarLines:
    """Return the events and zones of one calendar, or of several one after another. Raises ValueError, in
    words."""
    text = text.strip()
    if "\0" in text or not text.upper().startswith("BEGIN:VCALENDAR"):
        raise ValueError(
            "This is not a calendar. One begins with BEGIN:VCALENDAR, and its file ends in .ics."
        )
    found, event, zone = CalendarLines(), list[str](), list[str]()
    for path, name, line in _walk(text):
        if path[1:] == ("VEVENT",):
            if name == "END":
                # Exceptions share the UID of their event; one without any stands alone.
                uid = _value(event, "UID") or f"\0{len(found.events)}"
                found.events.setdefault(uid, []).append(event)
                event = []
            elif name in KEPT:
                event.append(line)
        elif path[1:2] == ("VTIMEZONE",):
            zone.append(line)
            if name == "END" and len(path) == 2:
                found.zones[_value(zone, "TZID")] = zone
                zone = []
    return found


def may_occur_between(events: list[list[str]], first: date, last: date) -> bool:
    """Tell whether events that belong together could have a meeting from `first` to `last`. All-day events
    have none. True where this cannot be told."""
    if all(_all_day(_facts(event)) for event in events):
        return False
    days = first.strftime("%Y%m%d"), last.strftime("%Y%m%d")
    return any(_may_occur(_facts(event), *days) for event in events)


def zones_of(events: list[list[str]]) -> set[str]:
    """Return the names of the zones that the times of these events are in."""
    return {quoted or plain for event in events for line in event for quoted, plain in _ZONE.findall(line)}


def zone_since(zone: Sequence[str], year: int) -> list[str]:
    """Return a zone whose yearly clock changes begin in `year` at the earliest. Outlook's begin in 1601, and
    a library that looks up the time there counts from the first."""
    change = re.compile(r"^BEGIN:(STANDARD|DAYLIGHT)$.*?^END:\1$", re.DOTALL | re.MULTILINE | re.IGNORECASE)
    return change.sub(lambda found: _since(found[0], str(year)), "\n".join(zone)).split("\n")


def _since(change: str, year: str) -> str:
    if "RRULE" not in change.upper() or re.search(r"COUNT|INTERVAL=(?!1\b)", change, re.IGNORECASE):
        return change
    return _BEGINS.sub(lambda found: found[1] + max(found[2], year), change)


def _walk(text: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Return (the components that contain the line, its name, the line). BEGIN and END belong to their
    component."""
    path: tuple[str, ...] = ()
    for line in _LINE_END.split(_FOLD.sub("", text)):
        match = _NAME.match(line)
        name = match[0].upper() if match else ""
        component = line.partition(":")[2].strip().upper()
        if name == "BEGIN":
            path = (*path, component)
        if len(path) > _DEEPEST_NESTING or (name == "END" and path[-1:] != (component,)):
            raise ValueError(
                "This calendar is broken: its parts do not begin and end in pairs. Export it again."
            )
        if path and name:
            yield path, name, line
        if name == "END":
            path = path[:-1]
    if path:
        raise ValueError("This calendar stops in the middle. Export it again, or paste all of it.")


def _value(lines: list[str], name: str) -> str:
    return _facts(lines).get(name, "").partition(":")[2].strip()


def _facts(event: list[str]) -> dict[str, str]:
    return {match[0].upper(): line for line in event if (match := _NAME.match(line))}


def _all_day(facts: dict[str, str]) -> bool:
    start = _START.search(facts.get("DTSTART", ""))
    return bool(start and not start[2])


def _may_occur(facts: dict[str, str], first: str, last: str) -> bool:
    start = _START.search(facts.get("DTSTART", ""))
    if start is None or "RDATE" in facts:
        return True
    if "RRULE" not in facts:
        return first <= start[1] <= last
    until = _UNTIL.search(facts["RRULE"])
    return start[1] <= last and (until is None or until[1] >= first)
