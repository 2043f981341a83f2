"""The addresses that a rep's calendar is read from, how reading them goes, and the rep's own other addresses."""

import re
from dataclasses import dataclass, replace
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
from feedback.core.emails import small_letters
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked, locked_or_new
from feedback.models import CalendarAddress, RepCalendar
from feedback.models.encrypted import UnreadableSecret
from feedback.store.calendars import addresses_of_rep
from feedback.store.contacts import contacts_by_email
from feedback.store.people import emails_of_people
from feedback.wording.i18n import app_text

CLAIMED_FOR = timedelta(minutes=5)  # after which another worker takes it that the first was killed
AGAIN_AFTER = timedelta(minutes=1)  # at most so often a rep has it read at once
MOST_OWN = 10  # other addresses of one rep
MOST_CALENDARS = 5  # addresses that the calendar of one rep is read from
LONGEST = {"name": 60, "address": 2000, "user_name": 200, "password": 400}
LONGEST_ETAG, LONGEST_DATE, LONGEST_WORDS = 500, 100, 500

_WRITTEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Where a calendar is to be read from."""

    kind: SourceKind
    address: str
    user_name: str = ""  # for CalDAV
    password: str = ""
    name: str = ""  # as the rep calls it


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells whether a file has changed."""

    etag: str | None = None
    last_modified: str | None = None


def rep_calendar(c: Change, rep_id: UUID) -> RepCalendar:
    """Return the row of a rep's calendar, held, and made where it is missing."""
    key = {"organisation_id": c.organisation_id, "rep_id": rep_id}
    return locked_or_new(c.session, RepCalendar, key, {"created_at": c.now, "own_emails": (), "unread": 0})


def subscribe(
    c: Change, rep_id: UUID, source: NewAddress, calendar_id: UUID | None = None, *, private: bool = False
) -> None:
    """Read a rep's calendar from an address from now on, too. calendar_id: in place of this one; without an address, or
    without a password, the one that is known stays then, the password if server and name do. private: as in the settings.
    Raises Invalid."""
    rep_calendar(c, rep_id)  # held: two at once are two, and not one too many
    others = addresses_of_rep(c.session, c.organisation_id, rep_id)
    row = next((each for each in others if each.id == calendar_id), None)
    if calendar_id and row is None:
        raise Invalid(address=app_text("You have removed this calendar. Add it again."))
    if row and not source.address.strip():
        source = replace(source, address=_text_of(row))
    address = checked_address(source, private=private)
    if any(_text_of(each) == address for each in others if each is not row):
        raise Invalid(address=app_text("You have this calendar already."))
    if row is None and len(others) >= MOST_CALENDARS:
        raise Invalid(address=app_text("There can be at most %(most)s calendars.", most=MOST_CALENDARS))
    kept = row is not None and _keeps_password(row, source, address)
    if source.kind is SourceKind.CALDAV and not (source.user_name and (source.password or kept)):
        raise Invalid(password=app_text("A calendar server asks for a name and a password."))
    kind = AuditKind.CALENDAR_CHANGED if row else AuditKind.CALENDAR_SUBSCRIBED
    if row is None:
        row = CalendarAddress(
            organisation_id=c.organisation_id,
            rep_id=rep_id,
            kind=source.kind,
            address=address,
            created_at=c.now,
        )
        c.session.add(row)
    row.kind, row.address, row.name = source.kind, address, " ".join(source.name.split())
    row.user_name = source.user_name or None
    if not kept:
        row.password = source.password or None
    _begin_anew(row, c.now)
    row.etag = row.last_modified = row.read_whole_at = None
    c.session.flush()
    c.audit(rep_id, kind, rep_id, name=urlsplit(address).hostname)


def _keeps_password(row: CalendarAddress, source: NewAddress, address: str) -> bool:
    if row.kind is not source.kind or source.password or not row.password:
        return False
    same_server = masked(_text_of(row)) == masked(address)
    return same_server and (row.user_name.text if row.user_name else "") == source.user_name


def _text_of(row: CalendarAddress) -> str:
    """Return an address in plain; empty where it cannot be decrypted."""
    try:
        return str(row.address.text)
    except UnreadableSecret:
        return ""


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


def stop(c: Change, rep_id: UUID, calendar_id: UUID) -> None:
    """Remove an address. What was held stays counted; the meetings that are in none of the rep's other calendars go."""
    row = _own(c, rep_id, calendar_id)
    if row is None:
        return
    replace_entries(c, rep_id, [], calendar_id)
    whole = rep_calendar(c, rep_id)
    whole.read_at = max(filter(None, (whole.read_at, row.read_at)), default=None)
    whole.unread, whole.named = 0, None
    host = urlsplit(_text_of(row)).hostname
    c.session.delete(row)
    c.audit(rep_id, AuditKind.CALENDAR_STOPPED, rep_id, name=host)


