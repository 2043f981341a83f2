"""Counts the meetings of calendars that were held, and finds out about which of them somebody was asked in another way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from feedback.actions.held import note_held
from feedback.db.change import Change
from feedback.models import CalendarEntry
from feedback.pages.calendar import EntryView, over_not_counted
from feedback.store.calendars import reps_to_count, unlinked_entries
from feedback.store.contacts import contacts_by_email
from feedback.store.held import met_between
from feedback.store.people import viewer_of

LOOKS_BACK = timedelta(hours=26)  # a day, and what one with a change of the clocks has more


@dataclass(frozen=True, slots=True)
class _Met:
    """A meeting with one contact."""

    meeting_id: UUID
    held_at: datetime


def count_held(c: Change, only: UUID | None = None) -> None:
    """Count what is over and has not been looked at: a meeting with somebody from outside was held, if it was in the
    calendar before it was over. only: of this rep alone."""
    _link_asked(c)
    c.session.flush()
    for rep_id in [only] if only else reps_to_count(c.session, c.organisation_id, c.now):
        viewer = viewer_of(c.session, c.organisation_id, rep_id)
        if viewer is None or not viewer.is_rep:
            continue
        for entry in over_not_counted(c.session, viewer, c.now):
            _count(c, rep_id, entry)


def _count(c: Change, rep_id: UUID, entry: EntryView) -> None:
    row = c.session.get_one(CalendarEntry, (c.organisation_id, entry.id))
    row.counted_at = c.now
    if entry.with_clients and entry.known_since <= entry.ends_at:
        note_held(c, rep_id, entry.starts_at, row.meeting_id)


def _link_asked(c: Change) -> None:
    """Let entries know of a meeting that their rep held with one of their people on the same day, and did not start from
    the calendar."""
    rows = unlinked_entries(c.session, c.organisation_id, c.now - LOOKS_BACK, c.now)
    if not rows:
        return
    met = met_between(
        c.session,
        c.organisation_id,
        {row.rep_id for row in rows},
        min(row.starts_at for row in rows) - LOOKS_BACK,
        max(row.starts_at for row in rows) + LOOKS_BACK,
    )
    if not met:
        return
    by_day: dict[tuple[UUID, date, UUID], _Met] = {}
    for rep_id, meeting_id, held_at, contact_id in met:
        by_day.setdefault((rep_id, _day(c, held_at), contact_id), _Met(meeting_id, held_at))
    contacts = contacts_by_email(
        c.session, c.organisation_id, {email for row in rows for email in row.emails}
    )
    known = {email: contact.id for email, contact in contacts.items()}
    for row in rows:
        _link(c, row, [known[email] for email in row.emails if email in known], by_day)


def _link(
    c: Change,
    row: CalendarEntry,
    contacts: Iterable[UUID],
    by_day: Mapping[tuple[UUID, date, UUID], _Met],
) -> None:
    keys = ((row.rep_id, _day(c, row.starts_at), contact_id) for contact_id in contacts)
    found = [by_day[key] for key in keys if key in by_day]
    if not found:
        return
    row.meeting_id = min(found, key=lambda met: (abs(met.held_at - row.starts_at), met.meeting_id)).meeting_id
    if row.counted_at:
        note_held(c, row.rep_id, row.starts_at, row.meeting_id)


def _day(c: Change, moment: datetime) -> date:
    return moment.astimezone(c.zone).date()
