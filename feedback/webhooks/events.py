"""Messages to an organisation's own systems, queued in the transaction of their cause."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.models import Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.webhooks import active_webhooks

ENDED = "ended before it was sent"


def enqueue_event(c: Change, event: Event, about_id: UUID) -> None:
    """Queue a message to every webhook that wants this event. about_id: the alert, the invitation, or the row
    of the week."""
    c.session.add_all(
        WebhookDelivery(
            organisation_id=c.organisation_id,
            webhook_id=hook.id,
            event=event,
            about_id=about_id,
            due_at=c.now,
            created_at=c.now,
        )
        for hook in active_webhooks(c.session, c.organisation_id)
        if event in hook.events
    )


def end_webhook(c: Change, webhook_id: UUID, user_id: UUID | None, reason: str | None = None) -> None:
    """End a webhook: nothing more is sent to it, not even what is queued; its log stays. user_id: None when
    the receiver ended it. Ending it twice changes nothing."""
    ended: Any = c.session.execute(
        update(Webhook)
        .where(
            col(Webhook.organisation_id) == c.organisation_id,
            col(Webhook.id) == webhook_id,
            col(Webhook.ended_at).is_(None),
        )
        .values(ended_at=c.now)
    )
    if not ended.rowcount:
        return
    c.session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.organisation_id) == c.organisation_id,
            col(WebhookDelivery.webhook_id) == webhook_id,
            col(WebhookDelivery.sent_at).is_(None),
            col(WebhookDelivery.given_up_at).is_(None),
        )
        .values(given_up_at=c.now, error=ENDED)
    )
    url = c.session.get_one(Webhook, (c.organisation_id, webhook_id)).url
    c.audit(user_id, AuditKind.WEBHOOK_ENDED, webhook_id, reason, name=host_of(url))


def host_of(url: str) -> str:
    """Return a webhook's name in the audit log: the host alone, for the rest of an address can be a secret."""
    return urlsplit(url).hostname or ""
