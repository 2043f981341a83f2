"""/f/<token> and /f/<token>/<key>: the client's six taps, and what may follow them."""

import re

import pytest
from support.dump import dump
from support.pages import NOBODY, plain, six, taps, words

from feedback.core.answer_key import new_key
from feedback.core.tokens import new_token, spell_token


def test_the_page_asks_six_times_and_wants_nothing_typed(stranger, page):
    text = stranger.get(page).text
    assert len(re.findall(r'type="radio"', text)) == 30
    assert "<textarea" not in text
    assert 'type="text"' not in text


HX = {"HX-Request": "true"}


def test_the_first_tap_makes_the_key_and_names_the_address_that_carries_it(stranger, page):
    reply = stranger.client.post(page, data={"savvy": 4}, headers=HX)
    assert (reply.status_code, reply.data) == (204, b"")
    own = reply.headers["HX-Replace-Url"]
    assert re.fullmatch(re.escape(page) + "/[34679CDFGHJKMNPQRTVWXY]{22}", own)
    assert taps(stranger.get(own).text) == {"savvy": 4}


def test_a_key_that_the_phone_made_without_a_network_is_taken(stranger, page):
    key = new_key()
    for _ in range(2):  # the answer to the first was lost on the way
        reply = stranger.client.post(page, data={"savvy": 4, "key": key}, headers=HX)
        assert reply.headers["HX-Replace-Url"] == f"{page}/{key}"
    assert taps(stranger.get(f"{page}/{key}").text) == {"savvy": 4}


def test_the_phones_own_address_shows_the_page_before_its_first_tap_has_arrived(stranger, page):
    own = f"{page}/{new_key()}"
    assert f'action="{own}"' in stranger.get(own).text
    assert stranger.client.post(own, data={"savvy": 4}, headers=HX).status_code == 204
    assert taps(stranger.get(own).text) == {"savvy": 4}


def test_without_script_the_redirect_carries_the_key(stranger, page):
    reply = stranger.client.post(page, data={"savvy": 4})
    assert reply.status_code == 303
    assert taps(stranger.get(reply.location).text) == {"savvy": 4}
    assert stranger.client.post(reply.location, data={"savvy": 5}).location == reply.location


def test_done_leads_to_the_extras_and_those_to_thanks(stranger, page):
    done = stranger.client.post(page, data={**six(5), "visibility": "manager", "done": "1"})
    own = done.location.split("?")[0]
    assert "Anything to add?" in stranger.get(done.location).text
    thanks = stranger.client.post(own, data={"comment": "Well done", "done": "1"}, follow_redirects=True).text
    assert "Only the manager sees your answers; Alice does not." in thanks


def test_who_may_see_it_is_chosen_above_done_and_is_the_rep_by_default(stranger, page, stored):
    text = stranger.get(page).text
    assert 'type="checkbox" name="visibility" value="rep" checked' in text
    assert text.index("Alice sees this too") < text.rindex(">Done<")
    stranger.client.post(
        page, data={**six(5), "done": "1", "visibility": ["rep", "manager"]}
    )  # as a browser sends it
    assert stored().client.visibility == "rep"


def test_the_box_left_unchecked_means_the_manager_only(stranger, page, stored):
    stranger.client.post(page, data={**six(5), "done": "1", "visibility": "manager"})
    assert stored().client.visibility == "manager"


def test_done_with_nothing_rated_says_so_and_keeps_the_page(db, stranger, page):
    before = dump(db)
    reply = stranger.client.post(page, data={"done": "1", "visibility": "manager"})
    assert reply.status_code == 422
    assert "Nothing is tapped yet. One row is enough." in words(reply.text)
    assert 'name="visibility" value="rep">' in reply.text  # still unchecked
    assert dump(db) == before


def test_another_language_before_the_first_tap_binds_nothing(db, stranger, page):
    before = dump(db)
    reply = stranger.client.post(page, data={"speak": "de", "visibility": "rep"})
    assert (reply.status_code, reply.location) == (303, f"{page}?lang=de")
    assert dump(db) == before


def test_coming_back_shows_what_was_said_and_lets_it_be_changed(stranger, page, own, stored):
    stranger.client.post(own, data={**six(5), "done": "1"})
    assert taps(stranger.get(own + "?change=1").text) == six(5)
    stranger.client.post(own, data={"integrity": 2, "done": "1"})
    assert stored().client.ratings == (2, 5, 5, 5, 5, 5)


def test_an_extra_that_is_emptied_is_taken_back(stranger, own, stored):
    stranger.client.post(own, data={**six(5), "comment": "Hm", "done": "1"})
    stranger.client.post(own, data={"comment": "", "done": "1"})
    assert stored().client.comment is None


@pytest.mark.parametrize("path", ["receipt", "x", "0" * 22])
def test_an_address_with_what_is_no_key_leads_to_the_codes_own(stranger, page, path):
    assert stranger.get(f"{page}/{path}").location == page


def test_the_client_is_never_shown_the_reps_guess(cast, stranger, page, invitation):
    before = plain(stranger.get(page))
    cast.seal(invitation, 1, stage="growing")
    assert plain(stranger.get(page)) == before


