"""An .ics file as lines (RFC 5545): finds the events that could matter, before any of them is parsed.

A calendar of ten years is mostly past. What is over is dropped as it is read, and so are lines that say neither when,
nor what, nor with whom (descriptions, places, reminders).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from feedback.calendar.people import plain_person
from feedback.calendar.spelling import plain_line, plain_zone_name, unbroken
from feedback.calendar.zones import in_zone, known_zone

ALL_DAY = "X-MICROSOFT-CDO-ALLDAYEVENT"  # Exchange writes a whole day as midnight to midnight
KEPT = frozenset(
    (
        "UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
        "EXRULE", "SUMMARY", "STATUS", "CLASS", "ATTENDEE", "ORGANIZER", ALL_DAY,
    )
)  # fmt: skip
# What a message about one meeting says of itself (RFC 5546), and what it is.
MESSAGES = {
    "CANCEL": "This cancels one meeting; it is not a calendar. Export the whole calendar.",
    "REQUEST": "This is one invitation, not a calendar. Export the whole calendar.",
    "ADD": "This is one invitation, not a calendar. Export the whole calendar.",
    **dict.fromkeys(
        ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"),
        "This is a reply to one invitation, not a calendar. Export the whole calendar.",
    ),
}
INVITES = ("REQUEST", "ADD")

_DEEPEST_NESTING = 4  # a reminder in an event in a calendar is 3
_BOM = b"\xef\xbb\xbf"

# Some servers end a line with CR CR LF. Unfolded as bytes, for a line may be folded inside a character.
_FOLD = re.compile(rb"(?:\r*\n|\r)[ \t]")
_LINE = re.compile(rb"[^\r\n]+")
_COMPONENT = re.compile(rb"\w+\s*:\s*([A-Za-z0-9-]+)\s*$")
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_START = re.compile(r":(\d{8})(T\d{6}Z?)?\s*$")  # from the end: a zone's name may hold a colon
_ZONE = re.compile(r';TZID=(?:"([^"]*)"|([^;:]*))', re.IGNORECASE)
_BEGINS = re.compile(r"^(DTSTART[^:]*:)(\d{4})", re.IGNORECASE | re.MULTILINE)
_UNTIL = re.compile(r"UNTIL=(\d{8})", re.IGNORECASE)
_RECURS = ("RRULE", "RDATE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class CalendarLines:
    """The lines of a calendar that are kept."""

    # by UID, the lines of an event and of its exceptions
    events: dict[str, list[list[str]]] = field(default_factory=dict)
    zones: dict[str, list[str]] = field(default_factory=dict)  # by name, the lines of a VTIMEZONE


@dataclass(slots=True)
class _Part:
    """One VCALENDAR of those in a file."""

    method: str = ""
    zone: str = ""  # of times without one
    events: list[list[str]] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)  # by name, the lines of a VTIMEZONE
    met: set[str] = field(default_factory=set)  # the UIDs, also of events that are over


def calendar_lines(data: bytes, first: date, last: date) -> CalendarLines:
    """Return the zones, and the events that could fall on the days from `first` to `last`, of one calendar or of several
    one after another. A message about one meeting plans nothing. Raises ValueError, in words."""
    data = _as_utf8(data).removeprefix(_BOM).strip().replace(b"\0", b"")
    if not data[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        raise ValueError(
            "This is not a calendar. One begins with BEGIN:VCALENDAR, and its file ends in .ics."
        )
    days = first.strftime("%Y%m%d"), last.strftime("%Y%m%d")
    found, part, event, zone = CalendarLines(), _Part(), list[str](), list[str]()
    parts: list[_Part] = []
    for path, name, raw in _walk(data):
        if path[1:] == ("VEVENT",):
            if name == "END":
                _keep(part, event, days)
                event = []
            elif name in KEPT:
                event += _kept_line(name, _text(raw))
        elif path[1:2] == ("VTIMEZONE",):
            zone.append(_text(raw))
            if name == "END" and len(path) == 2:
                part.zones[plain_zone_name(_value(zone, "TZID"))] = zone
                zone = []
        elif len(path) == 1 and name == "METHOD":
            part.method = _text(raw).partition(":")[2].strip().upper()
        elif len(path) == 1 and name == "X-WR-TIMEZONE":
            part.zone = known_zone(_text(raw).partition(":")[2]) or ""
        elif len(path) == 1 and name == "END":
            parts.append(part)
            part = _Part()
    messages = [message for part in parts if (message := _add(found, part, len(parts) > 1))]
    if messages and not found.events:
        raise ValueError(messages[-1])
    return found


def may_occur_between(events: list[list[str]], first: date, last: date) -> bool:
    """Tell whether events that belong together could have a meeting from `first` to `last`. All-day events
    have none. True where this cannot be told."""
    if all(_all_day(facts_of(event)) for event in events):
        return False
    days = first.strftime("%Y%m%d"), last.strftime("%Y%m%d")
    return any(_may_occur(facts_of(event), *days) for event in events)


def zones_of(events: list[list[str]]) -> set[str]:
    """Return the names of the zones that the times of these events are in."""
    return {quoted or plain for event in events for line in event for quoted, plain in _ZONE.findall(line)}


def zone_since(zone: Sequence[str], year: int) -> list[str]:
    """Return a zone whose yearly clock changes begin in `year` at the earliest. Outlook's begin in 1601, and
    a library that looks up the time there counts from the first."""
    change = re.compile(r"^BEGIN:(STANDARD|DAYLIGHT)$.*?^END:\1$", re.DOTALL | re.MULTILINE | re.IGNORECASE)
    return change.sub(lambda found: _since(found[0], str(year)), "\n".join(zone)).split("\n")


def facts_of(event: list[str]) -> dict[str, str]:
    """Return the lines of an event by their names; of those that come several times the last."""
    return {line[: _name_length(line)].upper(): line for line in event}


def _as_utf8(data: bytes) -> bytes:
    """Return a file that some programs write in two bytes a letter as all others write it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").encode()
    if data[:4] == b"B\0E\0":
        return data.decode("utf-16-le", "replace").encode()
    return data.decode("utf-16-be", "replace").encode() if data[:4] == b"\0B\0E" else data


