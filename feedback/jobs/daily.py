"""Work that becomes due as days pass."""

from datetime import datetime
from uuid import UUID

from feedback.actions.api_tokens import forget_replays
from feedback.actions.audit import forget_networks
from feedback.actions.change import change
from feedback.actions.clients import fill_search
from feedback.actions.reserved import forget_reserved
from feedback.actions.sessions import forget_sessions
from feedback.actions.sign_in_links import forget_sign_in_links
from feedback.actions.taken_back import forget_taken_back
from feedback.actions.trust import forget_fingerprints
from feedback.calendar.counting import count_held
from feedback.calendar.entries import forget_entries
from feedback.db.engine import Database
from feedback.imports.jobs import forget_files
from feedback.jobs.evidence import want_nightly_evidence
from feedback.jobs.retention import forget_expired
from feedback.jobs.silence import evaluate_silence
from feedback.jobs.weekly_mails import queue_weekly


def run_daily(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Freeze weeks that have ended (every change does), delete device marks after 30 days, count the meetings of calendars that
    were held, delete calendar entries of past days, sessions and links to sign in that are over, codes taken back long ago or
    reserved and never used, files that nobody imported, and what the API was asked more than a day ago, forget networks in the
    audit log after 90, write what contacts are searched by that the version before added, forget comments and
    names that the organisation keeps no longer, look for silence, queue the weekly mails when they are due, and ask for the figures of evidence once a day."""
    with change(db, organisation_id, now) as c:
        forget_fingerprints(c)
    with change(db, organisation_id, now) as c:
        count_held(c)
        forget_entries(c)
        forget_sessions(c)
        forget_sign_in_links(c)
        forget_files(c)
        forget_networks(c)
        forget_taken_back(c)
        forget_reserved(c)
        forget_replays(c)
        fill_search(c)
        want_nightly_evidence(c)
    forget_expired(db, organisation_id, now)
    evaluate_silence(db, organisation_id, now)
    queue_weekly(db, organisation_id, now)
