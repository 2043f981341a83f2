"""Mails that are due."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, select
from sqlmodel import Session, col

from feedback.core.access import Role
from feedback.db.tenancy import references
from feedback.models import Mail, Organisation, Outbox, User


@dataclass(frozen=True, slots=True)
class DueMail:
    organisation_id: UUID
    id: UUID
    kind: str
    recipient: str
    invitation_id: UUID | None
    user_id: UUID | None
    alert_id: UUID | None
    monday: date | None
    base_url: str
    due_at: datetime
    tries: int


NOT_TOLD = "not told: "  # before the reason, for a mail that had nothing to tell any more
_COLUMNS = [
    col(getattr(Outbox, name))
    for name in ("organisation_id", "id", "kind", "recipient", "invitation_id", "user_id", "alert_id", "monday",
                 "base_url", "due_at", "tries")
]  # fmt: skip


def due_mails(session: Session, now: datetime, limit: int = 50) -> list[DueMail]:
    """What is to be sent by now, of all organisations: what cannot wait first, then the oldest."""
    can_wait = case((col(Outbox.kind).in_((Mail.WEEKLY, Mail.OWN_WEEKLY)), 1), else_=0)
    rows = session.execute(
        select(*_COLUMNS)
        .where(_waits(), col(Outbox.due_at) <= now)
        .order_by(can_wait, col(Outbox.due_at), col(Outbox.id))
        .limit(limit)
    )
    return [DueMail(*row) for row in rows]


def alerts_waiting_for(session: Session, mail: DueMail, until: datetime) -> list[DueMail]:
    """All alert mails to the same person that fall due until then: they go as one."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(
            _waits(),
            col(Outbox.organisation_id) == mail.organisation_id,
            col(Outbox.kind) == Mail.ALERT,
            col(Outbox.user_id) == mail.user_id,
            col(Outbox.due_at) <= until,
        )
        .order_by(col(Outbox.due_at), col(Outbox.id))
    )
    return [DueMail(*row) for row in rows]


def without_weekly_mail(
    session: Session, organisation: Organisation, monday: date, due: datetime, limit: int | None = None
) -> list[User]:
    """Who is to get a mail about the week of `monday` and has none yet. Whoever came after it was due begins with the
    next one."""
    roles = [Role.MANAGER, Role.OWNER, *([Role.REP] if organisation.reps_weekly_mail else [])]
    there = exists().where(
        references(Outbox, Outbox.user_id, User),
        col(Outbox.monday) == monday,
        col(Outbox.kind).in_((Mail.WEEKLY, Mail.OWN_WEEKLY)),
    )
    statement = select(User).where(
        col(User.organisation_id) == organisation.id,
        col(User.role).in_(roles),
        col(User.ended_at).is_(None),
        col(User.created_at) < due,
        ~there,
    )
    return list(session.scalars(statement.limit(limit)))


def _waits() -> ColumnElement[bool]:
    return and_(col(Outbox.sent_at).is_(None), col(Outbox.given_up_at).is_(None))
