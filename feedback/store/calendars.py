"""Reps' calendars: where they come from, and which of their entries wait for something."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from feedback.core.asking import ASK_AFTER, ASK_WITHIN
from feedback.db.tenancy import references
from feedback.models import CalendarEntry, Organisation, RepCalendar, User
from feedback.store.organisations import organisation

_LONGEST = timedelta(days=15)  # that a meeting may last


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """A calendar that is to be read from its address."""

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


def calendars_to_encrypt(session: Session, organisation_id: UUID) -> list[RepCalendar]:
    """Return the calendars that have an address, as rows to be written."""
    return list(
        session.scalars(
            select(RepCalendar)
            .where(col(RepCalendar.organisation_id) == organisation_id, col(RepCalendar.address).is_not(None))
            .order_by(col(RepCalendar.id))
        )
    )


def due_calendars(session: Session, now: datetime, limit: int = 20) -> list[DueCalendar]:
    """Return the calendars that are to be read by now, of all organisations, the longest waiting first; not of people who
    left."""
    rows = session.execute(
        select(
            col(RepCalendar.organisation_id), col(RepCalendar.id), col(RepCalendar.rep_id), col(RepCalendar.due_at)
        )
        .join(User, references(RepCalendar, RepCalendar.rep_id, User))
        .where(col(RepCalendar.due_at).is_not(None), col(RepCalendar.due_at) <= now, col(User.ended_at).is_(None))
        .order_by(col(RepCalendar.due_at), col(RepCalendar.id))
        .limit(limit)
        .execution_options(across_organisations=True)
    )  # fmt: skip
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
    """Count the calendars of all organisations that are read from an address, and those that cannot be read now; return
    both, and since when the first of these cannot."""
    row = session.execute(
        select(
            func.count(), func.count(col(RepCalendar.failing_since)), func.min(col(RepCalendar.failing_since))
        )
        .where(col(RepCalendar.kind).is_not(None))
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
