"""A rep's own calendar: where it comes from, what is planned, and what was held without anybody being asked."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlmodel import Session

from feedback.actions import asking
from feedback.actions.meetings import NewContact, NewMeeting
from feedback.api.meetings import MeetingOut, NewContactBody, meeting_out
from feedback.api.operations import REPS, operation, require_match
from feedback.api.shapes import Body, Listing, ListQuery, Out, Text
from feedback.api.who_is_meant import ask_who_is_meant
from feedback.calendar import address, entries
from feedback.calendar.address import NewAddress
from feedback.calendar.reader import READER
from feedback.context import app_context
from feedback.core.access import NotFound
from feedback.core.api_tokens import Scope
from feedback.core.asking import Way
from feedback.core.calendar.faults import CalendarFault, SourceKind
from feedback.core.emails import small_letters
from feedback.db.change import Change, Invalid
from feedback.pages.calendar import EntryView, all_entries, entry_for, held_not_asked, own_addresses
from feedback.pages.calendar_source import CalendarSource, calendar_sources
from feedback.web.context import changing, current_user, mails_from, now, read_session, zone
from feedback.web.fingerprint import fingerprint_of
from feedback.web.limits import limit_uploads, reading_for

Address = Annotated[Text, Field(max_length=320)]
MOST_ADDRESSES = 20


class EntriesOf(StrEnum):
    """Which entries of a calendar."""

    PLANNED = "planned"
    HELD = "held"


class EntriesQuery(ListQuery):
    """Which entries: those to come, or those of two weeks that were held and of which nobody was asked."""

    only: EntriesOf = EntriesOf.PLANNED


class EntryContact(Out):
    """A known contact who comes."""

    id: UUID
    name: str
    account: str


class EntryOut(Out):
    """A meeting of the calendar."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    contacts: list[EntryContact]
    unmatched: list[str] = Field(description="Addresses of others who come, without colleagues.")
    meeting_id: UUID | None = Field(description="That was begun from it.")
    put_away: bool = Field(description="Nobody is to be asked about it.")
    asked_itself_at: datetime | None = Field(description="When its clients were asked by mail by itself.")


class CalendarAddressOut(Out):
    """An address that the calendar is read from, and how reading it goes. It is as good as a password, so it is shown in
    part."""

    id: UUID
    name: str = Field(description="As the rep calls it, else the server's.")
    kind: SourceKind
    address: str
    read_at: datetime | None
    fault: CalendarFault | None = Field(description="Why it could not be read the last time.")
    stopped_at: datetime | None = Field(description="Not tried any more since then.")
    paused_at: datetime | None = Field(description="Left alone by the rep since then.")
    unread: int = Field(description="Events that could not be read.")


class CalendarOut(Out):
    """Where the calendar comes from."""

    addresses: list[CalendarAddressOut] = Field(description="None where it is uploaded, if there is any.")
    unread: int = Field(description="Events of the upload that could not be read.")
    own_emails: list[str] = Field(description="Under which the rep is invited, too.")


class UploadBody(Body):
    """A calendar as a file has it."""

    calendar: Annotated[str, Field(min_length=1, max_length=250_000)] = Field(description="iCalendar text.")


class SubscriptionBody(Body):
    """Where the calendar is to be read from, every quarter of an hour."""

    kind: Annotated[SourceKind, Field(strict=False)] = SourceKind.ICS
    address: Annotated[Text, Field(max_length=2000)]
    name: Annotated[Text, Field(max_length=60)] = Field("", description="What the rep calls it.")
    user_name: Annotated[Text, Field(max_length=200)] = Field("", description="With caldav.")
    password: Annotated[Text, Field(max_length=400)] = Field("", description="With caldav. Kept encrypted.")


class CalendarAddressChange(Body):
    """What is changed of an address."""

    paused: bool = Field(description="It is left alone; what was read before stays.")


class OwnAddressesBody(Body):
    """Every other address under which the rep is invited; what is not among them is none any more."""

    emails: Annotated[list[Address], Field(max_length=MOST_ADDRESSES)]


