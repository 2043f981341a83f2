"""A rep's uploaded calendar entries, and the meetings started from them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from feedback.actions import meetings
from feedback.actions.meetings import NewMeeting
from feedback.actions.trust import Fingerprint
from feedback.calendar.planned import PlannedMeeting, window
from feedback.db.change import Change
from feedback.db.locks import locked
from feedback.models import CalendarEntry, User
from feedback.pages.calendar import EntryView, stored_entries


def replace_entries(c: Change, rep_id: UUID, entries: Iterable[PlannedMeeting]) -> None:
    """Store what was planned in `window` in place of all that the rep uploaded before.

    A meeting that is still planned keeps its entry, and with it the meeting that was started from it.
    """
    first, last = window(c.now, c.zone)
    # Two uploads at once, or a double tap, must not plan everything twice.
    locked(c.session, User, key_share=True, organisation_id=c.organisation_id, id=rep_id)
    before: defaultdict[tuple[datetime, str], list[CalendarEntry]] = defaultdict(list)
    for row in stored_entries(c.session, c.organisation_id, rep_id):
        before[row.starts_at, row.title].append(row)
    for entry in sorted(entry for entry in entries if first <= entry.starts_at < last):
        same = before[entry.starts_at, entry.title]
        if same:
            same.pop(0).emails = entry.emails
            continue
        c.session.add(
            CalendarEntry(
                organisation_id=c.organisation_id,
                rep_id=rep_id,
                starts_at=entry.starts_at,
                title=entry.title,
                emails=entry.emails,
                created_at=c.now,
            )
        )
    for gone in (row for rows in before.values() for row in rows):
        c.session.delete(gone)


def start_from_entry(
    c: Change, rep_id: UUID, entry: EntryView, said: NewMeeting, fingerprint: Fingerprint | None = None
) -> UUID:
    """Start the meeting of an entry, with an invitation for each of its contacts; return its id. A double tap
    makes one. said: whom the rep met and what about, where the rep says so. Raises Invalid when there is no
    contact, and as show_code does."""
    known = [contact.id for contact in entry.contacts[: meetings.MOST_CONTACTS]]
    new = NewMeeting(
        contact_ids=said.contact_ids or ([] if said.new_contact else known),
        new_contact=said.new_contact,
        topic=said.topic or entry.title,
        form_key=f"calendar {entry.id}",
        held_at=entry.starts_at if entry.is_held(c.now) else None,
    )
    meeting_id = meetings.show_code(c, rep_id, new, fingerprint)
    row = c.session.get(CalendarEntry, (c.organisation_id, entry.id))
    if row:
        row.meeting_id = meeting_id
    return meeting_id


def put_away(c: Change, rep_id: UUID, entry_id: UUID, *, away: bool) -> None:
    """Put a rep's own entry away, of which nobody is to be asked, or bring it back."""
    entry = locked(c.session, CalendarEntry, organisation_id=c.organisation_id, id=entry_id, rep_id=rep_id)
    if entry:
        entry.put_away_at = c.now if away else None


def forget_entries(c: Change) -> None:
    """Delete the entries of days for which there is no further use."""
    first, _ = window(c.now, c.zone)
    c.session.execute(
        delete(CalendarEntry).where(
            col(CalendarEntry.organisation_id) == c.organisation_id, col(CalendarEntry.starts_at) < first
        )
    )
