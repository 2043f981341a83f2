"""Mails that are due."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.models import Outbox


@dataclass(frozen=True, slots=True)
class DueMail:
    organisation_id: UUID
    id: UUID
    kind: str
    recipient: str
    invitation_id: UUID | None
    base_url: str
    due_at: datetime
    tries: int


def due_mails(session: Session, now: datetime, limit: int = 50) -> list[DueMail]:
    """What is to be sent by now, the oldest first, of all organisations."""
    rows = session.execute(
        select(
            col(Outbox.organisation_id), col(Outbox.id), col(Outbox.kind), col(Outbox.recipient),
            col(Outbox.invitation_id), col(Outbox.base_url), col(Outbox.due_at), col(Outbox.tries),
        )
        .where(col(Outbox.sent_at).is_(None), col(Outbox.given_up_at).is_(None), col(Outbox.due_at) <= now)
        .order_by(col(Outbox.due_at), col(Outbox.id))
        .limit(limit)
    )  # fmt: skip
    return [DueMail(*row) for row in rows]
