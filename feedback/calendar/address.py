"""The address that a rep's calendar is read from, how reading it goes, and the rep's own other addresses."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from feedback.calendar.entries import replace_entries
from feedback.calendar.planned import CalendarReading
from feedback.core.audit import AuditKind
from feedback.core.calendar.faults import (
    READ_EVERY,
    CalendarFault,
    SourceKind,
    gives_up,
    masked,
    next_try,
)
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked, locked_or_new
from feedback.models import RepCalendar
from feedback.store.contacts import contacts_by_email
from feedback.store.people import emails_of_people
from feedback.wording.i18n import app_text

CLAIMED_FOR = timedelta(minutes=5)  # after which another worker takes it that the first was killed
AGAIN_AFTER = timedelta(minutes=1)  # at most so often a rep has it read at once
MOST_OWN = 10  # other addresses of one rep
LONGEST = {"address": 2000, "user_name": 200, "password": 400}
LONGEST_ETAG, LONGEST_DATE, LONGEST_WORDS = 500, 100, 500

_WRITTEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Where a calendar is to be read from."""

    kind: SourceKind
    address: str
    user_name: str = ""  # for CalDAV
    password: str = ""


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells whether a file has changed."""

    etag: str | None = None
    last_modified: str | None = None


def rep_calendar(c: Change, rep_id: UUID) -> RepCalendar:
    """Return the row of a rep's calendar, held, and made where it is missing."""
    key = {"organisation_id": c.organisation_id, "rep_id": rep_id}
    return locked_or_new(c.session, RepCalendar, key, {"created_at": c.now, "own_emails": (), "unread": 0})


def subscribe(c: Change, rep_id: UUID, source: NewAddress, *, private: bool = False) -> None:
    """Read a rep's calendar from an address from now on, in place of one before. Without a password the one that is known
    stays, if server and name do. private: as in the settings. Raises Invalid."""
    address = checked_address(source, private=private)
    row = rep_calendar(c, rep_id)
    kept = row.kind is source.kind and not source.password and row.password
    if kept and (masked(row.address.text), row.user_name and row.user_name.text) != (
        masked(address),
        source.user_name,
    ):
        kept = False
    if source.kind is SourceKind.CALDAV and not (source.user_name and (source.password or kept)):
        raise Invalid(password=app_text("A calendar server asks for a name and a password."))
    before = row.address
    row.kind, row.address = source.kind, address
    row.user_name = source.user_name or None
    if not kept:
        row.password = source.password or None
    _begin_anew(row, c.now)
    row.etag = row.last_modified = row.read_whole_at = None
    c.session.flush()
    c.audit(
        rep_id,
        AuditKind.CALENDAR_CHANGED if before else AuditKind.CALENDAR_SUBSCRIBED,
        rep_id,
        name=urlsplit(address).hostname,
    )


def checked_address(source: NewAddress, *, private: bool) -> str:
    """Return an address as it is fetched; webcal:// is another word for https://. Whether it leads anywhere the worker
    finds out. Raises Invalid."""
    for name, most in LONGEST.items():
        if len(getattr(source, name)) > most:
            raise Invalid(**{name: app_text("This is too long.")})
    address = re.sub(r"(?i)^webcals?://", "https://", source.address.strip())
    try:
        parts = urlsplit(address)
        usable = bool(_WRITTEN.fullmatch(address) and parts.hostname and (parts.port is None or parts.port))
    except ValueError:
        usable = False
    if not usable or parts.scheme.lower() not in (("https", "http") if private else ("https",)):
        raise Invalid(address=app_text("Copy the whole address: it begins with https:// or webcal://."))
    if parts.username is not None or parts.password is not None:
        raise Invalid(
            address=app_text("Leave name and password out of the address; they have lines of their own.")
        )
    return address


def stop(c: Change, rep_id: UUID) -> None:
    """Read a rep's calendar from its address no more, and forget that. What was read stays until its days are over."""
    row = rep_calendar(c, rep_id)
    if row.address is None:
        return
    row.kind = row.address = row.user_name = row.password = row.etag = row.last_modified = None
    row.due_at = row.tried_at = row.read_whole_at = row.failing_since = row.fault = row.fault_words = None
    row.stopped_at = None
    c.audit(rep_id, AuditKind.CALENDAR_STOPPED, rep_id)


def read_now(c: Change, rep_id: UUID) -> bool:
    """Have a calendar read by the worker at once; False where it was a moment ago, or has no address."""
    row = rep_calendar(c, rep_id)
    if row.address is None or (row.tried_at and c.now - row.tried_at < AGAIN_AFTER):
        return False
    if row.stopped_at:
        _begin_anew(row, c.now)
    row.due_at = c.now
    return True


def _begin_anew(row: RepCalendar, now: datetime) -> None:
    row.due_at, row.tried_at = now, None
    row.failing_since = row.fault = row.fault_words = row.stopped_at = None


