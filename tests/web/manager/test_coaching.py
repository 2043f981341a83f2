"""/coaching: who works on what, since when, and whether it moved anything."""

import re

import pytest
from support.pages import words

from feedback.actions import practices
from feedback.actions.change import change
from feedback.actions.handed_over import hand_over
from feedback.models import Relationship
from feedback.store.relationships import stored_relationships


@pytest.fixture
def practice(cast, relationship, clock):
    """practice(person, dimension): their first relationship is given the first practice of that dimension."""

    def give(person, dimension, by=None):
        with change(cast.db, person.organisation_id, clock()) as c:
            practices.choose_practice(c, relationship(person), dimension=dimension, number=1, assigned_by_id=by)  # fmt: skip

    return give


def test_coaching_shows_means_before_and_since(cast, clock, practice, sign_in):
    for rating in (2, 3):
        cast.answer(cast.meeting(), rating)
        clock.forward(days=1)
    practice(cast.alice, "savvy", by=cast.carol.id)
    clock.forward(days=1)
    cast.answer(cast.meeting(), 4)
    text = words(sign_in("carol").get("/coaching").text)
    assert "Savvy with Dana Whitfield , Northwind · asked by Carol · 20 Nov" in text
    assert "Read Dana's last news" in text.replace("&#39;", "'")
    assert "2.5 before (2 meetings) , 4.0 since (1) One meeting proves little." in text


def test_coaching_says_not_rated_since(cast, practice, sign_in):
    cast.answer(cast.meeting(), 2)
    practice(cast.alice, "savvy")
    assert "chosen by the rep · 18 Nov Read Dana" in words(sign_in("carol").get("/coaching").text)
    assert "Not rated since." in sign_in("carol").get("/coaching").text


def test_quarantined_answer_does_not_move_coaching(cast, clock, practice, sign_in, stranger, app):
    cast.answer(cast.meeting(), 2)
    practice(cast.alice, "savvy")
    clock.forward(days=1)
    met = cast.meeting()
    cast.answer(met, 5)
    stranger.post(f"{cast.answer_address(met)}/not-me")
    carol = sign_in("carol")
    assert "Not rated since." in carol.get("/coaching").text
    brief = carol.get(re.search(r"/relationships/[\w-]+", carol.get("/coaching").text)[0]).text
    assert "since (1)" not in brief


def test_reps_without_practice_are_listed(cast, sign_in):
    cast.answer(cast.meeting(), 5, 5, 5, 2, 5, 5)
    text = words(sign_in("olive").get("/coaching").text)
    assert (
        "Not working on anything yet Alice clients miss Proactivity most Bob no client has answered yet"
        in text
    )


def test_reps_page_keeps_ended_practices(cast, clock, practice, sign_in):
    cast.answer(cast.meeting(), 2)
    practice(cast.alice, "savvy")
    clock.forward(days=2)
    practice(cast.alice, "integrity")
    text = words(sign_in("carol").get(f"/reps/{cast.alice.id}").text)
    assert "18 Nov – 20 Nov" in text
    assert "Savvy with" not in words(sign_in("carol").get("/coaching").text)


def test_practice_that_has_ended_moved_what_was_met_until_then(cast, clock, practice, sign_in):
    cast.answer(cast.meeting(), 2)
    practice(cast.alice, "savvy")
    for rating, then in ((3, "integrity"), (5, "")):
        clock.forward(days=1)
        cast.answer(cast.meeting(), rating)
        clock.forward(hours=1)
        if then:
            practice(cast.alice, then)
    text = words(sign_in("carol").get(f"/reps/{cast.alice.id}").text)
    assert "2.0 before (1 meeting) , 3.0 since (1)" in text


def test_coaching_shows_own_teams_only(cast, practice, sign_in):
    cast.answer(cast.meeting("bob", "Eli"), 2)
    practice(cast.bob, "savvy")
    seen = {name: "Eli" in sign_in(name).get("/coaching").text for name in ("carol", "olive", "mallory")}
    assert seen == {"carol": False, "olive": True, "mallory": False}
    assert "There are no reps to coach yet." in sign_in("mallory").get("/coaching").text


def test_coaching_is_for_managers_only(cast, sign_in, stranger):
    assert sign_in("alice").get("/coaching").status_code == 403
    assert stranger.get("/coaching").location == "/sign-in?next=/coaching"
    assert sign_in("carol").post("/coaching").status_code == 405


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_one_dimension_of_a_rep_is_summed_up(cast, clock, sign_in, db):
    """Three clients of Alice, one after the other, each met before and after: together beyond chance, alone not."""
    for contact in ("Dana", "Eli", "Fay"):
        cast.answer(cast.meeting("alice", contact), 2)
    with db.reading() as session:
        mine = stored_relationships(session, cast.alice.organisation_id, Relationship.rep_id == cast.alice.id)
        names = {each.id: each.contact for each in mine}
    for relationship_id, contact in names.items():
        with cast.changing() as c:
            practices.choose_practice(c, relationship_id, dimension="savvy", number=1)
        clock.forward(days=1)
        cast.answer(cast.meeting("alice", contact), 4)
    text = words(sign_in("carol").get("/coaching").text)
    assert "Did it help? Savvy . It helped: 2.0 before, 4.0 since (3 meetings, 3; 3 clients)" in text
    assert text.count("Read ") == 1


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_practice_with_client_handed_over_is_not_coached(cast, practice, relationship, sign_in):
    cast.add("nora", "rep", "North")
    cast.answer(cast.meeting(), 2)
    practice(cast.alice, "savvy")
    carol = sign_in("carol")
    assert "Savvy with" in words(carol.get("/coaching").text)
    with cast.changing() as c:
        hand_over(c, cast.olive.id, cast.alice.id, cast.nora.id, [relationship(cast.alice)])
    page = words(carol.get("/coaching").text)
    assert "Savvy with" not in page
    assert "Alice" in page.partition("Not working on anything yet")[2]
