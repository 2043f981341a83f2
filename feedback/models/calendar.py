"""A rep's own calendar: the addresses it is read from, its entries as last read, and which meetings of it were held."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from feedback.core.calendar.faults import CalendarFault, SourceKind
from feedback.models.columns import Dated, one_of, within, word, words
from feedback.models.encrypted import Encrypted, Purpose


class RepCalendar(Dated, table=True):
    """What is known of a rep's calendar as a whole: what was uploaded last, which other addresses are the rep's own, and
    whether clients are asked by mail by itself."""

    __tablename__ = "rep_calendars"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", name="uq_rep_calendar"),
        Index(
            "ix_rep_calendar_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        within("rep_id", "users"),
        one_of("kind", SourceKind),
        one_of("fault", CalendarFault),
    )

    rep_id: UUID
    own_emails: tuple[str, ...] = words(2000, default=())  # other addresses of the rep, in lower case
    asks_itself: bool | None = (
        None  # whether clients are asked by mail by itself; None: as the organisation has it
    )
    asks_since: datetime | None = (
        None  # about meetings that end from then on; None where asks_itself is not True
    )
    read_at: datetime | None = None  # when it was last read well, while there was no address or before that
    unread: int = 0  # events of the upload that could not be read
    named: str | None = Field(default=None, max_length=3000)  # the titles of the first of them, a line each
    # The one address that a rep had before CalendarAddress. Nobody reads or writes it any more: migration 0033 emptied it,
    # and it stays for one version, for the version before still asks for it while both serve. 0.2 drops all that follows.
    kind: SourceKind | None = word(SourceKind, 8, None)
    address: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.CALENDAR, 4000))
    user_name: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.CALENDAR, 1000))
    password: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.CALENDAR, 1000))
    etag: str | None = Field(default=None, max_length=500)
    last_modified: str | None = Field(default=None, max_length=100)
    due_at: datetime | None = None
    tried_at: datetime | None = None
    read_whole_at: datetime | None = None
    failing_since: datetime | None = None
    fault: CalendarFault | None = word(CalendarFault, 16, None)
    fault_words: str | None = Field(default=None, max_length=500)
    stopped_at: datetime | None = None


class CalendarAddress(Dated, table=True):
    """An address that a rep's calendar is read from, and how reading it goes."""

    __tablename__ = "calendar_addresses"
    __table_args__ = (
        Index("ix_calendar_address_rep", "organisation_id", "rep_id"),
        Index(
            "ix_calendar_address_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        within("rep_id", "users"),
        one_of("kind", SourceKind),
        one_of("fault", CalendarFault),
    )

    rep_id: UUID
    name: str = Field(default="", max_length=60)  # as the rep calls it; empty where the server's says enough
    kind: SourceKind = word(SourceKind, 8)
    address: Any = Field(sa_type=Encrypted(Purpose.CALENDAR, 4000))
    user_name: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.CALENDAR, 1000))
    password: Any = Field(default=None, nullable=True, sa_type=Encrypted(Purpose.CALENDAR, 1000))
    etag: str | None = Field(default=None, max_length=500)  # of the last answer
    last_modified: str | None = Field(default=None, max_length=100)
    due_at: datetime | None = None  # of the next try; None where there is none
    tried_at: datetime | None = None
    read_at: datetime | None = None  # when it was last read well
    read_whole_at: datetime | None = None  # the same without answers that nothing has changed
    failing_since: datetime | None = None  # from the first failure after it was last read well
    fault: CalendarFault | None = word(CalendarFault, 16, None)  # of the last try
    fault_words: str | None = Field(default=None, max_length=500)  # why a calendar that came cannot be read
    stopped_at: datetime | None = None  # when trying it was given up
    paused_at: datetime | None = None  # when the rep had it left alone for a while
    unread: int = 0  # events that could not be read
    named: str | None = Field(default=None, max_length=3000)  # the titles of the first of them, a line each


class CalendarEntry(Dated, table=True):
    """One calendar event on one day; a recurring event has one row for each day it falls on."""

    __tablename__ = "calendar_entries"
    __table_args__ = (
        Index("ix_calendar_rep", "organisation_id", "rep_id", "starts_at"),
        Index(
            "ix_calendar_not_counted",
            "organisation_id",
            "starts_at",
            sqlite_where=text("counted_at IS NULL"),
            postgresql_where=text("counted_at IS NULL"),
        ),
        within("rep_id", "users"),
        within("meeting_id", "meetings"),
    )

    rep_id: UUID
    starts_at: datetime
    ends_at: datetime | None = None  # None where the calendar does not say
    title: str = Field(max_length=200)
    emails: tuple[str, ...] = words(4000, default=())  # of the attendees, in lower case
    meeting_id: UUID | None = None  # the meeting that was started from this entry
    put_away_at: datetime | None = None  # when the rep said that nobody is to be asked about it
    asked_itself_at: datetime | None = None  # when its clients were asked by mail by itself
    read_from: tuple[str, ...] = words(
        200, default=()
    )  # the addresses it stands in, as hex; none: it was uploaded
    counted_at: datetime | None = None  # when it was over, and looked at whether it was held with clients


class HeldMeeting(Dated, table=True):
    """That a meeting of a rep's calendar was held with somebody from outside: it outlives the entry, and names nobody. Two
    at one moment are one, for nobody is in two places."""

    __tablename__ = "held_meetings"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", "starts_at", name="uq_held_meeting"),
        Index("ix_held_meeting", "organisation_id", "meeting_id"),
        within("rep_id", "users"),
        within("meeting_id", "meetings"),
    )

    rep_id: UUID
    starts_at: datetime
    meeting_id: UUID | None = None  # the meeting in which somebody was asked about it
