"""A rep's invitations are the rep's own, of meetings since then, the latest first."""

from datetime import timedelta

import pytest

from feedback.core.access import Reader
from feedback.store.invitations import invitations_of_rep


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_reps_invitations_are_own_and_recent(cast, clock, db):
    cast.meeting("alice", "Old")
    since = clock.forward(days=1)
    cast.meeting("bob", "Another's")
    for name in ("Dana", "Eli"):
        clock.forward(hours=1)
        cast.meeting("alice", name)
    with db.reading() as session:
        found = invitations_of_rep(
            session, cast.olive.organisation_id, cast.alice.id, since, Reader.REP, clock()
        )
    assert [each.contact for each in found] == ["Eli", "Dana"]
    assert all(each.held_at >= since + timedelta(hours=1) for each in found)
