"""Which answers a rep can still guess: rated, not sealed, and not closed; all three."""

import pytest
from sqlmodel import select

from feedback.models import Invitation
from feedback.store.answered import can_still_guess

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def guessable(db, clock):
    """guessable() is the invitations whose answer can still be guessed."""

    def look() -> set[object]:
        with db.reading() as session:
            return set(session.scalars(select(Invitation.id).where(can_still_guess(clock()))))

    return look


def test_answer_can_be_guessed_until_the_page_closes(cast, clock, guessable):
    met = cast.meeting()
    cast.answer(met, 4)
    assert guessable() == {met.id}
    clock.now = cast.reload(met).closes_at
    assert guessable() == set()


def test_nothing_can_be_guessed_before_anything_is_rated(cast, guessable):
    met = cast.meeting()
    assert guessable() == set()
    cast.answer(met, 4, done=False)
    assert guessable() == {met.id}


def test_sealed_guess_is_no_longer_open(cast, guessable):
    met, other = cast.meeting(), cast.meeting(contact="Eli")
    cast.answer(met, 4)
    cast.answer(other, 4)
    cast.seal(met, 3)
    assert guessable() == {other.id}
