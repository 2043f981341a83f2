"""/f/<token>/opened: the page tells that somebody has it in front of them."""

from support.pages import words

from feedback.core.tokens import new_token


def test_rep_sees_that_page_was_opened(stranger, sign_in, page, meeting):
    assert stranger.client.post(f"{page}/opened").status_code == 204
    assert "Dana is answering" in words(sign_in("alice").get(f"{meeting}/status").text)


def test_first_opening_time_is_kept(clock, stranger, page, stored):
    stranger.client.post(f"{page}/opened")
    first = clock.now
    clock.forward(hours=1)
    stranger.client.post(f"{page}/opened")
    assert stored().opened_at == first


def test_get_of_page_is_not_an_opening(stranger, page, stored):
    assert stranger.get(page).status_code == 200
    assert stored().opened_at is None


def test_get_opened_is_405(stranger, page, stored):
    assert stranger.get(f"{page}/opened").status_code == 405
    assert stored().opened_at is None


def test_unknown_token_is_404(stranger, invitation):
    assert stranger.client.post(f"/f/{new_token(invitation.token[:4])}/opened").status_code == 404
    assert stranger.client.post("/f/x/opened").status_code == 404


def test_closed_page_cannot_be_opened(clock, stranger, page, stored):
    clock.forward(days=15)
    assert stranger.client.post(f"{page}/opened").status_code == 410
    assert stored().opened_at is None


def test_61st_post_in_a_minute_is_429(stranger, page):
    codes = [stranger.client.post(f"{page}/opened").status_code for _ in range(61)]
    assert codes == [204] * 60 + [429]
