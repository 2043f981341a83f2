"""The stored sums of each rep, worked out of the rep's own relationships by the database, after everything else that a
transaction writes."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.db.bulk import insert_all_if_new
from feedback.db.change import Change
from feedback.models import StoredSums
from feedback.models.columns import new_id
from feedback.store.rep_sums import SUMMED, locked_sums, summed

AT_A_TIME = 500  # reps


def write_sums(c: Change, rep_ids: Iterable[UUID]) -> None:
    """Sum up these reps' relationships anew. The rows are locked first and summed up by a later statement, which sees
    what whoever held them before has written: of two answers at once, the second counts both."""
    c.session.flush()
    wanted = sorted(rep_ids)
    for first in range(0, len(wanted), AT_A_TIME):
        some = wanted[first : first + AT_A_TIME]
        known = set(locked_sums(c.session, c.organisation_id, some))
        if len(known) < len(some):
            insert_all_if_new(
                c.session,
                StoredSums,
                [
                    {"organisation_id": c.organisation_id, "id": new_id(), "rep_id": rep_id}
                    for rep_id in some
                    if rep_id not in known
                ],
            )
            locked_sums(c.session, c.organisation_id, some)
        query = summed(c.organisation_id, some)
        c.session.execute(
            update(StoredSums)
            .where(
                col(StoredSums.organisation_id) == c.organisation_id,
                col(StoredSums.rep_id) == query.c.rep_id,
            )
            .values({name: query.c[name] for name in SUMMED})
            .execution_options(synchronize_session=False)
        )
