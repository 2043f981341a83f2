"""Lines of a calendar as some programs write them, made such as the standard has them (RFC 5545): times, rules, and what
vCalendar 1.0 wrote otherwise."""

import re
from codecs import lookup
from contextlib import suppress
from quopri import decodestring

_ZONED = frozenset(("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"))
_FINE = re.compile(r"(?:;TZID=[A-Za-z]+/[A-Za-z_/-]+)?:[0-9]{8}T[0-9]{6}Z?$")  # as almost all are
_ZONE = re.compile(
    r';TZID=(?:"([^"]*)"|([^";]*?)(?=:\s*[0-9]{4}|;VALUE=))', re.IGNORECASE
)  # not in quotes though it holds a colon
_UTC = frozenset(
    (
        "z",
        "zulu",
        "utc",
        "gmt",
        "utc+00:00",
        "gmt+00:00",
        "coordinated universal time",
        "tzone://microsoft/utc",
    )
)
_TIME = re.compile(
    r"(?<=[:,=/])\s*([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[Tt ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?(?:\.[0-9]{1,9})?([Zz]?))?"
    r"(?=[,;/]|\s*$)"
)
_STARTS = re.compile(r"DTSTART(.*):[0-9]{8}(T[0-9]{6}Z?)$", re.IGNORECASE)
_MOVED_DAY = re.compile(r"^RECURRENCE-ID.*:([0-9]{8})$", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?<=[:;])(?:[A-Z-]+=|RSCALE=GREGORIAN|X-[^;]*)(?:;|$)", re.IGNORECASE
)  # said by a rule
_ENCODED = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])", re.IGNORECASE)
_CHARSET = re.compile(r';CHARSET="?([\w-]+)"?', re.IGNORECASE)
# Lines that go on in the next, which begins with anything.
_BROKEN = re.compile(
    rb"(?i)(?<![^\r\n])[A-Z-]+;[^:\r\n]*QUOTED-PRINTABLE[^\r\n]*(?:(?<==)(?:\r*\n|\r)[^\r\n]*)+"
)
_BREAK = re.compile(rb"=(?:\r*\n|\r)")


def unbroken(data: bytes) -> bytes:
    """Return a file with each text of vCalendar 1.0 on one line."""
    if b"QUOTED-PRINTABLE" not in data:
        return data
    return _BROKEN.sub(lambda found: _BREAK.sub(b"", found[0]), data)


def plain_line(name: str, line: str) -> str:
    """Return the line of a property that is kept; "" for one that says nothing."""
    line = line.rstrip()
    if name in _ZONED and _FINE.match(line, len(name)):
        return line
    if name in _ZONED and ";TZID=" in line.upper():
        line = _ZONE.sub(
            "" if ";VALUE=DATE:" in line.upper() else _plain_zone, line, count=1
        )  # days have no zone
    if name == "RRULE":
        line = _NOTHING.sub("", line.replace(" ", "").upper()).rstrip(";")
    if name in _ZONED or name == "RRULE":
        line = _TIME.sub(_plain_time, line)
    if name in ("EXDATE", "RDATE"):
        line = re.sub(r",(?=,|$)|(?<=:),", "", line)
        return "" if line.endswith(":") else line
    if line[len(name) : len(name) + 1] == ";" and _ENCODED.search(line.partition(":")[0] + ":"):
        return _decoded(line)
    return line


def timed_moves(events: list[list[str]]) -> list[list[str]]:
    """Return the events of one series; a moved day that is named by its day alone is named with the series' time, without
    which it would stand beside the day that it was moved from."""
    series = (event for event in events if not any(line[:13].upper() == "RECURRENCE-ID" for line in event))
    starts = (_STARTS.match(line) for event in series for line in event)
    start = next(filter(None, starts), None) if len(events) > 1 else None
    if start is None:
        return events
    return [
        [_MOVED_DAY.sub(lambda day: f"RECURRENCE-ID{start[1]}:{day[1]}{start[2]}", line) for line in event]
        for event in events
    ]


def plain_zone_name(text: str) -> str:
    """Return the name of a zone as times have it, without the marks before commas that texts have."""
    return re.sub(r"\\([,;\\])", r"\1", text)


def _plain_time(at: re.Match[str]) -> str:
    day = f"{at[1]}{at[2]}{at[3]}"
    return f"{day}T{at[4]}{at[5]}{at[6] or '00'}{at[7].upper()}" if at[4] else day


def _plain_zone(found: re.Match[str]) -> str:
    name = (found[1] or found[2] or "").strip()
    if name.lower() in _UTC:
        return ";TZID=UTC"
    return f';TZID="{name}"' if re.search("[:,;]", name) else f";TZID={name}"


def _decoded(line: str) -> str:
    """Return the line of a text that is written as ä for =C3=A4, and with marks before commas as texts have them now."""
    head, _, text = line.partition(":")
    charset = _CHARSET.search(head)
    with suppress(LookupError):
        encoding = lookup(charset[1] if charset else "utf-8").name
        text = decodestring(text.encode()).decode(encoding, "replace")
    escaped = re.sub(r"([,;\\])", r"\\\1", " ".join(text.split()))
    return f"{head.partition(';')[0]}:{escaped}"
