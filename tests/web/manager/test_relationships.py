"""/relationships/<id>: one rep with one contact, answer by answer."""

import re

import pytest
from support.pages import NOBODY, words


@pytest.fixture
def between(cast, clock, relationship):
    """The address of Alice with Dana: all fives a half-life ago, all threes now."""
    for rating in (5, 3):
        met = cast.meeting()
        cast.answer(met, rating)
        cast.seal(met, 4)
        clock.forward(days=90)
    return f"/relationships/{relationship(cast.alice)}"


def test_relationship_page_shows_loyalty_calculation(between, sign_in):
    # (0.5 * 100 + 1 * 50) / 1.5 = 66.67: transactional
    text = words(sign_in("carol").get(between).text)
    assert "67 Transactional loyalty from 2 answers" in text
    assert "16 Feb 1.0000 3 3 3 3 3 3 18 Nov" in text  # 90 days later, and before that: half the weight
    assert "18 Nov 0.5000 5 5 5 5 5 5 Weighted mean 3.67" in text  # (0.5 * 5 + 3) / 1.5
    assert "25 × ((3.67 + 3.67 + 3.67 + 3.67 + 3.67 + 3.67) / 6 − 1) = 66.67" in text


@pytest.fixture
def twice_today(cast, clock, relationship):
    """The address of Alice with Dana: a 2 at noon in Berlin, and a 5 an hour later."""
    for rating in (2, 5):
        met = cast.meeting()
        cast.seal(met, 4)
        cast.answer(met, rating)
        clock.forward(hours=1)
    return f"/relationships/{relationship(cast.alice)}"


def test_meetings_of_one_day_share_a_line(twice_today, sign_in):
    # (2 + 5) / 2 = 3.5, and 25 * (3.5 - 1) = 62.5
    carol, alice = (words(sign_in(name).get(twice_today).text) for name in ("carol", "alice"))
    assert "loyalty from 2 answers, the last of 18 Nov" in carol
    assert "18 Nov , 12:00 1.0000 3.5 3.5 3.5 3.5 3.5 3.5 Weighted mean 3.50" in carol
    assert "18 Nov, 2 meetings 1.0000 3.5 3.5" in alice


def test_answer_page_says_day_counts_once(twice_today, sign_in):
    carol = sign_in("carol")
    latest = re.search(r'href="(/answers/[^"]+)">18 Nov<', carol.get(twice_today).text)[1]
    text = words(carol.get(latest).text)
    assert (
        "On its own it would make a loyalty of 100 . The 2 answers of that day count as one meeting" in text
    )
    assert "weighs 1.0000 against 1 for the latest of 1, in a relationship that stands at 62" in text


def test_rep_sees_own_relationship(between, sign_in):
    assert "loyalty from 2 answers" in words(sign_in("alice").get(between).text)


def test_rep_sees_that_answers_are_hidden(cast, sign_in, relationship):
    hidden, waiting = cast.meeting(), cast.meeting()
    cast.seal(hidden, 4)
    cast.answer(hidden, 1, visibility="manager", comment="Hush")
    cast.answer(waiting, 1, comment="Hush")
    text = sign_in("alice").get(f"/relationships/{relationship(cast.alice)}").text
    assert "only your manager sees this one" in text
    assert "waits for your guess" in text
    assert "Hush" not in text


def test_manager_sees_manager_only_answer(cast, sign_in, relationship):
    cast.answer(cast.meeting(), 5, visibility="manager")
    assert "100 Trusted Advisor" in words(
        sign_in("carol").get(f"/relationships/{relationship(cast.alice)}").text
    )


def test_relationship_of_others_is_404(cast, between, sign_in, relationship):
    cast.meeting("bob", "Eli")
    bobs = f"/relationships/{relationship(cast.bob)}"
    assert [sign_in(name).get(between).status_code for name in ("bob", "mallory")] == [404, 404]
    assert [sign_in(name).get(bobs).status_code for name in ("carol", "alice", "olive")] == [404, 404, 200]


@pytest.mark.parametrize("which", ["x", "1", NOBODY])
def test_unknown_relationship_is_404(cast, sign_in, which):
    assert sign_in("olive").get(f"/relationships/{which}").status_code == 404


def test_post_to_relationship_is_405(between, sign_in):
    assert sign_in("carol").post(between).status_code == 405


def test_stranger_signs_in_first(between, stranger):
    assert stranger.get(between).location == f"/sign-in?next={between}"
