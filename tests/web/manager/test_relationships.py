"""/relationships/<id>: one rep with one contact, answer by answer."""

import pytest

from web.looks import NOBODY, words


@pytest.fixture
def between(cast, clock, relationship):
    """The address of Alice with Dana: all fives a half-life ago, all threes now."""
    for rating in (5, 3):
        met = cast.meeting()
        cast.answer(met, rating)
        cast.seal(met, 4)
        clock.forward(days=90)
    return f"/relationships/{relationship(cast.alice)}"


def test_loyalty_is_worked_out_from_its_answers(between, sign_in):
    # (0.5 * 100 + 1 * 25) / 1.5 = 50: transactional
    text = words(sign_in("carol").get(between).text)
    assert "50 Transactional loyalty from 2 answers" in text


def test_a_rep_sees_the_own_one(between, sign_in):
    assert "loyalty from 2 answers" in words(sign_in("alice").get(between).text)


def test_a_rep_is_told_what_is_left_out_and_not_what_it_says(cast, sign_in, relationship):
    hidden, waiting = cast.meeting(), cast.meeting()
    cast.seal(hidden, 4)
    cast.answer(hidden, 1, visibility="manager", comment="Hush")
    cast.answer(waiting, 1, comment="Hush")
    text = sign_in("alice").get(f"/relationships/{relationship(cast.alice)}").text
    assert "only your manager sees this one" in text
    assert "waits for your guess" in text
    assert "Hush" not in text


def test_a_manager_sees_both(cast, sign_in, relationship):
    cast.answer(cast.meeting(), 5, visibility="manager")
    assert "100 Trusted Advisor" in words(
        sign_in("carol").get(f"/relationships/{relationship(cast.alice)}").text
    )


def test_whose_business_it_is_not_finds_nothing(cast, between, sign_in, relationship):
    cast.meeting("bob", "Eli")
    bobs = f"/relationships/{relationship(cast.bob)}"
    assert [sign_in(name).get(between).status_code for name in ("bob", "mallory")] == [404, 404]
    assert [sign_in(name).get(bobs).status_code for name in ("carol", "alice", "olive")] == [404, 404, 200]


@pytest.mark.parametrize("which", ["x", "1", NOBODY])
def test_what_is_no_relationship_is_not_found(cast, sign_in, which):
    assert sign_in("olive").get(f"/relationships/{which}").status_code == 404


def test_it_takes_no_form(between, sign_in):
    assert sign_in("carol").post(between).status_code == 405


def test_a_stranger_signs_in_first(between, stranger):
    assert stranger.get(between).location == f"/sign-in?next={between}"
