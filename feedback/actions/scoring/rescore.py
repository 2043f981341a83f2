"""Calculation of every stored number of an organisation from its history."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from feedback.actions.scoring.recompute import RELATIONSHIP, activity_row, relationship_row
from feedback.actions.scoring.rep_sums import write_sums
from feedback.core.scoring.relationships import Numbers
from feedback.db.bulk import insert_all, refresh_statistics, upsert_all
from feedback.db.change import Change
from feedback.models import Activity, Feedback, Invitation, Meeting, Relationship
from feedback.store.organisations import locked_organisation
from feedback.store.relationships import locked_pairs_of
from feedback.store.rep_sums import stored_sums
from feedback.store.replay import people_in_portions, replayed


def rescore(c: Change, progress: Callable[[], None] = lambda: None) -> int:
    """Write what a replay yields; return how many relationships there are. Frozen weeks stay as they are."""
    locked_organisation(c.session, c.organisation_id, key_share=True)  # an import locks in another order
    refresh_statistics(c.session, Meeting, Invitation, Feedback)  # they may have been filled just now
    written, summed = 0, set(stored_sums(c.session, c.organisation_id))
    for people in people_in_portions(c.session, c.organisation_id):
        known = locked_pairs_of(c.session, c.organisation_id, people)
        reps = replayed(c.session, c.organisation_id, people)
        numbers = {(rep.rep_id, who): numbers for rep in reps for who, numbers in rep.numbers.items()}
        last = {(rep.rep_id, who): held_at for rep in reps for who, held_at in rep.last_meeting.items()}
        rows = [
            {**relationship_row(c, pair, numbers.get(pair, Numbers())), "last_meeting_at": last.get(pair)}
            for pair in sorted(known | numbers.keys())
        ]
        upsert_all(c.session, Relationship, RELATIONSHIP, rows)
        _write_weeks(
            c, people, [activity_row(c, (r.rep_id, day), n) for r in reps for day, n in r.weeks.items()]
        )
        written += len(numbers)
        summed |= {rep_id for rep_id, _ in known | numbers.keys()}
        for _ in people:
            progress()
    write_sums(c, summed)
    return written


def _write_weeks(c: Change, rep_ids: Collection[UUID], rows: list[dict[str, Any]]) -> None:
    c.session.execute(
        delete(Activity).where(
            col(Activity.organisation_id) == c.organisation_id, col(Activity.rep_id).in_(rep_ids)
        )
    )
    insert_all(c.session, Activity, rows)