@pytest.mark.parametrize(
    "spell",
    [str.lower, spell_token, lambda t: spell_token(t).lower(), lambda t: t[:6] + "%20" + t[6:] + "%20"],
    ids=["lower case", "dashes", "lower case and dashes", "spaces"],
)
def test_the_token_may_be_spelled_as_people_spell(stranger, invitation, stored, spell):
    for rating, folder in enumerate(("/f/", "/F/"), 3):
        address = folder + spell(invitation.token)
        assert stranger.get(address).status_code == 200
        key = new_key()
        stranger.client.post(address, data={"chemistry": rating, "key": spell_token(key).lower()})
        assert stored().client.ratings[-1] == rating
        stranger.client.post(f"{address}/again")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_nobody_was_given_is_not_found(stranger, invitation, method):
    reply = getattr(stranger.client, method)(f"/f/{new_token(invitation.token[:4])}")
    assert reply.status_code == 404
    assert "We do not know this address" in reply.text


def test_a_malformed_token_is_not_found(stranger, invitation):
    for token in ("x", "0" * 26, "3" * 500, "%00", "🍩", "<script>"):
        assert stranger.get(f"/f/{token}").status_code == 404, token


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_closed_page_says_so_and_keeps_what_was_said(
    cast, clock, stranger, page, invitation, stored, method
):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    reply = getattr(stranger.client, method)(page, data={**six(1), "done": "1"})
    assert reply.status_code == 410
    assert "This page has closed" in reply.text
    assert stored().client.ratings == (4,) * 6


def test_the_page_closes_after_fourteen_days_to_the_second(clock, stranger, page):
    clock.forward(days=14, seconds=-1)
    assert stranger.get(page).status_code == 200
    clock.forward(seconds=1)
    assert stranger.get(page).status_code == 410


def test_a_rating_that_is_none_is_refused_and_the_other_taps_stay(db, stranger, page):
    before = dump(db)
    for rating in ("0", "6", "-1", "x", "4.5", "9" * 5000, "1; DROP TABLE feedback"):
        reply = stranger.client.post(page, data={**six(5), "integrity": rating, "done": "1"})
        assert reply.status_code == 422, rating
        assert taps(reply.text) == {name: 5 for name in six(5) if name != "integrity"}
    assert dump(db) == before


def test_a_refused_rating_is_told_why(stranger, page):
    reply = stranger.client.post(page, data={"integrity": "6"})
    assert "Please tap one of the five rings again." in words(reply.text)


def test_an_extra_that_is_none_is_refused(db, stranger, page):
    before = dump(db)
    for name, value in (
        ("visibility", "all"), ("nps", "11"), ("nps", "x"), ("stage", "bored"), ("worth_it", "perhaps"),
        ("sequence", "-1"), ("promise-x", "kept"), (f"promise-{NOBODY}", "maybe"),
    ):  # fmt: skip
        reply = stranger.client.post(page, data={**six(5), name: value, "done": "1"})
        assert reply.status_code == 422, (name, value)
    assert dump(db) == before


def test_a_comment_that_is_too_long_comes_back_whole_with_the_reason(cast, stranger, own, invitation, stored):
    cast.answer(invitation, 5)
    comment = "never " * 500
    reply = stranger.client.post(own, data={"comment": comment, "done": "1"})
    assert reply.status_code == 422
    assert comment in reply.text
    assert "at most 2,000 characters" in reply.text
    assert stored().client.ratings == (5,) * 6


def test_two_thousand_characters_fit_however_the_browser_ends_its_lines(
    cast, stranger, own, invitation, stored
):
    cast.answer(invitation, 5)
    comment = "a\n" * 1000  # what maxlength=2000 lets a phone type; it is sent with \r\n
    reply = stranger.client.post(own, data={"comment": comment.replace("\n", "\r\n")})
    assert reply.status_code == 303
    assert len(stored().client.comment) <= 2000


def test_a_zero_byte_breaks_nothing(stranger, page):
    for field in ("comment", "integrity", "stage", "sequence"):
        assert stranger.client.post(page, data={field: "a\0b"}).status_code == 400, field


def test_the_sixty_first_post_in_a_minute_waits(cast, stranger, page):
    codes = [stranger.client.post(page, data={"nps": "x"}).status_code for _ in range(61)]
    assert codes == [422] * 60 + [429]
    assert stranger.get(page).status_code == 200
    other = cast.meeting(contact="Somebody Else")
    assert stranger.client.post(f"/f/{other.token}").status_code == 303


def test_too_fast_is_said_in_words_a_client_understands(stranger, page):
    for _ in range(60):
        stranger.client.post(page.lower(), data={"nps": "x"})
    reply = stranger.client.post(page, data={"integrity": 5})
    assert reply.status_code == 429
    assert "What you tapped before is kept." in reply.text


def test_nothing_on_the_page_tells_anybody_else_its_address(stranger, page):
    reply = stranger.get(page)
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', reply.text)


def test_no_client_address_ever_sets_a_cookie(clock, stranger, page):
    visits = [
        lambda: stranger.get(page),
        lambda: stranger.client.post(page + "/opened"),
        lambda: stranger.client.post(page, data={**six(5), "done": "1"}),
        lambda: stranger.client.post(page, data={"integrity": "x"}),
        lambda: stranger.get("/f/nobody"),
        lambda: stranger.get(page + "/opened"),
        lambda: stranger.get(page),
        lambda: stranger.client.post(page + "/not-me"),
        lambda: clock.forward(days=15) and stranger.get(page),
    ]
    assert [name for visit in visits for name, _ in visit().headers if name == "Set-Cookie"] == []
