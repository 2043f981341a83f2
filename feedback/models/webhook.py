"""Webhooks, by which an organisation's own systems are told of events, and the messages to them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word, words
from feedback.models.encrypted import EncryptedWords, Purpose


class Event(StrEnum):
    """The events that a webhook can be told of."""

    ALERT_OPENED = "alert.opened"
    ALERT_CLOSED = "alert.closed"
    FEEDBACK_RECEIVED = "feedback.received"
    FEEDBACK_CHANGED = "feedback.changed"
    FEEDBACK_ERASED = "feedback.erased"
    STANDINGS_FROZEN = "standings.frozen"


class Webhook(Dated, table=True):
    """A subscription of one receiver."""

    __tablename__ = "webhooks"

    url: str = Field(max_length=2000)
    # The one in use, as Standard Webhooks writes it (whsec_...), and after a rotation the one before. None where they were
    # encrypted with a key that is missing.
    secrets: tuple[str, ...] = Field(
        sa_type=EncryptedWords(Purpose.WEBHOOK, 400), sa_column_kwargs={"name": "secret"}
    )
    events: tuple[Event, ...] = words(200, Event)
    ended_at: datetime | None = None  # from then on nothing is sent; the log stays


class WebhookDelivery(Dated, table=True):
    """One message to one webhook, written in the same transaction as the event. Its text is made when it is
    sent, so that what a client has erased is not told."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        within("webhook_id", "webhooks"),
        one_of("event", Event),
        Index("ix_webhook_delivery_due", "sent_at", "due_at"),
        Index("ix_webhook_delivery_webhook", "organisation_id", "webhook_id"),
    )

    webhook_id: UUID
    event: Event = word(Event, 32)
    about_id: UUID  # the alert, the invitation, or the week
    due_at: datetime  # of the next try
    tries: int = 0
    tried_at: datetime | None = None  # the last try
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    status: int | None = None  # HTTP status of the last reply; None when there was none
    error: str | None = Field(default=None, max_length=500)  # of the last try, or why it was given up
