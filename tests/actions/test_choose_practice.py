"""A relationship works on one practice at a time, and a rep on one in a dimension."""

import pytest
from sqlmodel import select

from feedback.actions.practices import choose_practice
from feedback.models import Contact, PracticeChoice, Relationship
from feedback.store.practices import running_practices


@pytest.fixture
def choose(cast, db):
    """choose("savvy", 1) chooses for Alice and Dana; gives the practices that have not ended, and all."""
    cast.answer(cast.meeting(), 4)

    def do(dimension: str, number: int):
        with cast.changing() as c:
            relationship = c.session.scalars(select(Relationship)).one()
            choose_practice(c, relationship.id, dimension, number)
        with db.reading() as session:
            rows = session.scalars(select(PracticeChoice).order_by(PracticeChoice.id)).all()
        return [(row.dimension, row.number) for row in rows if row.ended_at is None], len(rows)

    return do


def test_another_practice_replaces_the_one_before(choose):
    choose("savvy", 1)
    assert choose("integrity", 2) == ([("integrity", 2)], 2)


def test_same_practice_twice_is_one(choose):
    choose("savvy", 1)
    assert choose("savvy", 1) == ([("savvy", 1)], 1)


@pytest.fixture
def clients(cast):
    """Dana, whose answer Alice has guessed, and Eli, whose answer she has not."""
    met = {name: cast.meeting("alice", name, f"Firm of {name}") for name in ("Dana", "Eli")}
    for each in met.values():
        cast.answer(each, 3)
    cast.seal(met["Dana"], 4)
    return met


@pytest.fixture
def running(cast, db):
    """running() is what Alice works on, by contact."""

    def read():
        with db.reading() as session:
            found = running_practices(session, cast.alice.organisation_id, cast.alice.id)
            return {session.get_one(Contact, (each.organisation_id, contact)).name: each.dimension for each, contact in found}  # fmt: skip

    return read


def begin(cast, met, dimension, by=None):
    with cast.changing() as c:
        mine = c.session.scalars(select(Relationship).where(Relationship.contact_id == met.contact_id)).one()
        choose_practice(c, mine.id, dimension, 1, by)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_practice_ends_another_of_its_dimension(cast, clock, clients, running):
    begin(cast, clients["Dana"], "savvy")
    clock.forward(hours=1)
    begin(cast, clients["Eli"], "chemistry")
    assert running() == {"Dana": "savvy", "Eli": "chemistry"}
    clock.forward(hours=1)
    begin(cast, clients["Eli"], "savvy")
    assert running() == {"Eli": "savvy"}
    clock.forward(hours=1)
    begin(cast, clients["Dana"], "savvy", cast.carol.id)
    assert running() == {"Dana": "savvy"}


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_assigned_practice_tells_nothing_before_the_guess(cast, clock, clients, running, sign_in):
    """What Carol assigns for Eli stops nothing that Alice can see, until she has guessed what Eli said."""
    begin(cast, clients["Dana"], "savvy")
    clock.forward(hours=1)
    page, alice = f"/relationships/{_of(cast, clients['Dana'])}", sign_in("alice")
    before = alice.get(page).text
    assert "To try:" in before
    begin(cast, clients["Eli"], "savvy", cast.carol.id)
    assert running() == {"Dana": "savvy", "Eli": "savvy"}
    assert alice.get(page).text == before
    cast.seal(clients["Eli"], 5)
    assert running() == {"Eli": "savvy"}


def _of(cast, met):
    with cast.db.reading() as session:
        return session.scalars(select(Relationship.id).where(Relationship.contact_id == met.contact_id)).one()
