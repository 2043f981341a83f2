"""What an operator watches, over all organisations: counts and ages, nothing of anybody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, text
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Severity
from feedback.models import Alert, Feedback, Outbox, WebhookDelivery


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
    queues: dict[str, QueueFigures]  # mails, webhooks
    database_bytes: int


def figures(session: Session) -> Figures:
    """Return the figures. Counting reads whole indexes: ask now and then, not for each request."""
    return Figures(
        answers_settled=session.execute(_SETTLED).scalar_one(),
        alerts=session.execute(_ALERTS).scalar_one(),
        open_alerts={each.value: 0 for each in Severity}
        | {severity.value: count for severity, count in session.execute(_OPEN_ALERTS)},
        queues={"mails": _queue(session, Outbox), "webhooks": _queue(session, WebhookDelivery)},
        database_bytes=session.execute(_SIZE[session.get_bind().dialect.name]).scalar_one(),
    )


def _queue(session: Session, table: type[Outbox] | type[WebhookDelivery]) -> QueueFigures:
    waits = col(table.sent_at).is_(None) & col(table.given_up_at).is_(None)
    row = session.execute(
        select(
            func.count(case((waits, 1))),
            func.count(col(table.sent_at)),
            func.count(case((col(table.sent_at).is_(None), col(table.given_up_at)))),
            func.min(case((waits, col(table.due_at)))),
        ).execution_options(across_organisations=True)
    ).one()
    return QueueFigures(*row)


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
