"""A rep uploads a calendar, and starts meetings from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from feedback.actions import meetings
from feedback.actions.change import change
from feedback.actions.meetings import NewContact
from feedback.actions.trust import Fingerprint
from feedback.calendar.event import PlannedMeeting
from feedback.calendar.file import window
from feedback.db.engine import Database
from feedback.models import CalendarEntry, User
from feedback.pages.calendar import EntryView


def replace_entries(
    db: Database, organisation_id: UUID, rep_id: UUID, entries: Iterable[PlannedMeeting], now: datetime
) -> None:
    """What was planned in `window` takes the place of all that the rep uploaded before.

    A meeting that is still planned keeps its entry, and with it the meeting that was started from it.
    """
    with change(db, organisation_id, now) as c:
        first, last = window(now, c.zone)
        # Two uploads at once, or a double tap, must not plan everything twice.
        c.session.execute(
            select(User.id)
            .where(col(User.organisation_id) == organisation_id, col(User.id) == rep_id)
            .with_for_update(key_share=True)
        )
        before: defaultdict[tuple[datetime, str], list[CalendarEntry]] = defaultdict(list)
        for row in c.session.exec(
            select(CalendarEntry)
            .where(col(CalendarEntry.organisation_id) == organisation_id, col(CalendarEntry.rep_id) == rep_id)
            .order_by(col(CalendarEntry.emails))
        ):
            before[row.starts_at, row.title].append(row)
        for entry in sorted(entry for entry in entries if first <= entry.starts_at < last):
            same = before[entry.starts_at, entry.title]
            if same:
                same.pop(0).emails = entry.emails
                continue
            c.session.add(
                CalendarEntry(
                    organisation_id=organisation_id,
                    rep_id=rep_id,
                    starts_at=entry.starts_at,
                    title=entry.title,
                    emails=entry.emails,
                    created_at=now,
                )
            )
        for gone in (row for rows in before.values() for row in rows):
            c.session.delete(gone)


def start_from_entry(
    db: Database,
    organisation_id: UUID,
    rep_id: UUID,
    entry: EntryView,
    visit: Fingerprint | None,
    now: datetime,
    *,
    contact_ids: Sequence[UUID] = (),
    new_contact: NewContact | None = None,
    topic: str | None = None,
) -> UUID:
    """The meeting of an entry, with an invitation for each contact in it; returns its id. A double tap makes
    one. contact_ids, new_contact: who it was, where the rep says so. topic: the entry's title unless given.
    Raises Invalid when no contact is in it, and as meetings.start does."""
    known = [contact.id for contact in entry.contacts[: meetings.MOST_CONTACTS]]
    meeting_id = meetings.start_meeting(
        db,
        organisation_id,
        rep_id,
        contact_ids=contact_ids or ([] if new_contact else known),
        new_contact=new_contact,
        topic=topic or entry.title,
        form_key=f"calendar {entry.id}",
        visit=visit,
        now=now,
    )
    with change(db, organisation_id, now) as c:
        row = c.session.get(CalendarEntry, (organisation_id, entry.id))
        if row:
            row.meeting_id = meeting_id
    return meeting_id


def forget_entries(db: Database, organisation_id: UUID, now: datetime) -> None:
    """What was planned for days that are over is nobody's business any more."""
    with change(db, organisation_id, now) as c:
        first, _ = window(now, c.zone)
        c.session.execute(
            delete(CalendarEntry).where(
                col(CalendarEntry.organisation_id) == organisation_id, col(CalendarEntry.starts_at) < first
            )
        )
