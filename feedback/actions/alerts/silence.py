"""Silence opens an alert as days pass, and meeting again closes it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.actions.alerts.evaluate import Closing, apply_reasons, reasons_about
from feedback.actions.change import change
from feedback.core.alerts.reasons import Kind, Outcome, Reason, Severity
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.models import Relationship
from feedback.store.silence import broken_silence, silent_relationships

SILENT = Reason(Kind.SILENCE, Severity.WATCH)
MET = Closing(Outcome.RECOVERED, "They have met again.")
BATCH = 100


def evaluate_silence(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Gives the alert of each relationship that was answered once and has not met for longer than its review
    interval a reason, and takes it away from those that have met since. Looking twice changes nothing."""
    with db.reading() as session:
        silent = silent_relationships(session, organisation_id, now)
        over = broken_silence(session, organisation_id)
    for ids, found, ending in ((over, [], MET), (silent, [SILENT], Closing())):
        for some in _batches(ids):
            with change(db, organisation_id, now) as c:
                for relationship_id in some:
                    relationship = _locked(c, relationship_id)
                    apply_reasons(c, relationship, None, found, reasons_about(c, relationship, None), ending)


def _locked(c: Change, relationship_id: UUID) -> Relationship:
    return c.session.exec(
        select(Relationship)
        .where(
            col(Relationship.organisation_id) == c.organisation_id, col(Relationship.id) == relationship_id
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    """A hundred at a time: while one is written, SQLite lets no client in."""
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]
