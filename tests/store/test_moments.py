"""What stored numbers count, read for many relationships at once, is what one relationship's history says."""

from collections import defaultdict

import pytest
from sqlalchemy import true

from feedback.actions import answers
from feedback.store import replay
from feedback.store.history import history
from feedback.store.moments import moments_of_reps, moments_with_contacts
from feedback.store.settling import AS_STORED


@pytest.fixture
def told(cast, clock):
    """Two reps with two clients: an answer, a guess, an erased answer, one half done, one under doubt."""
    both, erased, doubtful = cast.meeting("alice"), cast.meeting("alice", "Eli"), cast.meeting("bob", "Eli")
    for met in (both, erased, doubtful):
        cast.answer(met, 4)
    cast.seal(both, 5)
    with cast.changing() as c:
        answers.erase_answer(c, erased.id)
        answers.dispute_answer(c, doubtful.id, with_key=True)
    clock.forward(days=1)
    cast.seal(cast.meeting("bob"), 3)
    cast.meeting("alice", "Eli")


@pytest.mark.usefixtures("told")
def test_many_histories_equal_each_one(cast, db):
    organisation_id = cast.olive.organisation_id
    with db.reading() as session:
        single = defaultdict(list)
        for past in history(session, organisation_id, true(), AS_STORED):
            single[past.rep_id, past.contact_id].append(past.moment())
        by_rep = moments_of_reps(session, organisation_id, {rep_id for rep_id, _ in single})
        by_contact = moments_with_contacts(session, organisation_id, {who for _, who in single})
    assert len(single) == 4
    for pair, moments in single.items():
        assert sorted(by_rep[pair], key=repr) == sorted(by_contact[pair], key=repr)
        assert sorted(by_rep[pair], key=repr) == sorted(moments, key=repr)


@pytest.mark.usefixtures("told")
def test_only_the_asked_reps_are_read(cast, db):
    with db.reading() as session:
        found = moments_of_reps(session, cast.olive.organisation_id, [cast.bob.id])
        assert {rep_id for rep_id, _ in found} == {cast.bob.id}
        assert moments_of_reps(session, cast.mallory.organisation_id, [cast.bob.id]) == {}


@pytest.mark.usefixtures("told")
def test_portions_hold_everybody_once(cast, db, monkeypatch):
    monkeypatch.setattr(replay, "MOST_MEETINGS", 2)
    with db.reading() as session:
        portions = list(replay.people_in_portions(session, cast.olive.organisation_id))
        assert list(replay.differences(session, cast.olive.organisation_id)) == []
    assert len(portions) > 1
    everybody = [person for portion in portions for person in portion]
    assert len(everybody) == len(set(everybody)) == 4
