"""Promises that either side made, and the other side's verdict on them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word
from feedback.models.feedback import Side


class Verdict(StrEnum):
    """What the other side says of a promise."""

    KEPT = "kept"
    NOT_KEPT = "not_kept"
    NOT_YET = "not_yet"


class Promise(Dated, table=True):
    """A promise made in a meeting."""

    __tablename__ = "promises"
    __table_args__ = (
        Index("ix_promise_meeting", "organisation_id", "meeting_id"),
        within("meeting_id", "meetings"),
        within("contact_id", "contacts"),
        within("judged_in_id", "invitations"),
        one_of("side", Side),
        one_of("verdict", Verdict),
    )

    meeting_id: UUID
    contact_id: UUID
    side: Side = word(Side, 8)  # who promised
    words: str = Field(max_length=200)  # what was promised
    due_on: date | None = None
    verdict: Verdict | None = word(Verdict, 8, None)  # of the other side
    judged_at: datetime | None = None
    judged_in_id: UUID | None = None  # the invitation in whose answer a client gave the verdict
