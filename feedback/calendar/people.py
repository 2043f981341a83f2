"""Who takes part in an event, as calendars spell it: names with quotes and colons, addresses in angles, no mailto."""

import re
from contextlib import suppress
from unicodedata import normalize
from urllib.parse import unquote

from feedback.core.emails import small_letters

LONGEST_EMAIL = 320

_ADDRESS = re.compile(r"[^@\s\"<>(),;:]+@[^@\s\"'<>(),;:/]+\.[^@\s\"'<>(),;:/]+")
_SCHEME = re.compile(r"^(mailto:\s*)+", re.IGNORECASE)
_KEPT = ("PARTSTAT", "CUTYPE")
_OLD = {"PARTSTAT": "STATUS", "CUTYPE": "CUTYPE"}  # in vCalendar 1.0


def plain_person(name: str, line: str) -> str | None:
    """Return the line of an attendee or organiser (its name) with nothing but one clean address, whether they come, and what they
    are; None for a line without an address. A line as some calendars write it stops what reads events."""
    scheme = line.lower().rfind("mailto:")
    value = line[scheme:] if scheme >= 0 else line.rpartition(":")[2]
    email = address_in(value) or address_in(_param(line, "EMAIL")) or address_in(_param(line, "CN"))
    if not email:
        return None
    kept = "".join(
        f";{key}={found}" for key in _KEPT if (found := _word(line, key) or _word(line, _OLD[key]))
    )
    return f"{name}{kept}:mailto:{email}"


def address_in(text: str) -> str | None:
    """Return the one e-mail address in a text, in small letters; None where there is none, or more than one."""
    bare = _SCHEME.sub("", text.strip().strip("\"'")).strip()
    if angled := re.search(r"<([^<>]*)>", bare):
        bare = _SCHEME.sub("", angled[1].strip())
    email = _readable(small_letters(unquote(bare.partition("?")[0]).strip().strip("\"'").rstrip(".")))
    return email if _ADDRESS.fullmatch(email) and len(email) <= LONGEST_EMAIL else None


def _readable(email: str) -> str:
    """Return an address with its domain as people write it, and as it is stored: müller.example for xn--mller-kva.example."""
    local, at, domain = normalize("NFC", email).rpartition("@")
    if "xn--" in domain:
        import idna  # its tables take a while to load

        with suppress(idna.IDNAError):
            domain = idna.decode(domain)
    return local + at + domain


def _param(line: str, name: str) -> str:
    """Return a parameter's text; one in quotes may hold quotes itself, and ends where the next parameter begins."""
    found = re.search(rf';{name}="([^"]*)"', line, re.IGNORECASE) or re.search(
        rf";{name}=([^;:]*)", line, re.IGNORECASE
    )
    return found[1] if found else ""


def _word(line: str, name: str) -> str:
    found = re.search(rf';{name}="?([A-Za-z-]+)', line, re.IGNORECASE)
    return found[1].upper() if found else ""
