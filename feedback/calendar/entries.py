"""The entries of a rep's calendar, and the meetings started from them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
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


def replace_entries(
    c: Change, rep_id: UUID, entries: Iterable[PlannedMeeting], calendar_id: UUID | None = None
) -> None:
    """Store what was planned in `window` in place of all that this calendar of the rep had before. calendar_id: of the
    address it was read from; None for an upload. What was uploaded before the first address was read goes.

    A meeting that is still planned keeps its entry, and with it the meeting that was started from it, also under another
    title. What stands in two calendars under one title is one meeting, and goes when it is in neither. What is over is
    counted first: a meeting that was held does not vanish from the counts with its entry.
    """
    first, last = window(c.now, c.zone)
    # Two uploads at once, or a double tap, must not plan everything twice.
    locked(c.session, User, key_share=True, organisation_id=c.organisation_id, id=rep_id)
    count_held(c, rep_id)
    mark = (calendar_id.hex,) if calendar_id else ()
    before, others = _by_calendar(stored_entries(c.session, c.organisation_id, rep_id), mark)
    wanted = sorted(entry for entry in entries if first <= entry.starts_at < last)
    wanted, before = _keep(wanted, before, _start_and_title, mark)
    wanted, _ = _keep(wanted, others, _start_and_title, mark)
    wanted, before = _keep(wanted, before, lambda each: each.starts_at, mark)
    for entry in wanted:
        c.session.add(
            CalendarEntry(
                organisation_id=c.organisation_id,
                rep_id=rep_id,
                starts_at=entry.starts_at,
                ends_at=entry.ends_at,
                title=entry.title,
                emails=entry.emails,
                read_from=mark,
                created_at=c.now,
            )
        )
    for gone in before:
        gone.read_from = tuple(each for each in gone.read_from if each not in mark)
        if not gone.read_from:
            c.session.delete(gone)


def _by_calendar(
    stored: Iterable[CalendarEntry], mark: tuple[str, ...]
) -> tuple[list[CalendarEntry], list[CalendarEntry]]:
    """Return the entries that a calendar is in charge of, those that were uploaded among them; and all others."""
    mine: list[CalendarEntry] = []
    others: list[CalendarEntry] = []
    for row in stored:
        (mine if not row.read_from or set(mark) & set(row.read_from) else others).append(row)
    return mine, others


def _start_and_title(each: PlannedMeeting | CalendarEntry) -> tuple[datetime, str]:
    return each.starts_at, each.title


def _keep(
    wanted: Sequence[PlannedMeeting],
    before: Sequence[CalendarEntry],
    key: Callable[[PlannedMeeting | CalendarEntry], Any],
    mark: tuple[str, ...],
) -> tuple[list[PlannedMeeting], list[CalendarEntry]]:
    """Write what is planned into the entries of the same key; return what is left of both. In an entry that other
    calendars have, too, those who come are put together."""
    same: defaultdict[Any, list[CalendarEntry]] = defaultdict(list)
    for row in before:
        same[key(row)].append(row)
    left = []
    for entry in wanted:
        if rows := same[key(entry)]:
            row = rows.pop(0)
            elsewhere = tuple(each for each in row.read_from if each not in mark)
            emails = dict.fromkeys((*row.emails, *entry.emails)) if elsewhere else entry.emails
            row.title, row.emails, row.ends_at = entry.title, tuple(emails), entry.ends_at
            row.read_from = (*elsewhere, *mark)
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
