"""What an operator watches, over all organisations: counts and ages, nothing of anybody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select, text
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Severity
from feedback.models import Alert, ChatMessage, Feedback, Mail, Organisation, Outbox, WebhookDelivery
from feedback.store.queued import Queued, is_waiting


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """A queue of what is sent."""

    waiting: int
    sent: int
    failed: int  # given up
    oldest_due: datetime | None  # of those that wait, when the first was to be sent; None while none waits


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database knows of the whole server."""

    answers_settled: int
    alerts: int
    open_alerts: dict[str, int]  # by severity
    queues: dict[str, QueueFigures]  # mails, webhooks, chat
    database_bytes: int


def figures(session: Session) -> Figures:
    """Return the figures. Counting reads whole indexes: ask now and then, not for each request."""
    return Figures(
        answers_settled=session.execute(_SETTLED).scalar_one(),
        alerts=session.execute(_ALERTS).scalar_one(),
        open_alerts={each.value: 0 for each in Severity}
        | {severity.value: count for severity, count in session.execute(_OPEN_ALERTS)},
        queues={
            "mails": _queue(session, Outbox),
            "webhooks": _queue(session, WebhookDelivery),
            "chat": _queue(session, ChatMessage),
        },
        database_bytes=session.execute(_SIZE[session.get_bind().dialect.name]).scalar_one(),
    )


def _queue(session: Session, table: Queued) -> QueueFigures:
    waits = is_waiting(table)
    row = session.execute(
        select(
            func.count(case((waits, 1))),
            func.count(col(table.sent_at)),
            func.count(case((col(table.sent_at).is_(None), col(table.given_up_at)))),
            func.min(case((waits, col(table.due_at)))),
        ).execution_options(across_organisations=True)
    ).one()
    return QueueFigures(*row)


def waiting(session: Session, table: Queued, now: datetime) -> tuple[int, datetime | None]:
    """Return how many mails or messages wait that were due at least once, and since when the oldest does."""
    count, oldest = session.execute(
        select(func.count(), func.min(col(table.created_at)))
        .where(
            is_waiting(table),
            or_(col(table.tries) > 0, col(table.due_at) <= now),
        )
        .execution_options(across_organisations=True)
    ).one()
    return count, oldest


def last_weekly_mail(session: Session) -> datetime | None:
    """Return when a weekly mail was last sent; None before the first."""
    found: datetime | None = session.execute(_LAST_WEEKLY).scalar_one()
    return found


def first_organisation(session: Session) -> datetime | None:
    """Return since when there is an organisation that is no example; None where there is none."""
    found: datetime | None = session.execute(_FIRST_ORGANISATION).scalar_one()
    return found


def time_zones(session: Session) -> list[str]:
    """Return the names of the time zones that organisations live in."""
    return list(session.scalars(_TIME_ZONES))


_LAST_WEEKLY = (
    select(func.max(col(Outbox.sent_at)))
    .where(col(Outbox.kind) == Mail.WEEKLY)
    .execution_options(across_organisations=True)
)
_FIRST_ORGANISATION = select(func.min(col(Organisation.created_at))).where(col(Organisation.demo).is_(False))
_TIME_ZONES = select(col(Organisation.timezone)).distinct().order_by(col(Organisation.timezone))
_SETTLED = (
    select(func.count())
    .select_from(Feedback)
    .where(col(Feedback.side) == "client", col(Feedback.settled_at).is_not(None))
    .execution_options(across_organisations=True)
)
_ALERTS = select(func.count()).select_from(Alert).execution_options(across_organisations=True)
_OPEN_ALERTS = (
    select(col(Alert.severity), func.count())
    .where(col(Alert.closed_at).is_(None))
    .group_by(col(Alert.severity))
    .execution_options(across_organisations=True)
)
_SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}
