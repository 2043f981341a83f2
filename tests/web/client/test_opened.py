"""/f/<token>/opened: the page tells that somebody has it in front of them."""

from support.pages import words

from feedback.core.tokens import new_token


def test_opening_is_told_to_the_rep(stranger, sign_in, page, meeting):
    assert stranger.client.post(f"{page}/opened").status_code == 204
    assert "Dana is answering" in words(sign_in("alice").get(f"{meeting}/status").text)


def test_the_first_opening_is_the_one_that_counts(clock, stranger, page, stored):
    stranger.client.post(f"{page}/opened")
    first = clock.now
    clock.forward(hours=1)
    stranger.client.post(f"{page}/opened")
    assert stored().opened_at == first


def test_looking_at_the_page_is_not_opening_it(stranger, page, stored):
    stranger.get(page)
    assert stored().opened_at is None


def test_looking_at_it_is_no_key_and_does_nothing(stranger, page, stored):
    assert stranger.get(f"{page}/opened").status_code == 405
    assert stored().opened_at is None


def test_an_unknown_token_is_not_found(stranger, invitation):
    assert stranger.client.post(f"/f/{new_token(invitation.token[:4])}/opened").status_code == 404
    assert stranger.client.post("/f/x/opened").status_code == 404


def test_a_closed_page_is_not_opened(clock, stranger, page, stored):
    clock.forward(days=15)
    assert stranger.client.post(f"{page}/opened").status_code == 410
    assert stored().opened_at is None


def test_the_sixty_first_post_in_a_minute_waits(stranger, page):
    codes = [stranger.client.post(f"{page}/opened").status_code for _ in range(61)]
    assert codes == [204] * 60 + [429]
