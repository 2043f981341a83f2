"""Mails to be sent, written in the same transaction as their cause."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word


class Mail(StrEnum):
    """The kinds of mail."""

    RECEIPT = "receipt"  # to a client, about an invitation
    ASK = "ask"  # to a client: how was the meeting
    REMINDER = "reminder"  # likewise, once, when nothing was tapped
    WE_DID = "we_did"  # to the client of an alert: you said, we did
    ALERT = "alert"  # to a manager, about an alert; those that wait for one person go as one mail
    WEEKLY = "weekly"  # to a manager, about the week that began on that Monday
    OWN_WEEKLY = "own_weekly"  # to a rep, likewise
    LINK = "link"  # to somebody who is to join, or to choose a new password
    PASSWORD_LINK = "password_link"  # noqa: S105 (to whoever forgot it)
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (to whose it is)
    SIGN_IN_LINK = "sign_in_link"  # to whoever asked for it
    NEW_DEVICE = "new_device"  # to whoever signed in where they had not before
    FACTOR_CHANGED = "factor_changed"  # to whose ways of signing in were changed
    CHAT_PAUSED = "chat_paused"  # to an owner: a chat channel refuses messages


class Outbox(Dated, table=True):
    """A mail to be sent. Its text is made when it is sent, from what is stored then."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("organisation_id", "user_id", "kind", "monday", name="uq_weekly_mail"),
        within("invitation_id", "invitations"),
        within("user_id", "users"),
        within("alert_id", "alerts"),
        one_of("kind", Mail),
        Index("ix_outbox_due", "sent_at", "due_at"),
        # One mail that asks, and one that reminds, for each invitation.
        Index(
            "uq_asking_mail",
            "organisation_id",
            "invitation_id",
            "kind",
            unique=True,
            sqlite_where=text("kind IN ('ask', 'reminder')"),
            postgresql_where=text("kind IN ('ask', 'reminder')"),
        ),
    )

    kind: Mail = word(Mail, 16)
    recipient: str = Field(max_length=320)  # e-mail address
    invitation_id: UUID | None = None  # of a mail to a client
    user_id: UUID | None = None  # the user it goes to; None for a client
    alert_id: UUID | None = None  # of an alert mail, and of what a client is told about one
    monday: date | None = None  # of the week that a weekly mail is about; one per person and week
    base_url: str = Field(max_length=500)  # of the addresses in the mail
    due_at: datetime  # of the next try
    tries: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    error: str | None = Field(default=None, max_length=500)  # of the last try, or why it was given up
