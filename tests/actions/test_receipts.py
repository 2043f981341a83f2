"""Who gets a receipt."""

import pytest
from sqlmodel import select, update

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.core.dimensions import DIMENSIONS
from feedback.models import Feedback, Organisation, Outbox


@pytest.fixture
def receipts(cast, db):
    """receipts() answers as Dana, whose address is known; gives the addresses that a receipt goes to."""

    def answer() -> list[str]:
        met = cast.meeting(email="dana@client.example")
        state = Submission(dict.fromkeys(DIMENSIONS, 4), done=True)
        cast.submit(met, state, Sender(receipts="https://feedback.example"))
        with db.reading() as session:
            return list(session.scalars(select(Outbox.recipient).order_by(Outbox.id)))

    return answer


def test_client_with_an_address_gets_a_receipt(receipts):
    assert receipts() == ["dana@client.example"]


def test_nobody_of_the_example_gets_a_receipt(cast, receipts, db):
    with db.writing() as session:
        session.execute(update(Organisation).values(demo=True))
    assert receipts() == []
    with db.reading() as session:
        assert session.scalars(select(Feedback.settled_at)).one() == cast.clock()


def test_nobody_gets_a_receipt_where_they_are_off(receipts, db):
    with db.writing() as session:
        session.execute(update(Organisation).values(receipts=False))
    assert receipts() == []
    with db.writing() as session:
        assert session.scalars(select(Feedback.settled_at)).one() is not None
        session.execute(update(Organisation).values(receipts=True))
    assert receipts() == ["dana@client.example"]
