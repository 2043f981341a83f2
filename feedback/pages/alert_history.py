"""What happened to an alert, line by line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Kind, Outcome
from feedback.core.gaps.practices import practice
from feedback.db.tenancy import references
from feedback.models import AlertEvent, PracticeChoice, User
from feedback.pages.alerts import AlertView


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """what: "opened", "reason" (given), "struck" (a reason fell away), or an AlertAction. who: None when it
    happened by itself. kind: of the reason. invitation_id: of the answer that gave it. words: a note, or the practice
    assigned."""

    at: datetime
    what: str
    who: str | None = None
    invitation_id: UUID | None = None
    outcome: Outcome | None = None
    words: str | None = None
    kind: Kind | None = None


def history_of_alert(session: Session, organisation_id: UUID, alert: AlertView) -> list[HistoryLine]:
    """From its opening on, oldest first."""
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
            words=practice(row.dimension, row.number, alert.contact_first) if row.dimension else row.note,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: line.at)
