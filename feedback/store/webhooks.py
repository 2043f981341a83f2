"""Webhooks, their logs, and what is due to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.db.locks import locked
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.people import Viewer
from feedback.store.queued import is_first_of, oldest_of_each

UNREADABLE = "unreadable"  # in place of the mark of a secret


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook."""

    id: UUID
    url: str
    events: tuple[Event, ...]  # in the order of Event
    # the one in use, and after a rotation the one before; none where the key is missing that they were encrypted with
    secrets: tuple[str, ...]
    made_at: datetime
    ended_at: datetime | None

    @property
    def mark(self) -> str:
        """Return the mark of the secret in use."""
        return mark_of(self.secrets)


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A line of a webhook's log."""

    id: UUID
    event: Event
    told_at: datetime  # when it was queued
    due_at: datetime  # of the next try
    tries: int
    tried_at: datetime | None  # the last try
    sent_at: datetime | None
    given_up_at: datetime | None
    status: int | None  # HTTP status of the last reply; None when there was none
    error: str | None  # of the last try, or why it was given up

    @property
    def state(self) -> str:
        """Return "sent", "given_up" or "waiting"."""
        if self.sent_at:
            return "sent"
        return "given_up" if self.given_up_at else "waiting"


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A message to be sent."""

    table: ClassVar = WebhookDelivery

    organisation_id: UUID
    id: UUID
    webhook_id: UUID
    url: str
    secrets: tuple[str, ...]
    event: Event
    about_id: UUID  # the alert, the invitation, or the week
    told_at: datetime  # when it was queued
    due_at: datetime
    tries: int


def secret_mark(secret: str) -> str:
    """Return the mark by which a form says which secret it means, without containing it."""
    return sha256(secret.encode()).hexdigest()[:12]


def mark_of(secrets: Sequence[str]) -> str:
    """Return the mark of a webhook's secret in use, or what a form says of one that cannot be read."""
    return secret_mark(secrets[0]) if secrets else UNREADABLE


def webhooks(session: Session, organisation_id: UUID) -> list[WebhookView]:
    """Return active webhooks before those that have ended, the newest first."""
    rows = session.scalars(
        select(Webhook)
        .where(col(Webhook.organisation_id) == organisation_id)
        .order_by(col(Webhook.ended_at).is_not(None), col(Webhook.created_at).desc(), col(Webhook.id))
    )
    return [_view(row) for row in rows]


def active_webhooks(session: Session, organisation_id: UUID) -> list[Webhook]:
    """Return the webhooks that have not ended, as rows to be written."""
    return list(session.scalars(_ACTIVE, {"organisation": organisation_id}))


_ACTIVE = (
    select(Webhook)
    .where(col(Webhook.organisation_id) == bindparam("organisation"), col(Webhook.ended_at).is_(None))
    .order_by(col(Webhook.id))
)


def locked_webhook(session: Session, organisation_id: UUID, webhook_id: UUID) -> Webhook:
    """Return a webhook, locked until the transaction ends. Raises NotFound."""
    found = locked(session, Webhook, organisation_id=organisation_id, id=webhook_id)
    if found is None:
        raise NotFound("webhook")
    return found


def webhook_for(session: Session, viewer: Viewer, webhook_id: UUID) -> WebhookView:
    """Return a webhook of the viewer's organisation, for an owner. Raises NotFound for any other, and for
    anybody but an owner."""
    row = session.get(Webhook, (viewer.organisation_id, webhook_id))
    if row is None or not viewer.is_owner:
        raise NotFound("webhook")
    return _view(row)


def delivery_log(
    session: Session, organisation_id: UUID, webhook_id: UUID, skip: int, take: int
) -> list[DeliveryView]:
    """Return `take` deliveries of one webhook after the first `skip`, the newest first."""
    rows = session.execute(
        select(
            col(WebhookDelivery.id), col(WebhookDelivery.event), col(WebhookDelivery.created_at).label("told_at"),
            col(WebhookDelivery.due_at), col(WebhookDelivery.tries), col(WebhookDelivery.tried_at),
            col(WebhookDelivery.sent_at), col(WebhookDelivery.given_up_at), col(WebhookDelivery.status),
            col(WebhookDelivery.error),
        )
        .where(
            col(WebhookDelivery.organisation_id) == organisation_id,
            col(WebhookDelivery.webhook_id) == webhook_id,
        )
        .order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
        .offset(skip)
        .limit(take)
    )  # fmt: skip
    return views(DeliveryView, rows)


def due_deliveries(session: Session, now: datetime) -> list[DueDelivery]:
    """Return what is to be sent by now, of all organisations: the oldest few of each webhook (AT_A_TIME),
    oldest first."""
    return views(DueDelivery, session.execute(_DUE, {"now": now}))


_oldest = oldest_of_each(WebhookDelivery, col(WebhookDelivery.webhook_id), bindparam("now"))
# Built once, for the worker asks every two seconds, and nearly always for nothing.
_DUE: Select[*tuple[Any, ...]] = (
    select(
        col(WebhookDelivery.organisation_id), col(WebhookDelivery.id), col(WebhookDelivery.webhook_id), col(Webhook.url),
        col(Webhook.secrets), col(WebhookDelivery.event), col(WebhookDelivery.about_id),
        col(WebhookDelivery.created_at).label("told_at"), col(WebhookDelivery.due_at), col(WebhookDelivery.tries),
    )
    .select_from(WebhookDelivery)
    .join(_oldest, is_first_of(WebhookDelivery, _oldest))
    .join(Webhook, references(WebhookDelivery, WebhookDelivery.webhook_id, Webhook))
    .where(col(Webhook.ended_at).is_(None))
    .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
    .execution_options(across_organisations=True)
)  # fmt: skip


def _view(row: Webhook) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.url,
        events=row.events,
        secrets=row.secrets,
        made_at=row.created_at,
        ended_at=row.ended_at,
    )
