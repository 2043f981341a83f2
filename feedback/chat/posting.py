"""Messages to chat channels, queued in the transaction of their cause, and gathered like mails."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col

from feedback.core.chat import ChatEvent
from feedback.db.change import Change
from feedback.models import Alert, ChatMessage
from feedback.store.chat import channels_for_alerts, channels_told
from feedback.store.queued import is_waiting

GATHERED_FOR = timedelta(seconds=20)  # what comes within it goes as one message, as mails do


def post_alert(c: Change, alert: Alert, rep_id: UUID, *, new: bool) -> None:
    """Queue a message about an urgent alert for each channel that is told of a rep's clients and that managers alone read,
    unless one waits already: about an alert that is new there is none."""
    told = channels_for_alerts(c.session, c.organisation_id, rep_id, None if new else alert.id)
    c.session.add_all(_message(c, each, ChatEvent.ALERT, alert.id, None) for each in told)


def post_follow_up(c: Change, alert: Alert, event: ChatEvent, user_id: UUID | None) -> None:
    """Queue what was done with an alert, for the channels that were told of it. user_id: who did it; None: it closed by
    itself."""
    told = channels_told(c.session, c.organisation_id, alert.id)
    c.session.add_all(_message(c, each, event, alert.id, user_id) for each in told)


def stop_messages(c: Change, about: ColumnElement[bool], why: str) -> int:
    """Give up what waits; return how many messages. why: what the log of the channel says."""
    stopped: Any = c.session.execute(
        update(ChatMessage)
        .where(col(ChatMessage.organisation_id) == c.organisation_id, is_waiting(ChatMessage), about)
        .values(given_up_at=c.now, error=why)
    )
    return int(stopped.rowcount)


def _message(
    c: Change, channel_id: UUID, event: ChatEvent, alert_id: UUID | None, user_id: UUID | None
) -> ChatMessage:
    return ChatMessage(
        organisation_id=c.organisation_id,
        created_at=c.now,
        channel_id=channel_id,
        event=event,
        alert_id=alert_id,
        user_id=user_id,
        due_at=c.now + GATHERED_FOR,
    )
