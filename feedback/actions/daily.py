"""What comes due by itself as days pass."""

from datetime import datetime
from uuid import UUID

from feedback.actions.calendar_upload import forget_entries
from feedback.actions.doubt import forget_marks
from feedback.actions.silence import look_for_silence
from feedback.actions.weekly import queue_weekly
from feedback.store.database import Database


def turn_the_day(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Freezes weeks that have ended (every change does), forgets marks after 30 days and calendar entries
    that are over, notices silence, and writes the weekly mails when they are due."""
    forget_marks(db, organisation_id, now)
    forget_entries(db, organisation_id, now)
    look_for_silence(db, organisation_id, now)
    queue_weekly(db, organisation_id, now)
