"""Silence opens an alert as days pass, and the next meeting closes it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from feedback.actions.alerts.evaluate import CHANGED, apply_reasons, known_reasons
from feedback.actions.alerts.handle import Closing
from feedback.actions.change import change
from feedback.core.alerts.reasons import Kind, Outcome, Reason, Severity
from feedback.db.engine import Database
from feedback.db.locks import locked
from feedback.models import Relationship
from feedback.store.silence import broken_silence, silent_relationships

SILENT = Reason(Kind.SILENCE, Severity.WATCH)
MET = Closing(Outcome.RECOVERED, "They have met again.")
BATCH = 100


def evaluate_silence(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Give the alert of each relationship that was answered once and has not met for longer than its review
    interval a reason, and strike it out for those that have met since. Evaluating twice changes nothing."""
    with db.reading() as session:
        silent = silent_relationships(session, organisation_id, now)
        over = broken_silence(session, organisation_id)
    for ids, found, closing in ((over, [], MET), (silent, [SILENT], CHANGED)):
        for some in _batches(ids):
            with change(db, organisation_id, now) as c:
                for relationship_id in some:
                    relationship = locked(
                        c.session, Relationship, organisation_id=organisation_id, id=relationship_id
                    )
                    assert relationship is not None  # noqa: S101 (found above; none is ever deleted)
                    apply_reasons(c, known_reasons(c, relationship, None), found, closing)


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    """Split into hundreds: while one is written, SQLite lets no client in."""
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]
