"""/f/<token>/not-me and /f/<token>/<key>/not-me: somebody answered in my name."""

from support.pages import words

from feedback.core.tokens import new_token


def test_dispute_with_key_uncounts_the_answer(cast, sign_in, stranger, invitation, own):
    cast.answer(invitation, 5)
    reply = stranger.client.post(f"{own}/not-me", follow_redirects=True)
    assert "This answer no longer counts" in reply.text
    carol = sign_in("carol")
    assert "This wasn’t me" in words(carol.get("/alerts").text)
    assert "Too early to rank: Alice (0.0 voices)" in words(carol.get("/leaderboard").text)


def test_dispute_with_code_keeps_the_answer_counted(cast, sign_in, stranger, invitation, page):
    cast.answer(invitation, 5)
    reply = stranger.client.post(f"{page}/not-me", follow_redirects=True)
    assert "Thank you for telling us. A manager hears of it at once." in words(reply.text)
    carol = sign_in("carol")
    assert "Too early to rank: Alice (1.0 voice)" in words(carol.get("/leaderboard").text)
    answer = words(carol.get(f"/answers/{invitation.id}").text)
    assert "This answer counts." in answer
    assert "It was said without proof, so the answer counts until you decide." in answer


def test_disputed_answer_is_kept(cast, stranger, invitation, own, stored):
    cast.answer(invitation, 5)
    stranger.client.post(f"{own}/not-me")
    assert stored().client.ratings == (5,) * 6


def test_repeated_dispute_makes_one_alert(cast, sign_in, stranger, invitation, page, own):
    cast.answer(invitation, 5)
    for address in (page, page, own, own):
        assert stranger.client.post(f"{address}/not-me").status_code == 303
    assert words(sign_in("carol").get("/alerts").text).count("This wasn’t me") == 1


def test_key_dispute_after_code_dispute_quarantines(cast, stranger, invitation, page, own, stored):
    cast.answer(invitation, 5)
    stranger.client.post(f"{page}/not-me")
    assert stored().client.counts == "counted"
    stranger.client.post(f"{own}/not-me")
    assert stored().client.counts == "quarantined"


def test_unanswered_page_cannot_be_disputed(stranger, page, stored):
    assert stranger.client.post(f"{page}/not-me").location == page
    assert stored().client.disputed_at is None


def test_dispute_works_after_closing(cast, clock, stranger, invitation, page, stored):
    cast.answer(invitation, 5)
    clock.forward(days=15)
    assert "I did not say this" in stranger.get(page).text
    stranger.client.post(f"{page}/not-me")
    assert stored().client.disputed_at


def test_unknown_token_is_404(stranger, invitation):
    assert stranger.client.post(f"/f/{new_token(invitation.token[:4])}/not-me").status_code == 404
    assert stranger.client.post("/f/x/not-me").status_code == 404


def test_get_not_me_is_405(cast, stranger, invitation, own, stored):
    cast.answer(invitation, 5)
    assert stranger.get(f"{own}/not-me").status_code == 405
    assert stored().client.disputed_at is None