def pause(c: Change, rep_id: UUID, calendar_id: UUID, *, paused: bool) -> None:
    """Leave an address alone, until the rep goes on with it. What was read before stays."""
    row = _own(c, rep_id, calendar_id)
    if row is None or (row.paused_at is not None) is paused:
        return
    if paused:
        row.paused_at, row.due_at = c.now, None
    else:
        _begin_anew(row, c.now)
    host = urlsplit(_text_of(row)).hostname
    c.audit(
        rep_id,
        AuditKind.CALENDAR_CHANGED,
        rep_id,
        name=host,
        before={"paused": not paused},
        after={"paused": paused},
    )


def read_now(c: Change, rep_id: UUID, calendar_id: UUID) -> bool:
    """Have an address read by the worker at once; False where it was a moment ago, or is paused."""
    row = _own(c, rep_id, calendar_id)
    if row is None or row.paused_at or (row.tried_at and c.now - row.tried_at < AGAIN_AFTER):
        return False
    if row.stopped_at:
        _begin_anew(row, c.now)
    row.due_at = c.now
    return True


def _own(c: Change, rep_id: UUID, calendar_id: UUID) -> CalendarAddress | None:
    return locked(
        c.session, CalendarAddress, organisation_id=c.organisation_id, id=calendar_id, rep_id=rep_id
    )


def _begin_anew(row: CalendarAddress, now: datetime) -> None:
    row.due_at, row.tried_at = now, None
    row.failing_since = row.fault = row.fault_words = row.stopped_at = row.paused_at = None


def claim(c: Change, calendar_id: UUID, due_at: datetime) -> bool:
    """Take an address that is due, so that no other worker reads it meanwhile; False where one has."""
    row = locked(c.session, CalendarAddress, organisation_id=c.organisation_id, id=calendar_id)
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
    replace_entries(c, row.rep_id, reading.meetings, calendar_id)


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
    if addresses_of_rep(c.session, c.organisation_id, rep_id):
        raise Invalid(
            calendar=app_text("Your calendar is read from its address. Remove that first, then upload.")
        )
    row.read_at = c.now
    note_unread(row, reading)
    replace_entries(c, rep_id, reading.meetings)


def note_unread(row: RepCalendar | CalendarAddress, reading: CalendarReading) -> None:
    """Note which events could not be read."""
    row.unread, row.named = reading.unread, "\n".join(reading.named) or None


def add_own(c: Change, rep_id: UUID, own_email: str, email: str) -> None:
    """Note another address of the rep. Raises Invalid for one that is somebody else's."""
    row = rep_calendar(c, rep_id)
    email = small_letters(email)
    if email in row.own_emails or email == own_email:
        return
    if not re.fullmatch(r"[^@\s]{1,200}@[^@\s.]+(\.[^@\s.]+)+", email) or len(email) > 200:
        raise Invalid(own=app_text("This is not an e-mail address."))
    if contacts_by_email(c.session, c.organisation_id, [email]):
        raise Invalid(own=app_text("This is the address of a client. Correct the contact first."))
    if email in emails_of_people(c.session, c.organisation_id, [email]):
        raise Invalid(own=app_text("This is the address of a colleague who signs in."))
    if len(row.own_emails) >= MOST_OWN:
        raise Invalid(own=app_text("There can be at most %(most)s addresses.", most=MOST_OWN))
    row.own_emails = (*row.own_emails, email)
    _read_again(c, rep_id)
    c.audit(rep_id, AuditKind.OWN_ADDRESS_ADDED, rep_id, name=email)


def remove_own(c: Change, rep_id: UUID, email: str) -> None:
    """Note that an address is the rep's no more."""
    row = rep_calendar(c, rep_id)
    if email in row.own_emails:
        row.own_emails = tuple(each for each in row.own_emails if each != email)
        _read_again(c, rep_id)
        c.audit(rep_id, AuditKind.OWN_ADDRESS_REMOVED, rep_id, name=email)


def _read_again(c: Change, rep_id: UUID) -> None:
    """Who else comes, and whether the rep does, is known by reading it all as a whole again."""
    for row in addresses_of_rep(c.session, c.organisation_id, rep_id):
        row.read_whole_at = None
        if row.due_at:
            row.due_at = c.now


def _still(c: Change, calendar_id: UUID, address: str) -> CalendarAddress | None:
    row = locked(c.session, CalendarAddress, organisation_id=c.organisation_id, id=calendar_id)
    return row if row and row.paused_at is None and row.address.stored == address else None


def _good(row: CalendarAddress, now: datetime) -> None:
    row.tried_at = row.read_at = now
    row.due_at = now + READ_EVERY
    row.failing_since = row.fault = row.fault_words = row.stopped_at = None


def _short(text: str | None, most: int) -> str | None:
    """Return a header that can be sent back whole, and nothing else; a longer one would match nothing."""
    return text if text and len(text) <= most and _WRITTEN.fullmatch(text.replace(" ", "-")) else None
