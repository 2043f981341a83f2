"""Whom a rep finds first: the latest, however many there are."""

import pytest
from sqlmodel import select

from feedback.actions.handed_over import hand_over
from feedback.models import Relationship
from feedback.store.contacts import recent_contacts

MOST = 2


@pytest.fixture
def found(cast, db):
    """found("alice") is the names of those whom a rep finds first."""

    def look(rep: str) -> list[str]:
        with db.reading() as session:
            return [
                each.name
                for each in recent_contacts(
                    session, cast.alice.organisation_id, cast.people[rep].id, limit=MOST
                )
            ]

    return look


@pytest.fixture
def three(cast, clock):
    """Alice met three, one after the other."""
    for contact in ("Dana", "Eli", "Fay"):
        cast.meeting(contact=contact)
        clock.forward(hours=1)


@pytest.mark.usefixtures("three")
def test_those_met_last_are_found(found):
    assert found("alice") == ["Fay", "Eli"]


@pytest.mark.usefixtures("three")
def test_those_handed_over_last_are_found(cast, clock, found):
    with cast.changing() as c:
        in_turn = c.session.exec(select(Relationship.id).order_by(Relationship.last_meeting_at)).all()
    for relationship_id in in_turn:
        clock.forward(hours=1)
        with cast.changing() as c:
            hand_over(c, cast.olive.id, cast.alice.id, cast.bob.id, [relationship_id])
    assert found("bob") == ["Fay", "Eli"]
    assert found("alice") == []