def _text(line: bytes) -> str:
    """Return one line as text: a letter of another encoding spoils its own line alone."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _kept_line(name: str, line: str) -> list[str]:
    if name in ("ATTENDEE", "ORGANIZER"):
        person = plain_person(name, line)
        return [person] if person else []
    plain = plain_line(name, line)
    return [plain] if plain else []


def _keep(part: _Part, event: list[str], days: tuple[str, str]) -> None:
    facts = facts_of(event)
    part.met.add(facts.get("UID", f"\0{len(part.met)}"))
    once = not any(name in facts for name in _RECURS)
    if not once or (not _all_day(facts) and _may_occur(facts, *days)):
        part.events.append(event)


def _add(found: CalendarLines, part: _Part, several: bool) -> str | None:
    """Add the events of a calendar; those of a message about one meeting are none: return what it is. several: there are
    more calendars, and one that invites is what some servers keep of each meeting."""
    names = _add_zones(found, part)
    if part.method in MESSAGES and len(part.met) <= 1 and not (several and part.method in INVITES):
        return MESSAGES[part.method]
    for event in part.events:
        # Exceptions share the UID of their event; one without any stands alone.
        uid = _value(event, "UID") or f"\0{len(found.events)}"
        lines = [in_zone(line, part.zone) for line in event] if part.zone else event
        found.events.setdefault(uid, []).append([_renamed(line, names) for line in lines] if names else lines)
    return None


def _add_zones(found: CalendarLines, part: _Part) -> dict[str, str]:
    """Add the zones of a calendar; return other names for those that mean something else in a calendar before: a server
    sends each event as a calendar of its own, and Outlook calls zones of any offset "Customized Time Zone"."""
    names: dict[str, str] = {}
    for name, lines in part.zones.items():
        free, number = name, 1
        while found.zones.get(free, lines) != lines and not known_zone(name):
            number += 1
            free = f"{name} ({number})"
            lines = [f"TZID:{free}" if line[:5].upper() == "TZID:" else line for line in part.zones[name]]
        found.zones[free] = lines
        if free != name:
            names[name] = free
    return names


def _renamed(line: str, names: Mapping[str, str]) -> str:
    """Return the line of a time with its zone by another name."""

    def other(zone: re.Match[str]) -> str:
        name = zone[1] or zone[2]
        return f';TZID="{names[name]}"' if name in names else zone[0]

    return _ZONE.sub(other, line)


def _since(change: str, year: str) -> str:
    if "RRULE" not in change.upper() or re.search(r"COUNT|INTERVAL=(?!1\b)", change, re.IGNORECASE):
        return change
    return _BEGINS.sub(lambda found: found[1] + max(found[2], year), change)


def _walk(data: bytes) -> Iterator[tuple[tuple[str, ...], str, bytes]]:
    """Return (the components that contain the line, its name, the line). BEGIN and END belong to their
    component."""
    path: tuple[str, ...] = ()
    for found in _LINE.finditer(_FOLD.sub(b"", unbroken(data))):
        line = found[0].removeprefix(_BOM)  # of a calendar that follows another
        match = _NAME.match(line)
        name = match[0].upper().decode() if match else ""
        component = ""
        if name in ("BEGIN", "END"):
            begun = _COMPONENT.match(line)
            if begun is None:
                continue  # a line of a text that was never folded
            component = begun[1].upper().decode()
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


def _name_length(line: str) -> int:
    return next((at for at, letter in enumerate(line) if letter in ":;"), len(line))


def _value(lines: list[str], name: str) -> str:
    return facts_of(lines).get(name, "").partition(":")[2].strip()


def _all_day(facts: dict[str, str]) -> bool:
    start = _START.search(facts.get("DTSTART", ""))
    return bool(start and not start[2]) or facts.get(ALL_DAY, "").upper().strip().endswith(":TRUE")


def _may_occur(facts: dict[str, str], first: str, last: str) -> bool:
    start = _START.search(facts.get("DTSTART", ""))
    if start is None or "RDATE" in facts:
        return True
    if "RRULE" not in facts:
        return first <= start[1] <= last
    until = _UNTIL.search(facts["RRULE"])
    return start[1] <= last and (until is None or until[1] >= first)
