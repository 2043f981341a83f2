"""/meetings/<id>/mirror: the rep guesses, and seals."""

import pytest
from support.dump import dump
from support.pages import NOBODY, six, taps, words

SEALED = {**six(4), "done": "1"}


def test_sealing_leads_to_the_gap_card(sign_in, meeting):
    reply = sign_in("alice").post(f"{meeting}/mirror", SEALED)
    assert reply.status_code == 303
    assert f"{meeting}/gap" in reply.location


def test_a_guess_is_kept_as_it_is_tapped_and_seals_nothing(sign_in, meeting, stored):
    alice = sign_in("alice")
    assert alice.post(f"{meeting}/mirror", {"savvy": 2, "stage": "change"}).status_code == 204
    assert taps(alice.get(f"{meeting}/mirror").text) == {"savvy": 2}
    assert not stored().sealed


def test_the_same_guess_sealed_twice_is_one_seal(clock, sign_in, meeting, stored):
    alice, first = sign_in("alice"), clock.now
    alice.post(f"{meeting}/mirror", SEALED)
    clock.forward(minutes=1)
    assert alice.post(f"{meeting}/mirror", SEALED).status_code == 303
    assert stored().mirror.sealed_at == first


@pytest.mark.parametrize("other", [{**SEALED, "savvy": 5}, {**SEALED, "stage": "growing"}, {"savvy": 5}])
def test_a_sealed_guess_takes_no_other(cast, db, sign_in, invitation, meeting, other):
    cast.seal(invitation, 4)
    alice, before = sign_in("alice"), dump(db)
    reply = alice.post(f"{meeting}/mirror", other)
    assert reply.status_code == 422
    assert "Your guess is sealed" in reply.text
    assert dump(db) == before


def test_a_seal_takes_six_taps_and_keeps_those_there_are(sign_in, meeting, stored):
    reply = sign_in("alice").post(f"{meeting}/mirror", {"savvy": 2, "done": "1"})
    assert reply.status_code == 422
    assert "Six taps seal it; what you tapped so far is kept." in words(reply.text)
    assert taps(reply.text) == {"savvy": 2}
    assert not stored().sealed


@pytest.mark.parametrize("rating", ["0", "6", "x"])
def test_a_rating_that_is_none_is_refused_and_the_others_stay(db, sign_in, meeting, rating):
    alice, before = sign_in("alice"), dump(db)
    reply = alice.post(f"{meeting}/mirror", {**SEALED, "integrity": rating})
    assert reply.status_code == 422
    assert taps(reply.text) == {name: 4 for name in six(4) if name != "integrity"}
    assert dump(db) == before


def test_a_refused_rating_is_told_why(sign_in, meeting):
    reply = sign_in("alice").post(f"{meeting}/mirror", {"integrity": "6"})
    assert "Please tap one of the five rings again." in words(reply.text)


def test_after_the_page_closed_it_is_too_late_to_guess(clock, db, sign_in, meeting):
    alice = sign_in("alice")
    clock.forward(days=14)
    assert alice.get(f"{meeting}/mirror").status_code == 410
    reply = alice.post(f"{meeting}/mirror", SEALED)
    assert reply.status_code == 410
    assert "Too late to guess" in reply.text
    assert dump(db)["feedback"] == []


def test_each_contact_is_guessed_apart(cast, sign_in, invitation):
    alice, eli = sign_in("alice"), cast.meeting(contact="Eli Ode")
    where = alice.post("/meetings/new", {"contact_id": [invitation.contact_id, eli.contact_id]}).location
    first = alice.post(f"{where}/mirror", SEALED).location
    assert "What will Eli say?" in words(alice.get(f"{where}/mirror").text)
    assert "Dana" in words(alice.get(first).text)


def test_the_same_contacts_mirror_of_another_meeting_is_not_found(cast, sign_in, meeting):
    other = cast.meeting()
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/mirror?invitation={other.id}").status_code == 404
    assert alice.post(f"{meeting}/mirror", {**SEALED, "invitation": other.id}).status_code == 404


def test_only_its_own_rep_may_guess(db, meeting, refusals, post_refusals):
    assert refusals(f"{meeting}/mirror") == post_refusals(f"{meeting}/mirror") == [404, 404, 403, 403, 403]
    assert dump(db)["feedback"] == []


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_what_is_no_meeting_is_not_found(cast, sign_in, which):
    alice = sign_in("alice")
    assert alice.get(f"/meetings/{which}/mirror").status_code == 404
    assert alice.post(f"/meetings/{which}/mirror", SEALED).status_code == 404


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_what_is_no_invitation_is_not_found(sign_in, meeting, which):
    assert sign_in("alice").get(f"{meeting}/mirror?invitation={which}").status_code == 404
