"""How well a rep guesses: on the manager's page of the rep, in coaching, and on the rep's own page."""

import pytest
from sqlmodel import select
from support.pages import words

from feedback.models import FrozenWeek

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
BEAT = "closer than the usual"


def guess(cast, contact, said, guessed, **answer):
    met = cast.meeting("alice", contact)
    cast.seal(met, guessed)
    cast.answer(met, said, **answer)
    return met


@pytest.fixture
def guessed(cast, clock):
    """A week was recorded in which clients said 3 on average; then Alice guessed seven clients right."""
    for number, said in enumerate((1, 5, 2, 4)):
        met = cast.meeting("bob", f"Early {number}")
        cast.seal(met, 3)
        cast.answer(met, said)
    clock.forward(days=7)
    for number, said in enumerate((1, 5, 2, 5, 5, 2, 1)):
        guess(cast, f"Client {number}", said, said)
        clock.forward(hours=1)
    return cast


def test_eighth_guess_says_how_good_they_are(guessed, clock, sign_in):
    carol, alice = sign_in("carol"), sign_in("alice")
    own = f"/reps/{guessed.alice.id}"
    pages = [lambda: carol.get(own), lambda: carol.get("/coaching"), lambda: alice.get(own)]
    assert [BEAT in page().text for page in pages] == [False] * 3
    guess(guessed, "Client 8", 1, 5)
    for page in pages:
        assert BEAT in page().text
        assert "From the latest 8 guesses." in words(page().text)
        assert "80 % sure: from 31 % better to 100 % better." in words(page().text)


def test_usual_is_recorded_without_what_can_still_be_guessed(guessed, clock, db):
    """Bob's four clients, a week older, said 3 on average, Alice's seven 3, and one 5; the 1 is not to be known yet:
    (4 * 0.9475 * 3 + 7 * 3 + 5) / (4 * 0.9475 + 8) = 3.17. A half-life is 90 days: 2^(-7/90) = 0.9475."""
    guess(guessed, "Sealed", 5, 5)
    guessed.answer(guessed.meeting("alice", "Unsealed"), 1)
    clock.forward(days=7)
    with guessed.changing():
        pass
    with db.reading() as session:
        mine = FrozenWeek.organisation_id == guessed.alice.organisation_id
        weeks = session.exec(select(FrozenWeek).where(mine).order_by(FrozenWeek.monday)).all()
    assert [round(week.usual_savvy, 2) for week in weeks] == [3, 3.17]


@pytest.mark.parametrize("said", [1, 5])
def test_rep_learns_nothing_before_sealing(guessed, clock, sign_in, said):
    """Neither the own page nor the size of it moves when a client that is still to be guessed has answered."""
    guess(guessed, "Client 8", 2, 3)
    alice = sign_in("alice")
    before = words(alice.get(f"/reps/{guessed.alice.id}").text)
    met = guessed.meeting("alice", "Unsealed")
    guessed.answer(met, said)
    assert words(alice.get(f"/reps/{guessed.alice.id}").text) == before
    clock.forward(minutes=1)
    guessed.seal(met, said)
    assert "From the latest 9 guesses." in words(alice.get(f"/reps/{guessed.alice.id}").text)


def test_answers_that_do_not_count_are_left_out(guessed, sign_in, stranger):
    met = guess(guessed, "Client 8", 2, 3)
    carol, alices = sign_in("carol"), f"/reps/{guessed.alice.id}"
    assert BEAT in carol.get(alices).text
    stranger.post(f"{guessed.answer_address(met)}/not-me")
    assert BEAT not in carol.get(alices).text
