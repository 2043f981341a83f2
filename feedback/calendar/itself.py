"""Asking clients by mail by itself, two hours after a meeting of a calendar."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.actions.asking import ask_all
from feedback.actions.change import change
from feedback.actions.meetings import NewMeeting
from feedback.calendar.entries import start_from_entry
from feedback.core.access import NotFound
from feedback.core.asking import ASK_AFTER, ASK_WITHIN, Way
from feedback.db.engine import Database
from feedback.db.locks import locked
from feedback.models import CalendarEntry
from feedback.pages.calendar import EntryView, entry_for, is_asked_itself
from feedback.pages.not_mailed import why_not_mailed
from feedback.store.calendars import asks_itself_since, entries_to_ask
from feedback.store.people import viewer_of


def ask_by_itself(db: Database, organisation_id: UUID, now: datetime, base_url: str) -> int:
    """Ask about the meetings for which it is time, each in a transaction of its own; return about how many. base_url: of
    the addresses in the mails."""
    with db.reading() as session:
        waiting = [
            (rep_id, entry_id)
            for rep_id, entry_id in entries_to_ask(session, organisation_id, now)
            if _to_mail(session, organisation_id, rep_id, entry_id, now)
        ]
    return sum(_ask(db, organisation_id, rep_id, entry_id, now, base_url) for rep_id, entry_id in waiting)


def _to_mail(
    session: Session, organisation_id: UUID, rep_id: UUID, entry_id: UUID, now: datetime
) -> tuple[EntryView, list[UUID]] | None:
    """Return the entry, and the contacts that are to be mailed about it now; None where nobody is."""
    viewer = viewer_of(session, organisation_id, rep_id)
    since = asks_itself_since(session, organisation_id, rep_id)
    if viewer is None or not viewer.is_rep or since is None:
        return None
    try:
        entry = entry_for(session, viewer, entry_id)
    except NotFound:  # cancelled meanwhile
        return None
    due = entry.ends_at + ASK_AFTER
    open_still = entry.meeting_id is None and not entry.put_away and due <= now <= due + ASK_WITHIN
    if not open_still or not is_asked_itself(entry, since):
        return None
    why = why_not_mailed(session, organisation_id, entry.contacts, now)
    mailed = [each.id for each in entry.contacts if each.id not in why]
    return (entry, mailed) if mailed else None


def _ask(
    db: Database, organisation_id: UUID, rep_id: UUID, entry_id: UUID, now: datetime, base_url: str
) -> bool:
    """Start the meeting of an entry and queue its mails, all or nothing. Another worker that is at it waits for the entry,
    and then finds that it is done."""
    with change(db, organisation_id, now) as c:
        row = locked(c.session, CalendarEntry, organisation_id=organisation_id, id=entry_id)
        found = _to_mail(c.session, organisation_id, rep_id, entry_id, now) if row else None
        if row is None or found is None:
            return False
        entry, mailed = found
        meeting_id = start_from_entry(c, rep_id, entry, NewMeeting(contact_ids=mailed))
        ask_all(c, meeting_id, Way.MAIL, base_url)
        row.asked_itself_at = now
    return True
