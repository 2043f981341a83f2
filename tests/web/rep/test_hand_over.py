"""/meetings/<id>/hand-over: the client answers on the rep's own phone."""

import pytest
from support.pages import NOBODY, six, words


@pytest.fixture
def phone(sign_in, invitation, meeting):
    """Alice's phone, in Dana's hand."""
    phone = sign_in("alice")
    reply = phone.post(f"{meeting}/hand-over", {"invitation": invitation.id})
    assert (reply.status_code, reply.location) == (303, f"/f/{invitation.token}")
    phone._token = None
    return phone


def test_handed_over_phone_is_signed_out(phone, meeting):
    for path in ("/meetings", meeting, f"{meeting}/mirror", "/leaderboard", "/me"):
        assert phone.get(path).location == f"/sign-in?next={path}"


def test_handed_over_answer_counts_but_is_unusual(phone, sign_in, invitation, page):
    phone.client.post(page, data={**six(5), "done": "1"})
    carol = sign_in("carol")
    assert "This answer counts." in words(carol.get(f"/answers/{invitation.id}").text)
    assert "Unusual" in carol.get("/alerts").text


def test_rep_can_sign_in_again(cast, phone, sign_in, meeting):
    form = {"email": cast.alice.email, "password": "a short sentence"}
    assert phone.post("/sign-in", form).status_code == 303
    assert phone.get(meeting).status_code == 200


def test_sign_in_page_links_to_clients_page(phone, page):
    reply = phone.get("/sign-in")
    assert reply.status_code == 200
    assert f'href="{page}"' in reply.text


def test_hand_over_is_for_own_rep_only(meeting, post_refusals):
    assert post_refusals(f"{meeting}/hand-over") == [404, 404, 403, 403, 403]


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_meeting_or_invitation_is_404(sign_in, meeting, which):
    alice = sign_in("alice")
    assert alice.post(f"/meetings/{which}/hand-over").status_code == 404
    assert alice.post(f"{meeting}/hand-over", {"invitation": which}).status_code == 404


def test_get_hand_over_is_405(sign_in, meeting):
    assert sign_in("alice").get(f"{meeting}/hand-over").status_code == 405


def test_handed_over_phone_caches_no_client_page(phone, stranger, page):
    rows = phone.get(page)
    extras = phone.client.post(page, data={**six(5), "done": "1"}, follow_redirects=True)
    assert "Anything to add?" in extras.text
    assert rows.headers["Cache-Control"] == extras.headers["Cache-Control"] == "no-store"
    assert stranger.get(page).headers["Cache-Control"] == "private, no-cache"
