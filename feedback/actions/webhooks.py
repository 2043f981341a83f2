"""What an organisation's own systems are told. Written with its cause; sending is claimed first and reported
afterwards, so that several workers send a message once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from feedback.actions.outbox import CLAIMED_FOR, PAUSES
from feedback.models import Audit, Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.database import Database
from feedback.store.webhooks import DueDelivery

LONGEST_ERROR = 500  # characters
GONE = 410  # the receiver's way to say: no more, please
ENDED = "ended before it was sent"


def tell(session: Session, organisation_id: UUID, event: Event, about_id: UUID, now: datetime) -> None:
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
        if event in hook.events.split()
    )


def claim(db: Database, delivery: DueDelivery, now: datetime) -> bool:
    """Is it ours to send? False when another worker was faster."""
    with db.writing() as session:
        return _update(
            session,
            delivery,
            (col(WebhookDelivery.due_at) == delivery.due_at, col(WebhookDelivery.given_up_at).is_(None)),
            due_at=now + CLAIMED_FOR,
            tries=delivery.tries + 1,
            tried_at=now,
        )


def sent(db: Database, delivery: DueDelivery, status: int, now: datetime) -> None:
    with db.writing() as session:
        _update(session, delivery, (), sent_at=now, status=status, error=None)


def failed(db: Database, delivery: DueDelivery, status: int | None, error: str, now: datetime) -> None:
    """Tried again after a growing pause, or given up after two days. status: None when nobody answered."""
    words = {"status": status, "error": error[:LONGEST_ERROR]}
    with db.writing() as session:
        if delivery.tries < len(PAUSES):
            _update(session, delivery, (), due_at=now + PAUSES[delivery.tries], **words)
        else:
            _update(session, delivery, (), given_up_at=now, **words)


def pointless(db: Database, delivery: DueDelivery, error: str, now: datetime) -> None:
    """Given up at once: what it would tell of is not there any more."""
    with db.writing() as session:
        _update(session, delivery, (), given_up_at=now, status=None, error=error[:LONGEST_ERROR])


def gone(db: Database, delivery: DueDelivery, error: str, now: datetime) -> None:
    """The receiver wants nothing more: given up, and the webhook has ended."""
    with db.writing() as session:
        _update(session, delivery, (), given_up_at=now, status=GONE, error=error[:LONGEST_ERROR])
        end_now(session, delivery.organisation_id, delivery.webhook_id, None, now, reason="answered 410 Gone")


def end_now(
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


def _update(session: Session, delivery: DueDelivery, where: tuple[Any, ...], **values: Any) -> bool:
    result: Any = session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.organisation_id) == delivery.organisation_id,
            col(WebhookDelivery.id) == delivery.id,
            col(WebhookDelivery.sent_at).is_(None),
            *where,
        )
        .values(**values)
    )
    return bool(result.rowcount)
