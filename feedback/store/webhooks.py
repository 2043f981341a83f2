"""Webhooks, their logs, and what is due to be sent."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.db.locks import locked
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.people import Viewer

AT_A_TIME = 5  # deliveries of one webhook in one round, so that no receiver keeps the others waiting


@dataclass(frozen=True, slots=True)
class WebhookView:
    """events: in the order of Event. secrets: the one in use, and after a rotation the one before."""

    id: UUID
    url: str
    events: tuple[Event, ...]
    secrets: tuple[str, ...]
    made_at: datetime
    ended_at: datetime | None

    @property
    def mark(self) -> str:
        return secret_mark(self.secrets[0])


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A line of the log. status: the last answer's, None when nobody answered."""

    id: UUID
    event: Event
    told_at: datetime
    due_at: datetime
    tries: int
    tried_at: datetime | None
    sent_at: datetime | None
    given_up_at: datetime | None
    status: int | None
    error: str | None

    @property
    def state(self) -> str:
        if self.sent_at:
            return "sent"
        return "given_up" if self.given_up_at else "waiting"


@dataclass(frozen=True, slots=True)
class DueDelivery:
    organisation_id: UUID
    id: UUID
    webhook_id: UUID
    url: str
    secrets: tuple[str, ...]
    event: Event
    about_id: UUID
    told_at: datetime
    due_at: datetime
    tries: int


def secret_mark(secret: str) -> str:
    """By what a form says which secret it means, without holding it."""
    return sha256(secret.encode()).hexdigest()[:12]


def webhooks(session: Session, organisation_id: UUID) -> list[WebhookView]:
    """Those that are told before those that have ended, the newest first."""
    rows = session.scalars(
        select(Webhook)
        .where(col(Webhook.organisation_id) == organisation_id)
        .order_by(col(Webhook.ended_at).is_not(None), col(Webhook.created_at).desc(), col(Webhook.id))
    )
    return [_view(row) for row in rows]


def active_webhooks(session: Session, organisation_id: UUID) -> list[Webhook]:
    """Those that are told, as rows to be written."""
    statement = select(Webhook).where(
        col(Webhook.organisation_id) == organisation_id, col(Webhook.ended_at).is_(None)
    )
    return list(session.scalars(statement))


def locked_webhook(session: Session, organisation_id: UUID, webhook_id: UUID) -> Webhook:
    found = locked(session, Webhook, organisation_id=organisation_id, id=webhook_id)
    if found is None:
        raise NotFound("webhook")
    return found


def webhook_for(session: Session, viewer: Viewer, webhook_id: UUID) -> WebhookView:
    """A webhook of the viewer's organisation; anybody else's is NotFound."""
    row = session.get(Webhook, (viewer.organisation_id, webhook_id))
    if row is None or not viewer.is_owner:
        raise NotFound("webhook")
    return _view(row)


def delivery_log(
    session: Session, organisation_id: UUID, webhook_id: UUID, skip: int, take: int
) -> list[DeliveryView]:
    """Some of what one webhook was told, the newest first."""
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
    """What is to be sent by now, of all organisations: the oldest few of each webhook, oldest first."""
    place = func.row_number().over(
        partition_by=(col(WebhookDelivery.organisation_id), col(WebhookDelivery.webhook_id)),
        order_by=(col(WebhookDelivery.due_at), col(WebhookDelivery.id)),
    )
    waiting = (
        select(col(WebhookDelivery.organisation_id), col(WebhookDelivery.id), place.label("place"))
        .where(
            col(WebhookDelivery.sent_at).is_(None),
            col(WebhookDelivery.given_up_at).is_(None),
            col(WebhookDelivery.due_at) <= now,
        )
        .subquery()
    )
    rows = session.execute(
        select(
            col(WebhookDelivery.organisation_id), col(WebhookDelivery.id), col(WebhookDelivery.webhook_id), col(Webhook.url),
            col(Webhook.secrets), col(WebhookDelivery.event), col(WebhookDelivery.about_id),
            col(WebhookDelivery.created_at).label("told_at"), col(WebhookDelivery.due_at), col(WebhookDelivery.tries),
        )
        .select_from(WebhookDelivery)
        .join(
            waiting,
            (waiting.c.organisation_id == col(WebhookDelivery.organisation_id))
            & (waiting.c.id == col(WebhookDelivery.id)),
        )
        .join(Webhook, references(WebhookDelivery, WebhookDelivery.webhook_id, Webhook))
        .where(waiting.c.place <= AT_A_TIME, col(Webhook.ended_at).is_(None))
        .order_by(col(WebhookDelivery.due_at), col(WebhookDelivery.id))
    )  # fmt: skip
    return views(DueDelivery, rows)


def _view(row: Webhook) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.url,
        events=row.events,
        secrets=row.secrets,
        made_at=row.created_at,
        ended_at=row.ended_at,
    )
