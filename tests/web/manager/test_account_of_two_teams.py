"""/accounts/<id> of an account that two teams meet: what is counted and named there is of one's own team only."""

import pytest
from sqlmodel import select
from support.pages import words

from feedback.models import Account


@pytest.fixture
def shared(cast, db):
    """Alice's client is content and curious; Bob's, at the same account, is not, and is adopting."""
    for rep, contact, rating, stage in (("alice", "Dana", 5, "curious"), ("bob", "Zebulon", 1, "adopting")):
        met = cast.meeting(rep, contact, "Northwind")
        cast.seal(met, 5, stage=stage)
        cast.answer(met, rating, stage=stage)
        cast.clock.forward(minutes=1)
    with db.reading() as session:
        return f"/accounts/{session.exec(select(Account.id)).one()}"


@pytest.fixture
def lists(shared):
    return (shared, "/accounts", "/accounts?q=north")


def test_open_alerts_are_counted_of_own_teams(shared, sign_in):
    assert "Open alerts 0" in words(sign_in("carol").get(shared).text)
    assert "Open alerts 1" in words(sign_in("olive").get(shared).text)


def test_stages_are_those_of_own_teams(lists, sign_in):
    """The latest is Bob's."""
    carol, olive = sign_in("carol"), sign_in("olive")
    for path in lists:
        seen = words(carol.get(path).text), words(olive.get(path).text)
        assert ["utting it to work" in text for text in seen] == [False, True], path
        assert "ust looking, for themselves" in seen[0], path
