"""Calculation of every stored number of an organisation from its history."""

from collections.abc import Callable

from sqlalchemy import delete
from sqlmodel import col

from feedback.actions.scoring.recompute import write_counts, write_numbers
from feedback.actions.scoring.rep_sums import write_sums
from feedback.core.scoring.relationships import Numbers
from feedback.db.change import Change
from feedback.models import Activity, Relationship
from feedback.store.relationships import locked_relationships_of
from feedback.store.rep_sums import stored_sums
from feedback.store.replay import replay


def rescore(c: Change, progress: Callable[[], None] = lambda: None) -> int:
    """Write what a replay yields; return how many relationships there are. Frozen weeks stay as they are."""
    written = 0
    for rep in replay(c.session, c.organisation_id):
        known = {
            row.contact_id: row for row in locked_relationships_of(c.session, c.organisation_id, rep.rep_id)
        }
        for contact_id in sorted(known.keys() | rep.numbers.keys()):
            row = known.get(contact_id) or Relationship(
                organisation_id=c.organisation_id, created_at=c.now, rep_id=rep.rep_id, contact_id=contact_id
            )
            write_numbers(c, row, rep.numbers.get(contact_id, Numbers()))
            row.last_meeting_at = rep.last_meeting.get(contact_id)
            c.session.add(row)
            written += contact_id in rep.numbers
        c.session.execute(
            delete(Activity).where(
                col(Activity.organisation_id) == c.organisation_id, col(Activity.rep_id) == rep.rep_id
            )
        )
        for monday, counts in rep.weeks.items():
            week = Activity(organisation_id=c.organisation_id, rep_id=rep.rep_id, monday=monday)
            write_counts(week, counts)
            c.session.add(week)
        c.session.flush()
        progress()
    write_sums(c, c.rescored | stored_sums(c.session, c.organisation_id).keys())
    return written
