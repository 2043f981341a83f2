"""A rep met contacts, and each of them got a personal way to answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.models.columns import Dated, within


class Meeting(Dated, table=True):
    """form_key: the form it came from; a double click makes one meeting. The hashes say where the
    rep was, to compare answers with; they go after 30 days."""

    __tablename__ = "meetings"
    __table_args__ = (
        UniqueConstraint("organisation_id", "rep_id", "form_key", name="uq_meeting_form"),
        Index("ix_meeting_rep_held", "organisation_id", "rep_id", "held_at"),
        within("rep_id", "users"),
    )

    rep_id: UUID
    held_at: datetime
    topic: str | None = Field(default=None, max_length=200)
    form_key: str | None = Field(default=None, max_length=64)
    network_hash: str | None = Field(default=None, max_length=64)
    browser_hash: str | None = Field(default=None, max_length=64)


class Invitation(Dated, table=True):
    """One contact's personal way to answer for one meeting. Closes at closes_at."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("organisation_id", "token", name="uq_invitation_token"),
        UniqueConstraint("organisation_id", "meeting_id", "contact_id", name="uq_invitation_contact"),
        Index("ix_invitation_contact", "organisation_id", "contact_id"),
        within("meeting_id", "meetings"),
        within("contact_id", "contacts"),
    )

    meeting_id: UUID
    contact_id: UUID
    token: str = Field(max_length=40)
    closes_at: datetime
    opened_at: datetime | None = None
