"""Channels of Slack and Microsoft Teams that are told of alerts and of each week, and the messages to them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from feedback.core.chat import ChatEvent, ChatService, ChatTopic, PauseCause
from feedback.models.columns import Dated, one_of, within, word, words
from feedback.models.encrypted import Encrypted, Purpose


class ChatChannel(Dated, table=True):
    """A channel, and what is posted to it."""

    __tablename__ = "chat_channels"
    __table_args__ = (
        within("team_id", "teams"),
        one_of("service", ChatService),
        one_of("paused_because", PauseCause),
        Index("ix_chat_channel", "organisation_id", "team_id"),
    )

    service: ChatService = word(ChatService, 16)
    name: str = Field(max_length=60)  # as the owner calls it
    # Whoever has the address can post there: it is as good as a password.
    address: Any = Field(sa_type=Encrypted(Purpose.CHAT, 4000))
    team_id: UUID | None = None  # whose alerts and board it gets; None: of all teams
    topics: tuple[ChatTopic, ...] = words(40, ChatTopic)
    managers_only: bool = False  # an owner said that nobody but managers and owners reads it
    paused_at: datetime | None = None  # from then on nothing is posted
    paused_because: PauseCause | None = word(PauseCause, 16, None)


class ChatMessage(Dated, table=True):
    """One message to one channel, written in the same transaction as its cause. Its text is made when it is sent, and
    stored nowhere."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        UniqueConstraint("organisation_id", "channel_id", "monday", name="uq_chat_week"),
        within("channel_id", "chat_channels"),
        within("alert_id", "alerts"),
        within("user_id", "users"),
        one_of("event", ChatEvent),
        Index("ix_chat_message_due", "sent_at", "due_at"),
        Index("ix_chat_message_alert", "organisation_id", "alert_id"),
        Index("ix_chat_message_newest", "organisation_id", "channel_id", "created_at", "id"),
    )

    channel_id: UUID
    event: ChatEvent = word(ChatEvent, 16)
    alert_id: UUID | None = None
    monday: date | None = None  # of the week that it tells of; one message for each channel and week
    user_id: UUID | None = None  # who did what it tells of
    due_at: datetime  # of the next try
    tries: int = 0
    tried_at: datetime | None = None  # the last try
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    status: int | None = None  # HTTP status of the last answer; None when there was none
    error: str | None = Field(default=None, max_length=500)  # of the last try, or why it was given up