def claim(c: Change, calendar_id: UUID, due_at: datetime) -> bool:
    """Take a calendar that is due, so that no other worker reads it meanwhile; False where one has."""
    row = locked(c.session, RepCalendar, organisation_id=c.organisation_id, id=calendar_id)
    if row is None or row.due_at != due_at:
        return False
    row.due_at = c.now + CLAIMED_FOR
    return True


def note_reading(
    c: Change, calendar_id: UUID, address: str, reading: CalendarReading, validators: Validators
) -> None:
    """Store what was read from an address (as it stands encrypted), unless the rep has changed it meanwhile."""
    row = _still(c, calendar_id, address)
    if row is None:
        return
    _good(row, c.now)
    row.etag = _short(validators.etag, LONGEST_ETAG)
    row.last_modified = _short(validators.last_modified, LONGEST_DATE)
    row.read_whole_at = c.now
    note_unread(row, reading)
    replace_entries(c, row.rep_id, reading.meetings)


def note_same(c: Change, calendar_id: UUID, address: str) -> None:
    """Note that a calendar has not changed since it was last read."""
    if row := _still(c, calendar_id, address):
        _good(row, c.now)


def note_fault(c: Change, calendar_id: UUID, address: str, fault: CalendarFault, words: str | None) -> None:
    """Note that a calendar could not be read. What was read before stays. After days of it trying ends."""
    row = _still(c, calendar_id, address)
    if row is None:
        return
    row.tried_at, row.fault, row.fault_words = c.now, fault, words and words[:LONGEST_WORDS]
    row.failing_since = row.failing_since or c.now
    if gives_up(fault, row.failing_since, c.now):
        row.stopped_at, row.due_at = c.now, None
    else:
        row.due_at = next_try(row.failing_since, c.now)


def note_upload(c: Change, rep_id: UUID, reading: CalendarReading) -> None:
    """Store what a rep uploaded in place of what was there before. Raises Invalid while it is read from an address."""
    row = rep_calendar(c, rep_id)
    if row.address is not None:
        raise Invalid(
            calendar=app_text("Your calendar is read from its address. Stop that first, then upload.")
        )
    row.read_at = c.now
    note_unread(row, reading)
    replace_entries(c, rep_id, reading.meetings)


def note_unread(row: RepCalendar, reading: CalendarReading) -> None:
    """Note which events could not be read."""
    row.unread, row.named = reading.unread, "\n".join(reading.named) or None


def add_own(c: Change, rep_id: UUID, own_email: str, email: str) -> None:
    """Note another address of the rep. Raises Invalid for one that is somebody else's."""
    row = rep_calendar(c, rep_id)
    email = email.strip().casefold()
    if email in row.own_emails or email == own_email:
        return
    if not re.fullmatch(r"[^@\s]{1,200}@[^@\s.]+(\.[^@\s.]+)+", email) or len(email) > 200:
        raise Invalid(own=app_text("This is no e-mail address."))
    if contacts_by_email(c.session, c.organisation_id, [email]):
        raise Invalid(own=app_text("This is the address of a client. Correct the contact first."))
    if email in emails_of_people(c.session, c.organisation_id, [email]):
        raise Invalid(own=app_text("This is the address of a colleague who signs in."))
    if len(row.own_emails) >= MOST_OWN:
        raise Invalid(own=app_text("These are enough: at most %(most)s addresses.", most=MOST_OWN))
    row.own_emails = (*row.own_emails, email)
    _read_again(row, c.now)
    c.audit(rep_id, AuditKind.OWN_ADDRESS_ADDED, rep_id, name=email)


def remove_own(c: Change, rep_id: UUID, email: str) -> None:
    """Note that an address is the rep's no more."""
    row = rep_calendar(c, rep_id)
    if email in row.own_emails:
        row.own_emails = tuple(each for each in row.own_emails if each != email)
        _read_again(row, c.now)
        c.audit(rep_id, AuditKind.OWN_ADDRESS_REMOVED, rep_id, name=email)


def _read_again(row: RepCalendar, now: datetime) -> None:
    """Who else comes, and whether the rep does, is known by reading it as a whole again."""
    row.read_whole_at = None
    if row.due_at:
        row.due_at = now


def _still(c: Change, calendar_id: UUID, address: str) -> RepCalendar | None:
    row = locked(c.session, RepCalendar, organisation_id=c.organisation_id, id=calendar_id)
    return row if row and row.address is not None and row.address.stored == address else None


def _good(row: RepCalendar, now: datetime) -> None:
    row.tried_at = row.read_at = now
    row.due_at = now + READ_EVERY
    row.failing_since = row.fault = row.fault_words = row.stopped_at = None


def _short(text: str | None, most: int) -> str | None:
    """Return a header that can be sent back whole, and nothing else; a longer one would match nothing."""
    return text if text and len(text) <= most and _WRITTEN.fullmatch(text.replace(" ", "-")) else None
