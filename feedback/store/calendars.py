"""Reps' calendars: where they come from, and which of their entries wait for something."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select, true
from sqlmodel import Session, col

from feedback.core.asking import ASK_AFTER, ASK_WITHIN
from feedback.db.tenancy import references
from feedback.models import CalendarAddress, CalendarEntry, Organisation, RepCalendar, User
from feedback.store.organisations import organisation

_LONGEST = timedelta(days=15)  # that a meeting may last


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """An address that a calendar is to be read from."""

    organisation_id: UUID
    id: UUID
    rep_id: UUID
    due_at: datetime


def calendar_of(session: Session, organisation_id: UUID, rep_id: UUID) -> RepCalendar | None:
    """Return what is known of a rep's calendar as a whole; None where nothing is."""
    return session.scalars(
        select(RepCalendar).where(
            col(RepCalendar.organisation_id) == organisation_id, col(RepCalendar.rep_id) == rep_id
        )
    ).first()


def addresses_of_rep(session: Session, organisation_id: UUID, rep_id: UUID) -> list[CalendarAddress]:
    """Return the addresses that a rep's calendar is read from, in the order in which they came."""
    return addresses_of_reps(session, organisation_id, [rep_id]).get(rep_id, [])


def addresses_of_reps(
    session: Session, organisation_id: UUID, only: Collection[UUID] | None = None
) -> dict[UUID, list[CalendarAddress]]:
    """Return the addresses that calendars are read from, by rep, as rows to be written. only: of these reps alone."""
    rows = session.scalars(
        select(CalendarAddress)
        .where(
            col(CalendarAddress.organisation_id) == organisation_id,
            true() if only is None else col(CalendarAddress.rep_id).in_(only),
        )
        .order_by(col(CalendarAddress.id))
    )
    found: dict[UUID, list[CalendarAddress]] = {}
    for row in rows:
        found.setdefault(row.rep_id, []).append(row)
    return found


def due_calendars(session: Session, now: datetime, limit: int = 20) -> list[DueCalendar]:
    """Return the addresses that are to be read by now, of all organisations, the longest waiting first; not of people who
    left."""
    due = CalendarAddress
    rows = session.execute(
        select(col(due.organisation_id), col(due.id), col(due.rep_id), col(due.due_at))
        .join(User, references(due, due.rep_id, User))
        .where(col(due.due_at).is_not(None), col(due.due_at) <= now, col(User.ended_at).is_(None))
        .order_by(col(due.due_at), col(due.id))
        .limit(limit)
        .execution_options(across_organisations=True)
    )
    return [DueCalendar(*row) for row in rows]


def reps_to_count(session: Session, organisation_id: UUID, now: datetime) -> list[UUID]:
    """Return the reps who have entries that began and were not counted yet as held or not."""
    rows = select(col(CalendarEntry.rep_id)).where(
        col(CalendarEntry.organisation_id) == organisation_id,
        col(CalendarEntry.counted_at).is_(None),
        col(CalendarEntry.starts_at) <= now,
    )
    return sorted(set(session.scalars(rows)))


def unlinked_entries(
    session: Session, organisation_id: UUID, begins: datetime, ends: datetime
) -> list[CalendarEntry]:
    """Return the entries with somebody that begin between these moments and belong to no meeting, as rows to be
    written."""
    rows = select(CalendarEntry).where(
        col(CalendarEntry.organisation_id) == organisation_id,
        col(CalendarEntry.meeting_id).is_(None),
        col(CalendarEntry.starts_at).between(begins, ends),
        col(CalendarEntry.emails) != "",
    )
    return list(session.scalars(rows.order_by(col(CalendarEntry.starts_at), col(CalendarEntry.id))))


def asks_itself_since(session: Session, organisation_id: UUID, rep_id: UUID) -> datetime | None:
    """Return from when on a rep's clients are asked by mail by itself; None where they are not."""
    known = calendar_of(session, organisation_id, rep_id)
    if known is None or known.asks_itself is None:
        return organisation(session, organisation_id).asks_since
    return known.asks_since if known.asks_itself else None


def organisations_that_ask(session: Session) -> list[UUID]:
    """Return the organisations in which clients of anybody are asked by mail by itself."""
    all_of_it = session.scalars(select(col(Organisation.id)).where(col(Organisation.asks_since).is_not(None)))
    some = session.scalars(
        select(col(RepCalendar.organisation_id))
        .where(col(RepCalendar.asks_itself).is_(True))
        .distinct()
        .execution_options(across_organisations=True)
    )
    return sorted({*all_of_it, *some})


def calendars_read(session: Session) -> tuple[int, int, datetime | None]:
    """Count the addresses that calendars of all organisations are read from, without the paused ones, and those that
    cannot be read now; return both, and since when the first of these cannot."""
    since = col(CalendarAddress.failing_since)
    row = session.execute(
        select(func.count(), func.count(since), func.min(since))
        .where(col(CalendarAddress.paused_at).is_(None))
        .execution_options(across_organisations=True)
    ).one()
    return row[0], row[1], row[2]


def entries_to_ask(session: Session, organisation_id: UUID, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return (rep_id, entry_id) of the entries about which clients could be asked by themselves now: over for long enough,
    not for too long, neither asked about nor put away."""
    ends: Any = case(
        (col(CalendarEntry.ends_at).is_not(None), col(CalendarEntry.ends_at)), else_=col(CalendarEntry.starts_at)
    )  # fmt: skip
    rows = session.execute(
        select(col(CalendarEntry.rep_id), col(CalendarEntry.id))
        .where(
            col(CalendarEntry.organisation_id) == organisation_id,
            col(CalendarEntry.starts_at).between(now - _LONGEST, now - ASK_AFTER),
            ends.between(now - ASK_AFTER - ASK_WITHIN - timedelta(hours=1), now - ASK_AFTER),
            col(CalendarEntry.meeting_id).is_(None),
            col(CalendarEntry.put_away_at).is_(None),
            col(CalendarEntry.emails) != "",
        )
        .order_by(col(CalendarEntry.starts_at), col(CalendarEntry.id))
    )
    return [(row[0], row[1]) for row in rows]


def calendars_of_reps(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID]
) -> dict[UUID, RepCalendar]:
    """Return what is known of these reps' calendars, by rep."""
    rows = session.scalars(
        select(RepCalendar).where(
            col(RepCalendar.organisation_id) == organisation_id, col(RepCalendar.rep_id).in_(rep_ids)
        )
    )
    return {row.rep_id: row for row in rows}


def reps_with_a_choice(session: Session, organisation_id: UUID) -> set[UUID]:
    """Return the ids of the reps of whom is said whether clients are asked by mail by itself."""
    rows = session.scalars(
        select(col(RepCalendar.rep_id)).where(
            col(RepCalendar.organisation_id) == organisation_id, col(RepCalendar.asks_itself).is_not(None)
        )
    )
    return set(rows)
