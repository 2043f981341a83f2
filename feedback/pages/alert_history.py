"""The history of an alert, line by line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Kind, Outcome
from feedback.db.tenancy import references
from feedback.models import AlertEvent, PracticeChoice, User
from feedback.pages.alerts import AlertView


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of an alert's history."""

    at: datetime
    what: str  # "opened", "reason" (given), "struck" (a reason no longer holds), or an AlertAction
    who: str | None = None  # None when no person did it
    invitation_id: UUID | None = None  # of the answer that gave the reason
    outcome: Outcome | None = None
    words: str | None = None  # a note
    practice: tuple[str, int] | None = None  # that was assigned: dimension and number
    kind: Kind | None = None  # of the reason


def history_of_alert(session: Session, organisation_id: UUID, alert: AlertView) -> list[HistoryLine]:
    """Return the history of an alert from its opening on, oldest first."""
    lines = [HistoryLine(alert.opened_at, "opened")]
    for reason in alert.reasons:
        answer_id = reason.answer.id if reason.answer else None
        lines.append(HistoryLine(reason.since, "reason", invitation_id=answer_id, kind=reason.kind))
        if reason.struck_at:
            lines.append(HistoryLine(reason.struck_at, "struck", invitation_id=answer_id, kind=reason.kind))
    rows = session.execute(
        select(
            col(AlertEvent.created_at), col(AlertEvent.what), col(User.name).label("who"), col(AlertEvent.outcome),
            col(AlertEvent.note), col(PracticeChoice.dimension), col(PracticeChoice.number),
        )
        .outerjoin(User, references(AlertEvent, AlertEvent.user_id, User))
        .outerjoin(PracticeChoice, references(AlertEvent, AlertEvent.practice_id, PracticeChoice))
        .where(col(AlertEvent.organisation_id) == organisation_id, col(AlertEvent.alert_id) == alert.id)
        .order_by(col(AlertEvent.created_at), col(AlertEvent.id))
    )  # fmt: skip
    lines += [
        HistoryLine(
            at=row.created_at,
            what=row.what,
            who=row.who,
            outcome=row.outcome,
            words=row.note,
            practice=(row.dimension, row.number) if row.dimension else None,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: line.at)
