"""What comes due by itself as days pass."""

from datetime import datetime
from uuid import UUID

from feedback.actions.doubt import forget_marks
from feedback.store.database import Database


def turn_the_day(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Freezes weeks that have ended (every change does), and forgets marks after 30 days."""
    forget_marks(db, organisation_id, now)
