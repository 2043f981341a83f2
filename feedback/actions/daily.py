"""What comes due by itself as days pass."""

from datetime import datetime, timedelta
from uuid import UUID

from feedback.actions.calendar_upload import forget_entries
from feedback.actions.doubt import forget_marks
from feedback.actions.half_answers import look_at_half_answers
from feedback.actions.silence import look_for_silence
from feedback.actions.weekly import queue_weekly
from feedback.store.database import Database

LOOKS_BACK = timedelta(days=2)  # after a start, for what came due while nobody looked


def turn_the_day(db: Database, organisation_id: UUID, now: datetime, since: datetime | None = None) -> None:
    """Freezes weeks that have ended (every change does), forgets marks after 30 days and calendar entries
    that are over, looks at answers left half done, notices silence, and writes the weekly mails when they are due.
    since: when this was last done, None after a start."""
    forget_marks(db, organisation_id, now)
    forget_entries(db, organisation_id, now)
    look_at_half_answers(db, organisation_id, since or now - LOOKS_BACK, now)
    look_for_silence(db, organisation_id, now)
    queue_weekly(db, organisation_id, now)
