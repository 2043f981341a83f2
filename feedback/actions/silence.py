"""Silence opens an alert as days pass, and meeting again closes it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from feedback.actions.alert_events import locked_alert, shut
from feedback.actions.alerts import add_cause
from feedback.actions.change import change
from feedback.core.alerts import Cause, Kind, Outcome, Severity
from feedback.models import Alert, Relationship
from feedback.store.database import Database
from feedback.store.joins import points_at
from feedback.store.silence import silent_relationships

THEY_MET = "They have met again."
BATCH = 100


def look_for_silence(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Opens an alert for each relationship that was answered once and has not met for longer than its review
    interval; closes those of relationships that have met since. Looking twice changes nothing."""
    with db.reading() as session:
        silent = silent_relationships(session, organisation_id, now)
        over = _met_again(session, organisation_id)
    for some in _batches(over):
        with change(db, organisation_id, now) as c:
            for alert_id in some:
                alert = locked_alert(c, alert_id)
                if alert.closed_at is None:
                    shut(c, alert, None, Outcome.RECOVERED, THEY_MET)
    for some in _batches(silent):
        with change(db, organisation_id, now) as c:
            for relationship_id in some:
                relationship = c.session.get_one(Relationship, (organisation_id, relationship_id))
                add_cause(c, relationship, None, Cause(Kind.SILENCE, Severity.WATCH))


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    """A hundred at a time: while one is written, SQLite lets no client in."""
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]


def _met_again(session: Session, organisation_id: UUID) -> list[UUID]:
    """Open alerts about silence that a meeting has ended."""
    rows = session.exec(
        select(Alert.id)
        .join(Relationship, points_at(Alert, Alert.relationship_id, Relationship))
        .where(
            col(Alert.organisation_id) == organisation_id,
            col(Alert.kind) == Kind.SILENCE,
            col(Alert.closed_at).is_(None),
            col(Relationship.last_meeting_at) > col(Alert.created_at),
        )
    )
    return list(rows)
