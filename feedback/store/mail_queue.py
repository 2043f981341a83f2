"""Mails that are due."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Integer, bindparam, case, exists, select
from sqlmodel import Session, col

from feedback.core.access import Role
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Mail, Organisation, Outbox, User
from feedback.store.queued import goes_along, is_waiting


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail to be sent, with the columns of Outbox."""

    table: ClassVar = Outbox

    organisation_id: UUID
    id: UUID
    kind: Mail
    recipient: str
    invitation_id: UUID | None
    user_id: UUID | None
    alert_id: UUID | None
    monday: date | None
    base_url: str
    created_at: datetime
    due_at: datetime
    tries: int


NOT_TOLD = "not told: "  # before the reason, for a mail that had become empty
_MAIL = [getattr(Outbox, field.name) for field in fields(DueMail)]


def due_mails(session: Session, now: datetime, *, receipts: bool = True, limit: int = 50) -> list[DueMail]:
    """Return what is to be sent by now, of all organisations: urgent mails first, then the oldest. receipts: whether
    mails that are nothing without their link may go, too."""
    due = _DUE if receipts else _DUE_WITHOUT_LINK
    return views(DueMail, session.execute(due, {"now": now, "limit": limit}))


_can_wait = case((col(Outbox.kind).in_((Mail.WEEKLY, Mail.OWN_WEEKLY)), 1), else_=0)
# Built once, for the worker asks every two seconds, and nearly always for nothing.
_DUE = (
    select(*_MAIL)
    .where(is_waiting(Outbox), col(Outbox.due_at) <= bindparam("now"))
    .order_by(_can_wait, col(Outbox.due_at), col(Outbox.id))
    .limit(bindparam("limit", type_=Integer))
    .execution_options(across_organisations=True)
)
_DUE_WITHOUT_LINK = _DUE.where(
    col(Outbox.kind).not_in(
        (
            Mail.RECEIPT,
            Mail.LINK,
            Mail.PASSWORD_LINK,
            Mail.SIGN_IN_LINK,
            Mail.ASK,
            Mail.REMINDER,
            Mail.WE_DID,
        )
    )
)


def alerts_waiting_for(session: Session, mail: DueMail, until: datetime) -> list[DueMail]:
    """Return the alert mails to the same person that are sent as one: those due by `until` that nobody has tried
    to send yet; of one that was tried, exactly those that were tried with it, for it may have arrived, and what
    is sent twice has one Message-ID."""
    rows = session.execute(
        select(*_MAIL)
        .where(
            is_waiting(Outbox),
            col(Outbox.organisation_id) == mail.organisation_id,
            col(Outbox.kind) == Mail.ALERT,
            col(Outbox.user_id) == mail.user_id,
            goes_along(Outbox, mail.tries, mail.due_at, until),
        )
        .order_by(col(Outbox.due_at), col(Outbox.id))
    )
    return views(DueMail, rows)


def without_weekly_mail(
    session: Session, organisation: Organisation, monday: date, due: datetime, limit: int | None = None
) -> list[User]:
    """Return who is to get a mail about the week of `monday` and has none yet. Anybody added after it was due
    begins with the next one."""
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
    return list(session.scalars(statement.order_by(col(User.id)).limit(limit)))
