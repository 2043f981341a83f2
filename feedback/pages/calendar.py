"""What a rep has planned. One entry is loaded through entry_for only."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from feedback.core.access import Forbidden, NotFound
from feedback.core.asking import HELD_DAYS
from feedback.models import CalendarEntry, User
from feedback.store.contacts import ContactView, contacts_by_email
from feedback.store.people import Viewer

TAKES = timedelta(hours=1)  # a meeting; calendars are read for when it begins


@dataclass(frozen=True, slots=True)
class EntryView:
    """A planned meeting from the rep's calendar."""

    id: UUID
    starts_at: datetime
    day: date  # in the organisation's time zone
    title: str
    meeting_id: UUID | None  # the meeting that was started from it
    contacts: tuple[ContactView, ...]  # those who come and are known contacts
    unmatched: tuple[str, ...]  # the addresses of the others, without colleagues

    def is_held(self, now: datetime) -> bool:
        """Tell whether the meeting is over, as far as a calendar tells."""
        return self.starts_at + TAKES <= now

    @property
    def with_clients(self) -> bool:
        """Whether anybody comes from outside."""
        return bool(self.contacts or self.unmatched)


def todays_entries(session: Session, viewer: Viewer, now: datetime) -> list[EntryView]:
    """Return what this rep has planned for today and tomorrow, in order of time. Raises Forbidden for anybody
    but a rep."""
    today = now.astimezone(ZoneInfo(viewer.timezone)).date()
    return _entries(session, viewer, _from(viewer, today) & _before(viewer, today + timedelta(days=2)))


def held_not_asked(session: Session, viewer: Viewer, now: datetime) -> list[EntryView]:
    """Return this rep's meetings with clients of the last two weeks that are over, and about which nobody was asked, the
    latest first, without those that were put away. Raises Forbidden for anybody but a rep."""
    today = now.astimezone(ZoneInfo(viewer.timezone)).date()
    found = _entries(
        session,
        viewer,
        _from(viewer, today - timedelta(days=HELD_DAYS))
        & (col(CalendarEntry.starts_at) <= now - TAKES)
        & col(CalendarEntry.meeting_id).is_(None)
        & col(CalendarEntry.put_away_at).is_(None),
    )
    return [entry for entry in reversed(found) if entry.with_clients]


def next_entry(session: Session, viewer: Viewer, now: datetime) -> EntryView | None:
    """Return the first meeting this rep has planned from today on; None when there is none. Raises Forbidden
    for anybody but a rep."""
    today = now.astimezone(ZoneInfo(viewer.timezone)).date()
    found = _entries(session, viewer, _from(viewer, today), most=1)
    return found[0] if found else None


def planned_ahead(session: Session, viewer: Viewer, now: datetime) -> int:
    """Count this rep's planned meetings from today on. Raises Forbidden for anybody but a rep."""
    today = now.astimezone(ZoneInfo(viewer.timezone)).date()
    return (
        session.scalar(
            select(func.count()).select_from(CalendarEntry).where(_own(viewer), _from(viewer, today))
        )
        or 0
    )


def entry_for(session: Session, viewer: Viewer, entry_id: UUID) -> EntryView:
    """Return a rep's own entry. Raises NotFound for anybody else's, and Forbidden for anybody but a rep."""
    found = _entries(session, viewer, col(CalendarEntry.id) == entry_id)
    if not found:
        raise NotFound("calendar entry")
    return found[0]


def _entries(
    session: Session, viewer: Viewer, where: ColumnElement[bool], most: int | None = None
) -> list[EntryView]:
    rows = session.execute(
        select(
            col(CalendarEntry.id), col(CalendarEntry.starts_at), col(CalendarEntry.title),
            col(CalendarEntry.meeting_id), col(CalendarEntry.emails),
        )
        .where(_own(viewer), where)
        .order_by(col(CalendarEntry.starts_at), col(CalendarEntry.title), col(CalendarEntry.id))
        .limit(most)
    ).all()  # fmt: skip
    emails = {email for row in rows for email in row.emails}
    contacts = contacts_by_email(session, viewer.organisation_id, emails)
    strangers = emails - contacts.keys() - _colleagues(session, viewer.organisation_id, emails)
    zone = ZoneInfo(viewer.timezone)
    return [
        EntryView(
            id=row.id,
            starts_at=row.starts_at,
            day=row.starts_at.astimezone(zone).date(),
            title=row.title,
            meeting_id=row.meeting_id,
            contacts=tuple(dict.fromkeys(contacts[email] for email in row.emails if email in contacts)),
            unmatched=tuple(email for email in row.emails if email in strangers),
        )
        for row in rows
    ]


def _own(viewer: Viewer) -> ColumnElement[bool]:
    if not viewer.is_rep:
        raise Forbidden("a calendar is the rep's own")
    return (col(CalendarEntry.organisation_id) == viewer.organisation_id) & (
        col(CalendarEntry.rep_id) == viewer.id
    )


def _from(viewer: Viewer, day: date) -> ColumnElement[bool]:
    return col(CalendarEntry.starts_at) >= datetime.combine(day, time.min, ZoneInfo(viewer.timezone))


def _before(viewer: Viewer, day: date) -> ColumnElement[bool]:
    return col(CalendarEntry.starts_at) < datetime.combine(day, time.min, ZoneInfo(viewer.timezone))


def _colleagues(session: Session, organisation_id: UUID, emails: set[str]) -> set[str]:
    return set(
        session.scalars(
            select(col(User.email)).where(
                col(User.organisation_id) == organisation_id, col(User.email).in_(emails)
            )
        )
    )


def stored_entries(session: Session, organisation_id: UUID, rep_id: UUID) -> list[CalendarEntry]:
    """Return all that is stored of a rep's calendar, as rows to be written."""
    statement = (
        select(CalendarEntry)
        .where(col(CalendarEntry.organisation_id) == organisation_id, col(CalendarEntry.rep_id) == rep_id)
        .order_by(col(CalendarEntry.emails))
    )
    return list(session.scalars(statement))
