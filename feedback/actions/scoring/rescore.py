"""Rebuild every stored number of an organisation from its history."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from feedback.actions.change import change
from feedback.actions.scoring.recompute import write_counts, write_numbers
from feedback.core.scoring.relationships import Numbers
from feedback.db.engine import Database
from feedback.models import Activity, Relationship
from feedback.store.replay import replay


def rescore(
    db: Database, organisation_id: UUID, now: datetime, progress: Callable[[], None] = lambda: None
) -> int:
    """Writes what a replay says, all in one transaction; returns how many relationships there are.
    Frozen weeks stay as they are."""
    with change(db, organisation_id, now) as c:
        return rebuild(c.session, organisation_id, now, progress)


def rebuild(
    session: Session, organisation_id: UUID, now: datetime, progress: Callable[[], None] = lambda: None
) -> int:
    """`rescore` as a part of another write."""
    written = 0
    for rep in replay(session, organisation_id):
        known = {
            row.contact_id: row
            for row in session.exec(
                select(Relationship)
                .where(
                    col(Relationship.organisation_id) == organisation_id,
                    col(Relationship.rep_id) == rep.rep_id,
                )
                .with_for_update()
            )
        }
        for contact_id in sorted(known.keys() | rep.numbers.keys()):
            row = known.get(contact_id) or Relationship(
                organisation_id=organisation_id, created_at=now, rep_id=rep.rep_id, contact_id=contact_id
            )
            write_numbers(row, rep.numbers.get(contact_id, Numbers()))
            row.last_meeting_at = rep.last_meeting.get(contact_id)
            session.add(row)
            written += contact_id in rep.numbers
        session.execute(
            delete(Activity).where(
                col(Activity.organisation_id) == organisation_id, col(Activity.rep_id) == rep.rep_id
            )
        )
        for monday, counts in rep.weeks.items():
            week = Activity(organisation_id=organisation_id, rep_id=rep.rep_id, monday=monday)
            write_counts(week, counts)
            session.add(week)
        session.flush()
        progress()
    return written
