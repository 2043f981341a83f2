"""/meetings/<id>/mirror: the rep guesses, and seals."""

import pytest
from support.dump import dump
from support.pages import NOBODY, six, taps, words

SEALED = {**six(4), "done": "1"}


def test_sealing_leads_to_gap_card(sign_in, meeting):
    reply = sign_in("alice").post(f"{meeting}/mirror", SEALED)
    assert reply.status_code == 303
    assert f"{meeting}/gap" in reply.location


def test_mirror_tap_is_kept_unsealed(sign_in, meeting, stored):
    alice = sign_in("alice")
    assert alice.post(f"{meeting}/mirror", {"savvy": 2, "stage": "change"}).status_code == 204
    assert taps(alice.get(f"{meeting}/mirror").text) == {"savvy": 2}
    assert not stored().sealed


def test_resealing_same_mirror_keeps_first_time(clock, sign_in, meeting, stored):
    alice, first = sign_in("alice"), clock.now
    alice.post(f"{meeting}/mirror", SEALED)
    clock.forward(minutes=1)
    assert alice.post(f"{meeting}/mirror", SEALED).status_code == 303
    assert stored().mirror.sealed_at == first


@pytest.mark.parametrize("other", [{**SEALED, "savvy": 5}, {**SEALED, "stage": "growing"}, {"savvy": 5}])
def test_sealed_mirror_cannot_be_changed(cast, db, sign_in, invitation, meeting, other):
    cast.seal(invitation, 4)
    alice, before = sign_in("alice"), dump(db)
    reply = alice.post(f"{meeting}/mirror", other)
    assert reply.status_code == 422
    assert "Your guess is sealed" in reply.text
    assert dump(db) == before


def test_incomplete_seal_is_422_and_keeps_taps(sign_in, meeting, stored):
    reply = sign_in("alice").post(f"{meeting}/mirror", {"savvy": 2, "done": "1"})
    assert reply.status_code == 422
    assert "Six taps seal it; what you tapped so far is kept." in words(reply.text)
    assert taps(reply.text) == {"savvy": 2}
    assert not stored().sealed


@pytest.mark.parametrize("rating", ["0", "6", "x"])
def test_invalid_rating_is_422_and_keeps_taps(db, sign_in, meeting, rating):
    alice, before = sign_in("alice"), dump(db)
    reply = alice.post(f"{meeting}/mirror", {**SEALED, "integrity": rating})
    assert reply.status_code == 422
    assert taps(reply.text) == {name: 4 for name in six(4) if name != "integrity"}
    assert dump(db) == before


def test_refused_rating_says_why(sign_in, meeting):
    reply = sign_in("alice").post(f"{meeting}/mirror", {"integrity": "6"})
    assert "Please tap one of the five rings again." in words(reply.text)


def test_sealing_after_closing_is_410(clock, db, sign_in, meeting):
    clock.forward(days=14)
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/mirror").status_code == 410
    reply = alice.post(f"{meeting}/mirror", SEALED)
    assert reply.status_code == 410
    assert "Too late to guess" in reply.text
    assert dump(db)["feedback"] == []


def test_each_contact_has_its_own_mirror(cast, sign_in, invitation):
    alice, eli = sign_in("alice"), cast.meeting(contact="Eli Ode")
    where = alice.post("/meetings/new", {"contact_id": [invitation.contact_id, eli.contact_id]}).location
    first = alice.post(f"{where}/mirror", SEALED).location
    assert "What will Eli say?" in words(alice.get(f"{where}/mirror").text)
    assert "Dana" in words(alice.get(first).text)


def test_mirror_of_another_meeting_is_404(cast, sign_in, meeting):
    other = cast.meeting()
    alice = sign_in("alice")
    assert alice.get(f"{meeting}/mirror?invitation={other.id}").status_code == 404
    assert alice.post(f"{meeting}/mirror", {**SEALED, "invitation": other.id}).status_code == 404


def test_mirror_is_for_own_rep_only(db, meeting, refusals, post_refusals):
    assert refusals(f"{meeting}/mirror") == post_refusals(f"{meeting}/mirror") == [404, 404, 403, 403, 403]
    assert dump(db)["feedback"] == []


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_meeting_is_404(cast, sign_in, which):
    alice = sign_in("alice")
    assert alice.get(f"/meetings/{which}/mirror").status_code == 404
    assert alice.post(f"/meetings/{which}/mirror", SEALED).status_code == 404


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_invitation_is_404(sign_in, meeting, which):
    assert sign_in("alice").get(f"{meeting}/mirror?invitation={which}").status_code == 404
