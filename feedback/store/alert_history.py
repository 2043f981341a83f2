"""What happened to an alert, line by line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.practices import practice
from feedback.models import AlertCause, AlertEvent, PracticeChoice, User
from feedback.store.alerts import AlertView
from feedback.store.joins import points_at


@dataclass(frozen=True, slots=True)
class Line:
    """what: "opened", "cause", or one of core.alerts.Done. who: None when it happened by itself. invitation_id:
    of the answer that gave cause. words: a note, or the practice assigned."""

    at: datetime
    what: str
    who: str | None = None
    invitation_id: UUID | None = None
    outcome: str | None = None
    words: str | None = None


def history_of_alert(session: Session, organisation_id: UUID, alert: AlertView) -> list[Line]:
    """From its opening on, oldest first."""
    causes = session.execute(
        select(col(AlertCause.created_at), col(AlertCause.invitation_id))
        .where(col(AlertCause.organisation_id) == organisation_id, col(AlertCause.alert_id) == alert.id)
        .order_by(col(AlertCause.created_at), col(AlertCause.id))
    ).all()
    lines = [Line(alert.opened_at, "opened", invitation_id=causes[0][1] if causes else None)]
    lines += [Line(at, "cause", invitation_id=invitation_id) for at, invitation_id in causes[1:]]
    rows = session.execute(
        select(
            col(AlertEvent.created_at), col(AlertEvent.what), col(User.name), col(AlertEvent.outcome),
            col(AlertEvent.note), col(PracticeChoice.dimension), col(PracticeChoice.number),
        )
        .outerjoin(User, points_at(AlertEvent, AlertEvent.user_id, User))
        .outerjoin(PracticeChoice, points_at(AlertEvent, AlertEvent.practice_id, PracticeChoice))
        .where(col(AlertEvent.organisation_id) == organisation_id, col(AlertEvent.alert_id) == alert.id)
        .order_by(col(AlertEvent.created_at), col(AlertEvent.id))
    )  # fmt: skip
    lines += [
        Line(
            at,
            what,
            who,
            outcome=outcome,
            words=practice(name, number, alert.contact_first) if name else note,
        )
        for at, what, who, outcome, note, name, number in rows
    ]
    return sorted(lines, key=lambda line: line.at)
