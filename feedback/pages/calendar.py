"""What a rep has planned. One entry is loaded through entry_for only."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select, true
from sqlmodel import Session, col

from feedback.core.access import Forbidden, NotFound
from feedback.core.asking import ASK_AFTER, ASK_WITHIN, HELD_DAYS
from feedback.core.calendar.attendees import is_colleague
from feedback.models import CalendarEntry
from feedback.store.calendars import calendar_of
from feedback.store.contacts import ContactView, contacts_by_email
from feedback.store.people import Viewer, emails_of_people

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
    ends_at: datetime  # an hour after it begins, where the calendar does not say
    known_since: datetime
    put_away: bool
    asked_itself_at: datetime | None  # when its clients were asked by mail by itself

    def is_held(self, now: datetime) -> bool:
        """Tell whether the meeting is over, as far as a calendar tells."""
        return self.ends_at <= now

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
        & _over(now)
        & col(CalendarEntry.meeting_id).is_(None)
        & col(CalendarEntry.put_away_at).is_(None),
    )
    return [entry for entry in reversed(found) if entry.with_clients]


def all_entries(session: Session, viewer: Viewer) -> list[EntryView]:
    """Return all that is kept of this rep's calendar, in order of time. Raises Forbidden for anybody but a rep."""
    return _entries(session, viewer, true())


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
            col(CalendarEntry.meeting_id), col(CalendarEntry.emails), col(CalendarEntry.ends_at),
            col(CalendarEntry.created_at), col(CalendarEntry.put_away_at), col(CalendarEntry.asked_itself_at),
        )
        .where(_own(viewer), where)
        .order_by(col(CalendarEntry.starts_at), col(CalendarEntry.title), col(CalendarEntry.id))
        .limit(most)
    ).all()  # fmt: skip
    own = own_addresses(session, viewer) if rows else ()
    emails = {email for row in rows for email in row.emails if email not in own}
    contacts = contacts_by_email(session, viewer.organisation_id, emails)
    strangers = {email for email in emails - contacts.keys() if not is_colleague(email, own)}
    strangers -= emails_of_people(session, viewer.organisation_id, strangers)
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
            ends_at=row.ends_at or row.starts_at + TAKES,
            known_since=row.created_at,
            put_away=row.put_away_at is not None,
            asked_itself_at=row.asked_itself_at,
        )
        for row in rows
    ]


def own_addresses(session: Session, viewer: Viewer) -> tuple[str, ...]:
    """Return the addresses under which this rep is invited."""
    known = calendar_of(session, viewer.organisation_id, viewer.id)
    return (viewer.email, *(known.own_emails if known else ()))


def over_not_counted(session: Session, viewer: Viewer, now: datetime) -> list[EntryView]:
    """Return this rep's entries that are over, and not counted yet as held or not. Raises Forbidden for anybody but a
    rep."""
    return _entries(session, viewer, col(CalendarEntry.counted_at).is_(None) & _over(now))


def asked_by_itself(session: Session, viewer: Viewer, since: datetime, now: datetime) -> list[EntryView]:
    """Return this rep's entries with known clients about whom the worker asks by mail by itself, or has asked, from the
    last day to the coming: those that end from `since` on. Raises Forbidden for anybody but a rep."""
    near = col(CalendarEntry.starts_at).between(now - 2 * ASK_WITHIN, now + ASK_WITHIN)
    found = _entries(session, viewer, near)
    return [
        each
        for each in found
        if each.asked_itself_at
        or (
            each.contacts
            and each.meeting_id is None
            and is_asked_itself(each, since)
            and not _too_late(each, now)
        )
    ]


def is_asked_itself(entry: EntryView, since: datetime | None) -> bool:
    """Tell whether clients are to be asked about an entry by itself, once that is due. since: asking by itself is on from
    then on; None where it is off. An entry that came when the meeting was over is left to its rep."""
    return since is not None and max(entry.known_since, since) <= entry.ends_at


def _too_late(entry: EntryView, now: datetime) -> bool:
    return now > entry.ends_at + ASK_AFTER + ASK_WITHIN


def _over(now: datetime) -> ColumnElement[bool]:
    ends, starts = col(CalendarEntry.ends_at), col(CalendarEntry.starts_at)
    return (starts <= now) & ((ends <= now) | (ends.is_(None) & (starts <= now - TAKES)))


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


def stored_entries(session: Session, organisation_id: UUID, rep_id: UUID) -> list[CalendarEntry]:
    """Return all that is stored of a rep's calendar, as rows to be written."""
    statement = (
        select(CalendarEntry)
        .where(col(CalendarEntry.organisation_id) == organisation_id, col(CalendarEntry.rep_id) == rep_id)
        .order_by(col(CalendarEntry.emails), col(CalendarEntry.id))
    )
    return list(session.scalars(statement))
