"""What is to leave the house, written in the same transaction as what caused it; and who did what."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word


class Mail(StrEnum):
    RECEIPT = "receipt"  # to a client, about an invitation
    ALERT = "alert"  # to a manager, about an alert; those that wait for one person go as one mail
    WEEKLY = "weekly"  # to a manager, about the week that began on that Monday
    OWN_WEEKLY = "own_weekly"  # to a rep, likewise


class Outbox(Dated, table=True):
    """A mail to be sent. due_at: the next try. The words are made when it is sent, from what is known then.
    user_id: whom of ours it goes to. alert_id, invitation_id, monday: what it is about; one weekly mail per
    person and week."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("organisation_id", "user_id", "kind", "monday", name="uq_weekly_mail"),
        within("invitation_id", "invitations"),
        within("user_id", "users"),
        within("alert_id", "alerts"),
        one_of("kind", Mail),
        Index("ix_outbox_due", "sent_at", "due_at"),
    )

    kind: Mail = word(Mail, 16)
    recipient: str = Field(max_length=320)
    invitation_id: UUID | None = None
    user_id: UUID | None = None
    alert_id: UUID | None = None
    monday: date | None = None
    base_url: str = Field(max_length=500)
    due_at: datetime
    tries: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    error: str | None = Field(default=None, max_length=500)


class Audit(Dated, table=True):
    """Who did what to what, and why. Rows are only ever added."""

    __tablename__ = "audit"
    __table_args__ = (
        within("user_id", "users"),
        Index("ix_audit_about", "organisation_id", "about_id"),
    )

    user_id: UUID | None = None
    what: str = Field(max_length=64)
    about_id: UUID | None = None
    reason: str | None = Field(default=None, max_length=2000)
