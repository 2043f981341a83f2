"""/meetings/<id>/hand-over: the client answers on the rep's own phone."""

import pytest
from support.pages import NOBODY, six, taps, words

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_TRIES = 3


@pytest.fixture
def phone(sign_in, invitation, meeting):
    """Alice's phone, in Dana's hand."""
    phone = sign_in("alice")
    reply = phone.post(f"{meeting}/hand-over", {"invitation": invitation.id, "pin": "4711"})
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


def test_stranger_has_nothing_to_unlock(stranger):
    assert stranger.post("/unlock", {"pin": "4711"}).location == "/sign-in"


@pytest.mark.parametrize("which", ["x", NOBODY])
def test_unknown_meeting_or_invitation_is_404(sign_in, meeting, which):
    alice = sign_in("alice")
    assert alice.post(f"/meetings/{which}/hand-over").status_code == 404
    assert alice.post(f"{meeting}/hand-over", {"invitation": which}).status_code == 404


def test_hand_over_is_explained_before(sign_in, meeting):
    text = words(sign_in("alice").get(f"{meeting}/hand-over").text)
    assert "Until you enter the PIN that you choose now, this phone shows nothing but that page" in text


@pytest.mark.parametrize("pin", ["", "471", "47111", "abcd", "٤٧١١", "47 1"])
def test_pin_is_four_digits(sign_in, meeting, pin):
    alice = sign_in("alice")
    assert alice.post(f"{meeting}/hand-over", {"pin": pin}).status_code == 422
    assert alice.get("/meetings").status_code == 200


def test_pin_takes_the_phone_back(phone, meeting):
    assert "The PIN you chose" in phone.get("/sign-in").text
    assert phone.post("/unlock", {"pin": "4711"}).location == "/meetings"
    assert phone.get(meeting).status_code == 200
    phone._token = None
    assert phone.post("/unlock", {"pin": "4711"}).location == "/sign-in"  # nothing is locked any more


def test_taken_back_phone_reads_no_answer(cast, phone, page, invitation):
    """What the client tapped on it stays closed to whoever holds the phone then."""
    began = phone.client.post(page, data={"savvy": 2})
    assert cast.reload(invitation).client.ratings[4] == 2
    phone.post("/unlock", {"pin": "4711"})
    assert taps(phone.get(began.location or page).text) == {}


def test_phone_that_was_taken_back_is_the_reps_own(cast, phone, page, invitation):
    phone.post("/unlock", {"pin": "4711"})
    phone.client.post(page, data={**six(5), "done": "1"})
    assert "reps_browser" in cast.reload(invitation).client.signals


@pytest.mark.parametrize("who", ["carol", "olive"])
def test_browser_of_a_manager_is_no_reps(cast, sign_in, page, invitation, who):
    sign_in(who).client.post(page, data={**six(5), "done": "1"})
    said = cast.reload(invitation).client
    assert (said.ratings, "reps_browser" in said.signals, said.counts) == ((5,) * 6, False, "counted")


def test_right_pins_are_not_counted(phone, meeting):
    for _ in range(MOST_TRIES + 1):
        assert phone.post("/unlock", {"pin": "4711"}).location == "/meetings"
        phone._token = None
        assert phone.post(f"{meeting}/hand-over", {"pin": "4711"}).status_code == 303
        phone._token = None


def test_third_wrong_pin_ends_the_session(clock, phone, meeting):
    assert 'name="pin"' in phone.get("/sign-in").text
    replies = [phone.post("/unlock", {"pin": pin}).location for pin in ("0000", "1111", "2222")]
    assert replies == ["/sign-in?wrong=1", "/sign-in?wrong=1", "/sign-in"]
    assert 'name="pin"' not in phone.get("/sign-in").text
    clock.forward(minutes=11)  # a counter begins anew; the session does not
    assert phone.post("/unlock", {"pin": "4711"}).location == "/sign-in"
    assert phone.get(meeting).status_code == 302


def test_cookie_from_before_opens_nothing(sign_in, meeting):
    """Another tab's reply may bring the cookie back that the phone had before."""
    alice = sign_in("alice")
    before = alice.client.get_cookie("session")
    alice.post(f"{meeting}/hand-over", {"pin": "4711"})
    alice.client.set_cookie("session", before.value)
    assert alice.get("/meetings").status_code == 302


def test_handed_over_phone_caches_no_client_page(phone, stranger, page):
    rows = phone.get(page)
    extras = phone.client.post(page, data={**six(5), "done": "1"}, follow_redirects=True)
    assert "Anything to add?" in extras.text
    assert rows.headers["Cache-Control"] == extras.headers["Cache-Control"] == "no-store"
    assert stranger.get(page).headers["Cache-Control"] == "private, no-cache"
