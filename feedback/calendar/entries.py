"""The entries of a rep's calendar, and the meetings started from them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from feedback.actions import meetings
from feedback.actions.held import note_held
from feedback.actions.meetings import NewMeeting
from feedback.actions.trust import Fingerprint
from feedback.calendar.counting import count_held
from feedback.calendar.planned import PlannedMeeting, window
from feedback.db.change import Change
from feedback.db.locks import locked
from feedback.models import CalendarEntry, User
from feedback.pages.calendar import EntryView, stored_entries


def replace_entries(c: Change, rep_id: UUID, entries: Iterable[PlannedMeeting]) -> None:
    """Store what was planned in `window` in place of all that the rep's calendar had before.

    A meeting that is still planned keeps its entry, and with it the meeting that was started from it, also under another
    title. What is over is counted first: a meeting that was held does not vanish from the counts with its entry.
    """
    first, last = window(c.now, c.zone)
    # Two uploads at once, or a double tap, must not plan everything twice.
    locked(c.session, User, key_share=True, organisation_id=c.organisation_id, id=rep_id)
    count_held(c, rep_id)
    before = stored_entries(c.session, c.organisation_id, rep_id)
    wanted = sorted(entry for entry in entries if first <= entry.starts_at < last)
    wanted, before = _keep(wanted, before, lambda each: (each.starts_at, each.title))
    wanted, before = _keep(wanted, before, lambda each: each.starts_at)
    for entry in wanted:
        c.session.add(
            CalendarEntry(
                organisation_id=c.organisation_id,
                rep_id=rep_id,
                starts_at=entry.starts_at,
                ends_at=entry.ends_at,
                title=entry.title,
                emails=entry.emails,
                created_at=c.now,
            )
        )
    for gone in before:
        c.session.delete(gone)


def _keep(
    wanted: Sequence[PlannedMeeting],
    before: Sequence[CalendarEntry],
    key: Callable[[PlannedMeeting | CalendarEntry], Any],
) -> tuple[list[PlannedMeeting], list[CalendarEntry]]:
    """Write what is planned into the entries of the same key; return what is left of both."""
    same: defaultdict[Any, list[CalendarEntry]] = defaultdict(list)
    for row in before:
        same[key(row)].append(row)
    left = []
    for entry in wanted:
        if rows := same[key(entry)]:
            row = rows.pop(0)
            row.title, row.emails, row.ends_at = entry.title, entry.emails, entry.ends_at
        else:
            left.append(entry)
    return left, [row for rows in same.values() for row in rows]


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
        if row.counted_at:
            note_held(c, rep_id, row.starts_at, meeting_id)
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
