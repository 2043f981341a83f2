"""A week's board that can be redone on paper."""

import pytest

from feedback.models import Relationship
from feedback.store.relationships import stored_relationships


@pytest.fixture
def scored(cast):
    """Alice met Ana, Ben and Cleo; Bob met three delighted clients, and Hal, who never opened the page; a rep
    whose name looks like a formula met one client, who gave all twos."""
    for contact, said, guessed in (
        ("Ana Sá", (5,), (5,)),
        ("Ben", (5, 3, 5, 3, 3, 5), (4,)),
        ("Cleo", (3,), (5,)),
    ):
        met = cast.meeting("alice", contact)
        cast.answer(met, *said)
        cast.seal(met, *guessed)
    for contact in ("Eli", "Fay", "Gus"):
        cast.answer(cast.meeting("bob", contact), 5)
    cast.meeting("bob", "Hal")
    cast.add("eve", "rep", "North", named="=cmd()")
    cast.answer(cast.meeting("eve", "Ivo"), 2)
    return cast


@pytest.fixture
def relationship(db):
    """relationship(person) is the id of that rep's relationship, the first by the contact's name."""

    def look(rep):
        with db.reading() as session:
            return stored_relationships(session, rep.organisation_id, Relationship.rep_id == rep.id)[0].id

    return look
