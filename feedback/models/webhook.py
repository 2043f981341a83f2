"""Where an organisation's own systems hear of what happens here."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word, words


class Event(StrEnum):
    """What is told."""

    ALERT_OPENED = "alert.opened"
    ALERT_CLOSED = "alert.closed"
    FEEDBACK_RECEIVED = "feedback.received"
    FEEDBACK_CHANGED = "feedback.changed"
    FEEDBACK_ERASED = "feedback.erased"
    STANDINGS_FROZEN = "standings.frozen"


class Webhook(Dated, table=True):
    """events: what it wants to be told, in the order of Event. secrets: the one in use, as Standard Webhooks writes it
    (whsec_...), and after a rotation the one before. ended_at: told nothing more; its log stays."""

    __tablename__ = "webhooks"

    url: str = Field(max_length=2000)
    secrets: tuple[str, ...] = words(100, column="secret")
    events: tuple[Event, ...] = words(200, Event)
    ended_at: datetime | None = None


class WebhookDelivery(Dated, table=True):
    """One message to one webhook, written in the same transaction as what it tells of. about_id: the alert,
    the invitation, or the week. The words are made when it is sent, so that what a client erased is not told.
    due_at: the next try. status: the last answer's, None when there was none."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        within("webhook_id", "webhooks"),
        one_of("event", Event),
        Index("ix_webhook_delivery_due", "sent_at", "due_at"),
        Index("ix_webhook_delivery_webhook", "organisation_id", "webhook_id"),
    )

    webhook_id: UUID
    event: Event = word(Event, 32)
    about_id: UUID
    due_at: datetime
    tries: int = 0
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    status: int | None = None
    error: str | None = Field(default=None, max_length=500)