class EntryMeetingBody(Body):
    """Whom the rep met, where it is not whom the calendar says."""

    contact_ids: Annotated[list[UUID], Field(max_length=20)] = Field(default_factory=list)
    new_contact: NewContactBody | None = None
    way: Annotated[Way, Field(strict=False)] = Way.CODE


class EntryChange(Body):
    """What is noted of an entry."""

    put_away: bool = Field(description="Nobody is to be asked about it.")


def _calendar(session: Session) -> CalendarOut:
    found = calendar_sources(session, current_user())
    return CalendarOut(
        addresses=[_address_out(each) for each in found.addresses], unread=found.unread, own_emails=list(found.own_emails)
    )  # fmt: skip


def _address_out(found: CalendarSource) -> CalendarAddressOut:
    return CalendarAddressOut(
        id=found.id, name=found.name, kind=found.kind, address=found.shown, read_at=found.read_at, fault=found.fault,
        stopped_at=found.stopped_at, paused_at=found.paused_at, unread=found.unread,
    )  # fmt: skip


def _address(session: Session, calendar_id: UUID) -> CalendarAddressOut:
    """Return one of the rep's own addresses. Raises NotFound."""
    own = calendar_sources(session, current_user()).addresses
    found = next((each for each in own if each.id == calendar_id), None)
    if found is None:
        raise NotFound("calendar")
    return _address_out(found)


def entry_out(found: EntryView) -> EntryOut:
    """Return an entry as JSON has it."""
    return EntryOut(
        id=found.id, title=found.title, starts_at=found.starts_at, ends_at=found.ends_at,
        contacts=[EntryContact(id=each.id, name=each.name, account=each.account) for each in found.contacts],
        unmatched=list(found.unmatched), meeting_id=found.meeting_id, put_away=found.put_away,
        asked_itself_at=found.asked_itself_at,
    )  # fmt: skip


def _entry(session: Session, entry_id: UUID) -> EntryOut:
    return entry_out(entry_for(session, current_user(), entry_id))


@operation("GET", "/calendar", roles=REPS)
def show_calendar() -> CalendarOut:
    """Tell where the rep's calendar comes from, and how reading it goes."""
    return _calendar(read_session())


@operation("PUT", "/calendar", Scope.WRITE, REPS, current=_calendar)
def upload_calendar(body: UploadBody) -> CalendarOut:
    """Replace what was uploaded before by a calendar."""
    who, session = current_user(), read_session()
    limit_uploads(who.id)
    own_email, *aliases = own_addresses(session, who)
    data = body.calendar.encode(errors="replace")
    with reading_for(who.id):
        read = READER.read(data, own_email=own_email, zone=zone(), now=now(), aliases=aliases)
    with changing() as c:  # opened here: reading may take seconds, in which others write
        require_match(c, _calendar)
        address.note_upload(c, who.id, read)
        return _calendar(c.session)


@operation("POST", "/calendar/addresses", Scope.WRITE, REPS, status=201)
def subscribe_calendar(c: Change, body: SubscriptionBody) -> CalendarOut:
    """Have the calendar read from an address, too."""
    _subscribe(c, body)
    return _calendar(c.session)


@operation("PUT", "/calendar/addresses/<uuid:calendar_id>", Scope.WRITE, REPS, current=_address)
def replace_calendar(c: Change, calendar_id: UUID, body: SubscriptionBody) -> CalendarAddressOut:
    """Have the calendar read from another address in place of this one."""
    _address(c.session, calendar_id)
    _subscribe(c, body, calendar_id)
    return _address(c.session, calendar_id)


@operation("PATCH", "/calendar/addresses/<uuid:calendar_id>", Scope.WRITE, REPS, current=_address)
def pause_calendar(c: Change, calendar_id: UUID, body: CalendarAddressChange) -> CalendarAddressOut:
    """Leave an address alone for a while, or go on with it."""
    _address(c.session, calendar_id)
    address.pause(c, current_user().id, calendar_id, paused=body.paused)
    return _address(c.session, calendar_id)


