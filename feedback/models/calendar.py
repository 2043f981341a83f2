"""The entries of a rep's own calendar, as last uploaded."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from feedback.models.columns import Dated, within, words


class CalendarEntry(Dated, table=True):
    """One calendar event on one day; a recurring event has one row for each day it falls on."""

    __tablename__ = "calendar_entries"
    __table_args__ = (
        Index("ix_calendar_rep", "organisation_id", "rep_id", "starts_at"),
        within("rep_id", "users"),
        within("meeting_id", "meetings"),
    )

    rep_id: UUID
    starts_at: datetime
    title: str = Field(max_length=200)
    emails: tuple[str, ...] = words(4000, default=())  # of the attendees, in lower case
    meeting_id: UUID | None = None  # the meeting that was started from this entry
    put_away_at: datetime | None = None  # when the rep said that nobody is to be asked about it
