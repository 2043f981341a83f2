"""Rebuild every stored number of an organisation from its history."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from feedback.actions.change import change
from feedback.actions.scoring import locked_relationship, write_numbers
from feedback.core.relationships import Numbers
from feedback.models import Activity, Relationship
from feedback.store.database import Database
from feedback.store.replay import replay


def rescore(
    db: Database, organisation_id: UUID, now: datetime, progress: Callable[[], None] = lambda: None
) -> int:
    """Writes what a replay says, all in one transaction; returns how many relationships there are.
    Frozen weeks stay as they are."""
    written = 0
    with change(db, organisation_id, now) as c:
        for rep in replay(c.session, organisation_id):
            kept = set()
            for contact_id, numbers in rep.numbers.items():
                row = locked_relationship(c, rep.rep_id, contact_id)
                write_numbers(row, numbers)
                row.last_meeting_at = rep.last_meeting[contact_id]
                kept.add(contact_id)
                written += 1
            for row in c.session.exec(
                select(Relationship).where(
                    col(Relationship.organisation_id) == organisation_id,
                    col(Relationship.rep_id) == rep.rep_id,
                )
            ):
                if row.contact_id not in kept:
                    write_numbers(row, Numbers())
                    row.last_meeting_at = None
            c.session.execute(
                delete(Activity).where(
                    col(Activity.organisation_id) == organisation_id, col(Activity.rep_id) == rep.rep_id
                )
            )
            c.session.add_all(
                Activity(
                    organisation_id=organisation_id,
                    rep_id=rep.rep_id,
                    monday=monday,
                    meetings=counts[0],
                    opened=counts[1],
                    invitations=counts[2],
                    answered=counts[3],
                )
                for monday, counts in rep.weeks.items()
            )
            c.session.flush()
            progress()
    return written
