"""/f/<token>/not-me: somebody answered in my name."""

from feedback.core.tokens import new_token
from web.looks import words


def test_the_answer_stops_counting_and_a_manager_hears_of_it(cast, sign_in, stranger, invitation, page):
    cast.answer(invitation, 5)
    reply = stranger.client.post(f"{page}/not-me", follow_redirects=True)
    assert "This answer no longer counts" in reply.text
    carol = sign_in("carol")
    assert "This wasn’t me" in words(carol.get("/alerts").text)
    assert "Too early to rank: Alice (0.0 voices)" in words(carol.get("/leaderboard").text)


def test_what_was_said_is_kept(cast, stranger, invitation, page, stored):
    cast.answer(invitation, 5)
    stranger.client.post(f"{page}/not-me")
    assert stored().client.ratings == (5,) * 6


def test_saying_it_twice_makes_one_alert(cast, sign_in, stranger, invitation, page):
    cast.answer(invitation, 5)
    for _ in range(2):
        assert stranger.client.post(f"{page}/not-me").status_code == 303
    assert words(sign_in("carol").get("/alerts").text).count("This wasn’t me") == 1


def test_an_unknown_token_is_not_found(stranger, invitation):
    assert stranger.client.post(f"/f/{new_token(invitation.token[:4])}/not-me").status_code == 404
    assert stranger.client.post("/f/x/not-me").status_code == 404


def test_it_takes_no_get(cast, stranger, invitation, page, stored):
    cast.answer(invitation, 5)
    assert stranger.get(f"{page}/not-me").status_code == 405
    assert stored().client.disputed_at is None
