"""Who can take over somebody's clients."""

import pytest
from sqlmodel import select

from feedback.actions.handed_over import hand_over
from feedback.actions.staff import end_person
from feedback.db.change import Invalid
from feedback.models import HandedOver, Relationship


@pytest.mark.parametrize("to", ["bob", "carol", "alice", "mallory"])
def test_only_another_rep_who_works_here_takes_clients_over(cast, db, to):
    cast.meeting("alice")
    with cast.changing() as c:
        end_person(c, cast.olive.id, cast.bob.id)
    with db.reading() as session:
        mine = session.exec(select(Relationship.id)).one()
    with pytest.raises(Invalid, match="Choose a rep who works here"), cast.changing() as c:
        hand_over(c, cast.olive.id, cast.alice.id, cast.people[to].id, [mine])
    with db.reading() as session:
        assert session.exec(select(HandedOver)).all() == []