@operation(
    "DELETE", "/calendar/addresses/<uuid:calendar_id>", Scope.WRITE, REPS, status=204, current=_address
)
def end_subscription(c: Change, calendar_id: UUID) -> None:
    """Read the calendar from an address no more."""
    _address(c.session, calendar_id)
    address.stop(c, current_user().id, calendar_id)


@operation("POST", "/calendar/addresses/<uuid:calendar_id>/read", Scope.WRITE, REPS, status=200)
def read_calendar_now(c: Change, calendar_id: UUID) -> CalendarAddressOut:
    """Have an address read at once, by the worker."""
    _address(c.session, calendar_id)
    limit_uploads(current_user().id)
    address.read_now(c, current_user().id, calendar_id)
    return _address(c.session, calendar_id)


def _subscribe(c: Change, body: SubscriptionBody, calendar_id: UUID | None = None) -> None:
    limit_uploads(current_user().id)
    named = (body.user_name, body.password) if body.kind is SourceKind.CALDAV else ("", "")
    source = NewAddress(body.kind, body.address, *named, name=body.name)
    private = app_context().settings.private_webhooks
    address.subscribe(c, current_user().id, source, calendar_id, private=private)


@operation("PUT", "/calendar/own-addresses", Scope.WRITE, REPS, current=_calendar)
def set_own_addresses(c: Change, body: OwnAddressesBody) -> CalendarOut:
    """Say under which other addresses the rep is invited."""
    who, wanted = current_user(), {small_letters(each) for each in body.emails}
    known = set(_calendar(c.session).own_emails)
    for email in sorted(known - wanted):
        address.remove_own(c, who.id, email)
    for email in sorted(wanted - known):
        address.add_own(c, who.id, who.email, email)
    return _calendar(c.session)


@operation("GET", "/calendar/entries", roles=REPS)
def list_entries(query: EntriesQuery) -> Listing[EntryOut]:
    """List what is planned, in order of time; or what was held without anybody being asked, the latest first."""
    who, session = current_user(), read_session()
    if query.only is EntriesOf.HELD:
        found = held_not_asked(session, who, now())
    else:
        found = [each for each in all_entries(session, who) if not each.is_held(now())]
    return query.page_of(found, entry_out)


@operation("GET", "/calendar/entries/<uuid:entry_id>", roles=REPS)
def show_entry(entry_id: UUID) -> EntryOut:
    """Show one entry."""
    return _entry(read_session(), entry_id)


@operation("PATCH", "/calendar/entries/<uuid:entry_id>", Scope.WRITE, REPS, current=_entry)
def put_entry_away(c: Change, entry_id: UUID, body: EntryChange) -> EntryOut:
    """Note that nobody is to be asked about a meeting, or take that back."""
    found = entry_for(c.session, current_user(), entry_id)
    entries.put_away(c, current_user().id, found.id, away=body.put_away)
    return _entry(c.session, entry_id)


@operation("POST", "/calendar/entries/<uuid:entry_id>/meeting", Scope.ASK, REPS, status=201)
def start_from_calendar(c: Change, entry_id: UUID, body: EntryMeetingBody) -> MeetingOut:
    """Begin the meeting of an entry, or ask afterwards; twice is once."""
    who, found = current_user(), entry_for(c.session, current_user(), entry_id)
    if found.meeting_id:
        return meeting_out(c.session, found.meeting_id)
    new = body.new_contact
    if new and not new.another:
        ask_who_is_meant(c, "new_contact", new.name, new.email, certain_at=new.account)
    if not (found.contacts or body.contact_ids or new):
        raise Invalid(contact_ids="The calendar names nobody who is known here. Say whom you met.")
    said = NewMeeting(
        contact_ids=body.contact_ids,
        new_contact=NewContact(new.name, new.account, new.email, another=new.another) if new else None,
    )
    meeting_id = entries.start_from_entry(c, who.id, found, said, fingerprint_of(who.organisation_id))
    asking.ask_all(c, meeting_id, body.way, mails_from())
    return meeting_out(c.session, meeting_id)
