"""What an organisation's own systems are told, written in the transaction of its cause."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from feedback.models import Audit, Webhook, WebhookDelivery
from feedback.models.webhook import Event

ENDED = "ended before it was sent"


def enqueue_event(
    session: Session, organisation_id: UUID, event: Event, about_id: UUID, now: datetime
) -> None:
    """A message to every webhook that wants this event, in the transaction of what caused it. about_id: the
    alert, the invitation, or the row of the week."""
    hooks = session.exec(
        select(Webhook).where(
            col(Webhook.organisation_id) == organisation_id, col(Webhook.ended_at).is_(None)
        )
    )
    session.add_all(
        WebhookDelivery(
            organisation_id=organisation_id,
            webhook_id=hook.id,
            event=event,
            about_id=about_id,
            due_at=now,
            created_at=now,
        )
        for hook in hooks
        if event in hook.events
    )


def end_webhook_now(
    session: Session,
    organisation_id: UUID,
    webhook_id: UUID,
    user_id: UUID | None,
    now: datetime,
    reason: str | None = None,
) -> None:
    """It is told nothing more, not even what waits. user_id: None when the receiver ended it. Twice is once."""
    ended: Any = session.execute(
        update(Webhook)
        .where(
            col(Webhook.organisation_id) == organisation_id,
            col(Webhook.id) == webhook_id,
            col(Webhook.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
    if not ended.rowcount:
        return
    session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.organisation_id) == organisation_id,
            col(WebhookDelivery.webhook_id) == webhook_id,
            col(WebhookDelivery.sent_at).is_(None),
            col(WebhookDelivery.given_up_at).is_(None),
        )
        .values(given_up_at=now, error=ENDED)
    )
    session.add(
        Audit(
            organisation_id=organisation_id,
            user_id=user_id,
            what="webhook.ended",
            about_id=webhook_id,
            reason=reason,
            created_at=now,
        )
    )
