"""The stored sums of each rep, worked out of the rep's own relationships by the database, after everything else that a
transaction writes."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from feedback.db.bulk import insert_all_if_new
from feedback.db.change import Change
from feedback.models import StoredSums
from feedback.models.columns import new_id
from feedback.store.rep_sums import SUMMED, hold_sums, reps_with_sums, summed

AT_A_TIME = 500  # reps


def write_sums(c: Change, rep_ids: Iterable[UUID]) -> None:
    """Sum up these reps' relationships anew. The rows are held first and summed up by a later statement, which sees
    what whoever held them before has written: of two answers at once, the second counts both."""
    c.session.flush()
    wanted = sorted(rep_ids)
    for first in range(0, len(wanted), AT_A_TIME):
        some = wanted[first : first + AT_A_TIME]
        asked = {"organisation": c.organisation_id, "reps": some}
        known = hold_sums(c.session, c.organisation_id, some)
        if known is None and c.execute(_SUM_UP, asked) == len(some):
            continue
        if known is None:
            known = reps_with_sums(c.session, c.organisation_id, some)
        new = [
            {"organisation_id": c.organisation_id, "id": new_id(), "rep_id": rep_id, **_ZEROS}
            for rep_id in some
            if rep_id not in known
        ]
        if new:
            insert_all_if_new(c.session, StoredSums, new)
            hold_sums(c.session, c.organisation_id, some)
        c.execute(_SUM_UP, asked)


_ZEROS = dict.fromkeys(SUMMED, 0)
# Built once: to build it took longer than to execute it.
_SUMMED = summed(bindparam("organisation"), bindparam("reps", expanding=True))
_SUM_UP = (
    update(StoredSums)
    .where(
        col(StoredSums.organisation_id) == bindparam("organisation"),
        col(StoredSums.rep_id) == _SUMMED.c.rep_id,
    )
    .values({name: _SUMMED.c[name] for name in SUMMED})
)
