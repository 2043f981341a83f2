"""What the tables of the sending queue have in common: mails, messages to webhooks, messages to chat channels."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Subquery, and_, func, select
from sqlmodel import col

from feedback.models import ChatMessage, Outbox, WebhookDelivery

Queued = type[Outbox] | type[WebhookDelivery] | type[ChatMessage]

AT_A_TIME = 5  # messages of one receiver in one round, so that no receiver keeps the others waiting


def is_waiting(table: Queued) -> ColumnElement[bool]:
    """Return the condition that a row was neither sent nor given up."""
    return and_(col(table.sent_at).is_(None), col(table.given_up_at).is_(None))


def oldest_of_each(
    table: Queued, receiver: Any, now: datetime | BindParameter[datetime], *where: ColumnElement[bool]
) -> Subquery:
    """Return the keys (organisation_id, id) of what is to be sent by now, of all organisations, with its `place` among
    what waits for the same receiver, the oldest first. receiver: the column that names it."""
    place = func.row_number().over(
        partition_by=(col(table.organisation_id), receiver), order_by=(col(table.due_at), col(table.id))
    )
    return (
        select(col(table.organisation_id), col(table.id), place.label("place"))
        .where(is_waiting(table), col(table.due_at) <= now, *where)
        .subquery()
    )


def is_first_of(table: Queued, oldest: Subquery) -> ColumnElement[bool]:
    """Return the condition that ties a row to `oldest_of_each`, where it is one of the first few."""
    return and_(
        oldest.c.organisation_id == col(table.organisation_id),
        oldest.c.id == col(table.id),
        oldest.c.place <= AT_A_TIME,
    )


def goes_along(table: Queued, tries: int, due_at: datetime, until: datetime) -> ColumnElement[bool]:
    """Return the condition that a row is sent as one with another that was tried so often and is due then: of what
    nobody has tried to send yet, what is due by `until`; of one that was tried, exactly those that were tried with it,
    for it may have arrived."""
    if tries:
        return and_(col(table.tries) == tries, col(table.due_at) == due_at)
    return and_(col(table.tries) == 0, col(table.due_at) <= until)
