"""/reps/<id>: how a score came about."""

import re

import pytest
from sqlmodel import col, update
from support.pages import NOBODY, words

from feedback.actions import promises
from feedback.actions.change import change
from feedback.actions.people import choose_language
from feedback.actions.promises import NewPromise
from feedback.models import Promise


def test_rep_page_shows_score_calculation(scored, sign_in):
    # As in test_leaderboard_csv.py: (225 + 5 * 78.5714) / 8 = 77.23; 32.04 / sqrt(8) = 11.33
    text = words(sign_in("carol").get(f"/reps/{scored.alice.id}").text)
    assert "(225.0000 + 5 × 78.5714) / (3.0000 + 5) = 77.23" in text
    assert "1.2816 × 25.0000 / √(3.0000 + 5) = 11.33, so 65.90 to 88.56" in text


def test_score_calculation_is_in_one_language(scored, sign_in):
    with scored.changing() as c:
        choose_language(c, scored.carol.id, "de")
    text = words(sign_in("carol").get(f"/reps/{scored.alice.id}").text)
    assert "1,2816 × 25,0000 / √(3,0000 + 5) = 11,33" in text


@pytest.mark.parametrize(("tag", "one"), [("en", "1.0 voice"), ("de", "1,0 Stimme"), ("es", "1,0 voz")])
def test_one_voice_is_one(cast, sign_in, tag, one):
    met = cast.meeting()
    cast.answer(met, 5)
    cast.seal(met, 3)
    with cast.changing() as c:
        for who in (cast.alice, cast.carol):
            choose_language(c, who.id, tag)
    carol, alice, page = sign_in("carol"), sign_in("alice"), f"/reps/{cast.alice.id}"
    for shown in (carol.get(page).text, alice.get(page).text, alice.get("/meetings").text):
        assert len(re.findall(rf"{one}\b", shown)) == 2  # the picture's words, and below it
    whole = re.sub(r"[.,]0", "", one)
    assert re.search(rf" {whole}\b", words(alice.get("/leaderboard").text))


def test_rep_page_lists_every_client(scored, sign_in):
    text = words(sign_in("carol").get(f"/reps/{scored.alice.id}").text)
    assert "Ben Northwind Predisposed 18 Nov 1.0000 75.00 75.0000" in text
    assert "Sum 3.0000 225.0000" in text


def test_rep_sees_own_score_without_clients(scored, sign_in):
    text = words(sign_in("alice").get(f"/reps/{scored.alice.id}").text)
    assert "(225.0000 + 5 ×" in text
    assert "Ben" not in text


def test_rep_page_shows_guess_bias_by_dimension(scored, sign_in):
    # Competency: Ana said 5 (guessed 5), Ben 3 (4), Cleo 3 (5), one voice each: 3.67 said, 4.67 guessed.
    # Integrity: 5, 5 and 3 said. Eve's client gave twos; Bob is in another team.
    scored.add("fred", "rep", "North")
    text = words(sign_in("carol").get(f"/reps/{scored.alice.id}").text)
    assert "Guesses 1.0 too high on Competency: clients rate it lower than Alice expects." in text
    assert "Integrity 4.3 4.7 +0.3 of 3 2.0 +2.3" in text
    assert "Competency 3.7 4.7 +1.0 of 3 2.0 +1.7" in text
    assert "Others: the 2 others of the team." in text


def test_single_colleague_is_not_compared(scored, sign_in):
    text = words(sign_in("carol").get(f"/reps/{scored.alice.id}").text)
    assert "Integrity 4.3 4.7 +0.3 of 3 – –" in text
    assert "Others: shown from two colleagues in the team on." in text


def test_low_guesses_are_something_to_build_on(cast, sign_in):
    met = cast.meeting()
    cast.answer(met, 5)
    cast.seal(met, 3)
    text = words(sign_in("carol").get(f"/reps/{cast.alice.id}").text)
    assert "Guesses 2.0 too low on Integrity: clients rate it higher than Alice expects." in text
    assert "Fewer than three voices: this would tell Alice who said what." in text


def test_rep_page_shows_coverage_and_promises(cast, db, clock, sign_in):
    met = cast.meeting()
    for words_, verdict in (("Send the list", "kept"), ("Call back", "not_kept"), ("Come again", None)):
        with change(db, met.organisation_id, clock()) as c:
            promise = promises.note_promise(
                c, met.meeting_id, met.contact_id, NewPromise(side="rep", words=words_, due_on=None)
            )
        if verdict:
            with db.writing() as session:
                session.exec(update(Promise).where(col(Promise.id) == promise).values(verdict=verdict))
    cast.answer(met, 4)
    cast.meeting(contact="Eli")
    text = words(sign_in("carol").get(f"/reps/{cast.alice.id}").text)
    assert "Promises kept 50 % of 2 judged by clients" in text
    assert "Answered 50 % of 2 invitations" in text


def test_unanswered_rep_has_a_page(cast, sign_in):
    text = words(sign_in("carol").get(f"/reps/{cast.alice.id}").text)
    assert "No client has been both guessed and heard yet." in text


def test_rep_page_of_others_is_404(scored, sign_in):
    alice, bob = (f"/reps/{person.id}" for person in (scored.alice, scored.bob))
    assert [sign_in(name).get(alice).status_code for name in ("bob", "mallory")] == [404, 404]
    assert [sign_in(name).get(bob).status_code for name in ("carol", "alice", "olive")] == [404, 404, 200]


@pytest.mark.parametrize("which", ["x", "1", NOBODY])
def test_unknown_rep_is_404(cast, sign_in, which):
    assert sign_in("olive").get(f"/reps/{which}").status_code == 404


def test_managers_id_is_no_rep(cast, sign_in):
    assert sign_in("olive").get(f"/reps/{cast.carol.id}").status_code == 404


def test_post_to_rep_page_is_405(cast, sign_in):
    assert sign_in("olive").post(f"/reps/{cast.alice.id}").status_code == 405


def test_stranger_signs_in_first(cast, stranger):
    path = f"/reps/{cast.alice.id}"
    assert stranger.get(path).location == f"/sign-in?next={path}"
