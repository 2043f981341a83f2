"""Silence opens an alert as days pass, and meeting again closes it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from feedback.actions.alert_events import shut
from feedback.actions.alerts import add_cause
from feedback.actions.change import change
from feedback.core.alerts import Cause, Kind, Outcome, Severity
from feedback.models import Alert, Relationship
from feedback.store.database import Database
from feedback.store.joins import points_at
from feedback.store.silence import silent_relationships

THEY_MET = "They have met again."


def look_for_silence(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Opens an alert for each relationship that was answered once and has not met for longer than its review
    interval; closes those of relationships that have met since. Looking twice changes nothing."""
    with db.reading() as session:
        silent = silent_relationships(session, organisation_id, now)
        over = _met_again(session, organisation_id)
    if not silent and not over:
        return
    with change(db, organisation_id, now) as c:
        for alert_id, _ in over:
            alert = c.session.get_one(Alert, (organisation_id, alert_id))
            if alert.closed_at is None:
                shut(c, alert, None, Outcome.RECOVERED, THEY_MET)
        for relationship_id in silent:
            relationship = c.session.get_one(Relationship, (organisation_id, relationship_id))
            add_cause(c, relationship, None, Cause(Kind.SILENCE, Severity.WATCH))


def _met_again(session: Session, organisation_id: UUID) -> list[tuple[UUID, datetime]]:
    """(alert, when it was opened) of open silences that a meeting has ended."""
    rows = session.exec(
        select(Alert.id, Alert.created_at)
        .join(Relationship, points_at(Alert, Alert.relationship_id, Relationship))
        .where(
            col(Alert.organisation_id) == organisation_id,
            col(Alert.kind) == Kind.SILENCE,
            col(Alert.closed_at).is_(None),
            col(Relationship.last_meeting_at) > col(Alert.created_at),
        )
    )
    return [(alert_id, opened) for alert_id, opened in rows]
