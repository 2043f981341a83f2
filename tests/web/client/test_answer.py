"""/f/<token> and /f/<token>/<key>: the client's six taps, and what may follow them."""

import re

import pytest
from support.dump import dump
from support.pages import NOBODY, plain, six, taps, words

from feedback.actions.staff import end_person
from feedback.core.answer_key import new_key
from feedback.core.tokens import new_token, spell_token


def test_page_asks_six_ratings_without_typing(stranger, page):
    text = stranger.get(page).text
    assert len(re.findall(r'type="radio"', text)) == 30
    assert "<textarea" not in text
    assert 'type="text"' not in text


HX = {"HX-Request": "true"}


def test_first_tap_makes_the_key(stranger, page):
    reply = stranger.client.post(page, data={"savvy": 4}, headers=HX)
    assert (reply.status_code, reply.data) == (204, b"")
    own = reply.headers["HX-Replace-Url"]
    assert re.fullmatch(re.escape(page) + "/[34679CDFGHJKMNPQRTVWXY]{22}", own)
    assert taps(stranger.get(own).text) == {"savvy": 4}


def test_key_made_by_phone_is_accepted(stranger, page):
    key = new_key()
    for _ in range(2):  # the answer to the first was lost on the way
        reply = stranger.client.post(page, data={"savvy": 4, "key": key}, headers=HX)
        assert reply.headers["HX-Replace-Url"] == f"{page}/{key}"
    assert taps(stranger.get(f"{page}/{key}").text) == {"savvy": 4}


def test_phones_key_address_shows_page_before_first_tap(stranger, page):
    own = f"{page}/{new_key()}"
    assert f'action="{own}"' in stranger.get(own).text
    assert stranger.client.post(own, data={"savvy": 4}, headers=HX).status_code == 204
    assert taps(stranger.get(own).text) == {"savvy": 4}


def test_redirect_carries_key_without_script(stranger, page):
    reply = stranger.client.post(page, data={"savvy": 4})
    assert reply.status_code == 303
    assert taps(stranger.get(reply.location).text) == {"savvy": 4}
    assert stranger.client.post(reply.location, data={"savvy": 5}).location == reply.location


def test_done_leads_to_extras_then_thanks(stranger, page):
    done = stranger.client.post(page, data={**six(5), "visibility": "manager", "done": "1"})
    own = done.location.split("?")[0]
    assert "Anything to add?" in stranger.get(done.location).text
    thanks = stranger.client.post(own, data={"comment": "Well done", "done": "1"}, follow_redirects=True).text
    assert "Who sees your answers: Carol (manager) Until" in words(thanks)


def test_rep_sees_answer_by_default(stranger, page, stored):
    text = stranger.get(page).text
    assert 'type="checkbox" name="visibility" value="rep" checked' in text
    assert text.index("<bdi>Alice</bdi> sees this too") < text.rindex(">Done<")
    stranger.client.post(
        page, data={**six(5), "done": "1", "visibility": ["rep", "manager"]}
    )  # as a browser sends it
    assert stored().client.visibility == "rep"


def test_page_says_by_name_who_sees_it(cast, stranger, page):
    assert "Who sees your answers: Carol (manager) Alice sees this too" in words(stranger.get(page).text)
    cast.add("max", "manager", "North", named="Max Weber")
    assert "Who sees your answers: Carol (manager) and Max (manager)" in words(stranger.get(page).text)
    with cast.changing() as c:
        end_person(c, cast.olive.id, cast.max.id)  # who has left sees nothing any more
    assert "Who sees your answers: Carol (manager) Alice" in words(stranger.get(page).text)
    alone = cast.meeting("bob").token
    assert "Who sees your answers: managers at Doughnut Partners" in words(stranger.get(f"/f/{alone}").text)


def test_page_speaks_of_no_guess(stranger, page):
    text = words(stranger.get(page).text)
    assert "How was it?" in text
    assert not re.search("guess|lead|qualif", text)


def test_whoever_is_somebody_else_learns_what_to_do(stranger, page):
    text = words(stranger.get(page).text)
    assert "Not Dana?" in text
    assert "This page is for Dana Whitfield (Northwind) alone." in text
    assert "This wasn’t me" not in text  # nobody has said anything yet
    begun = stranger.client.post(page, data={"savvy": 4}, follow_redirects=True)
    assert f'href="{begun.request.path}/receipt#not-me">This wasn’t me' in begun.text


def test_done_says_which_rows_are_open(stranger, page):
    some = {"integrity": 5, "recognition": 4, "chemistry": 5, "done": "1"}
    reply = stranger.client.post(page, data=some, follow_redirects=True)
    text = words(reply.text)
    assert (
        "Still open: Has the skills to deliver · Looks out for me, no surprises · Understands my world"
        in text
    )
    assert text.count("Change my taps") == 2
    whole = stranger.client.post(reply.request.path, data={**six(4), "done": "1"}, follow_redirects=True)
    assert "Still open" not in words(whole.text)


def test_reopened_address_shows_what_was_said(stranger, page):
    own = stranger.client.post(page, data={**six(5), "done": "1"}).location.split("?")[0]
    reply = stranger.get(own)
    assert reply.location == f"{own}/receipt"
    assert "Change it" in words(stranger.get(reply.location).text)


def test_names_are_set_apart_from_the_text_around(cast, stranger):
    met = cast.meeting(contact="דנה כהן", account="Pão Lda")
    for tag in ("en", "ar"):
        text = stranger.get(f"/f/{met.token}?lang={tag}").text.split("<style>")[1]
        around = re.sub("<bdi>.*?</bdi>", "", text)
        for name in ("דנה", "דנה כהן", "Pão Lda", "Alice", "Carol", "Doughnut Partners"):
            assert re.search(rf"<bdi>(?:{name}|\({name}\))</bdi>", text), (tag, name)
            assert name not in around, (tag, name)


def test_unchecked_box_means_manager_only(stranger, page, stored):
    stranger.client.post(page, data={**six(5), "done": "1", "visibility": "manager"})
    assert stored().client.visibility == "manager"


def test_done_without_taps_is_422(db, stranger, page):
    before = dump(db)
    reply = stranger.client.post(page, data={"done": "1", "visibility": "manager"})
    assert reply.status_code == 422
    assert "Nothing is tapped yet. One row is enough." in words(reply.text)
    assert 'name="visibility" value="rep">' in reply.text  # still unchecked
    assert dump(db) == before


def test_language_change_before_tapping_stores_nothing(db, stranger, page):
    before = dump(db)
    reply = stranger.client.post(page, data={"speak": "de", "visibility": "rep"})
    assert (reply.status_code, reply.location) == (303, f"{page}?lang=de")
    assert dump(db) == before


def test_stored_answer_can_be_changed(stranger, page, own, stored):
    stranger.client.post(own, data={**six(5), "done": "1"})
    assert taps(stranger.get(own + "?change=1").text) == six(5)
    stranger.client.post(own, data={"integrity": 2, "done": "1"})
    assert stored().client.ratings == (2, 5, 5, 5, 5, 5)


def test_emptied_comment_is_removed(stranger, own, stored):
    stranger.client.post(own, data={**six(5), "comment": "Hm", "done": "1"})
    stranger.client.post(own, data={"comment": "", "done": "1"})
    said = stored().client
    assert (said.ratings, said.comment) == ((5,) * 6, None)


@pytest.mark.parametrize("path", ["receipt", "x", "0" * 22])
def test_malformed_key_redirects_to_the_code(stranger, page, path):
    assert stranger.get(f"{page}/{path}").location == page


def test_client_never_sees_the_mirror(cast, stranger, page, invitation):
    before = plain(stranger.get(page))
    cast.seal(invitation, 1, stage="growing")
    assert plain(stranger.get(page)) == before


@pytest.mark.parametrize(
    "spell",
    [str.lower, spell_token, lambda t: spell_token(t).lower(), lambda t: t[:6] + "%20" + t[6:] + "%20"],
    ids=["lower case", "dashes", "lower case and dashes", "spaces"],
)
def test_token_is_accepted_in_any_spelling(stranger, invitation, stored, spell):
    for rating, folder in enumerate(("/f/", "/F/"), 3):
        address = folder + spell(invitation.token)
        assert stranger.get(address).status_code == 200
        key = new_key()
        stranger.client.post(address, data={"chemistry": rating, "key": spell_token(key).lower()})
        assert stored().client.ratings[-1] == rating
        stranger.client.post(f"{address}/again")


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_token_is_404(stranger, invitation, method):
    reply = getattr(stranger.client, method)(f"/f/{new_token(invitation.token[:4])}")
    assert reply.status_code == 404
    assert "We do not know this address" in reply.text


def test_malformed_token_is_404(stranger, invitation):
    for token in ("x", "0" * 26, "3" * 500, "%00", "🍩", "<script>"):
        assert stranger.get(f"/f/{token}").status_code == 404, token


@pytest.mark.parametrize("method", ["get", "post"])
def test_closed_page_is_410_and_keeps_answer(cast, clock, stranger, page, invitation, stored, method):
    cast.answer(invitation, 4)
    clock.forward(days=15)
    reply = getattr(stranger.client, method)(page, data={**six(1), "done": "1"})
    assert reply.status_code == 410
    assert "This page has closed" in reply.text
    assert stored().client.ratings == (4,) * 6


def test_page_closes_after_exactly_14_days(clock, stranger, page):
    clock.forward(days=14, seconds=-1)
    assert stranger.get(page).status_code == 200
    clock.forward(seconds=1)
    assert stranger.get(page).status_code == 410


def test_invalid_rating_is_422_and_keeps_taps(db, stranger, page):
    before = dump(db)
    for rating in ("0", "6", "-1", "x", "4.5", "9" * 5000, "1; DROP TABLE feedback"):
        reply = stranger.client.post(page, data={**six(5), "integrity": rating, "done": "1"})
        assert reply.status_code == 422, rating
        assert taps(reply.text) == {name: 5 for name in six(5) if name != "integrity"}
    assert dump(db) == before


def test_refused_rating_says_why(stranger, page):
    reply = stranger.client.post(page, data={"integrity": "6"})
    assert "Please tap one of the five rings again." in words(reply.text)


def test_invalid_extra_is_422(db, stranger, page):
    before = dump(db)
    for name, value in (
        ("visibility", "all"), ("nps", "11"), ("nps", "x"), ("stage", "bored"), ("worth_it", "perhaps"),
        ("sequence", "-1"), ("promise-x", "kept"), (f"promise-{NOBODY}", "maybe"),
    ):  # fmt: skip
        reply = stranger.client.post(page, data={**six(5), name: value, "done": "1"})
        assert reply.status_code == 422, (name, value)
    assert dump(db) == before


def test_too_long_comment_is_returned_with_reason(cast, stranger, own, invitation, stored):
    cast.answer(invitation, 5)
    comment = "never " * 500
    reply = stranger.client.post(own, data={"comment": comment, "done": "1"})
    assert reply.status_code == 422
    assert comment in reply.text
    assert "at most 2,000 characters" in reply.text
    assert stored().client.ratings == (5,) * 6


def test_2000_characters_fit_with_crlf(cast, stranger, own, invitation, stored):
    cast.answer(invitation, 5)
    comment = "a\n" * 1000  # what maxlength=2000 lets a phone type; it is sent with \r\n
    reply = stranger.client.post(own, data={"comment": comment.replace("\n", "\r\n")})
    assert reply.status_code == 303
    assert len(stored().client.comment) <= 2000


def test_zero_byte_is_400(stranger, page):
    for field in ("comment", "integrity", "stage", "sequence"):
        assert stranger.client.post(page, data={field: "a\0b"}).status_code == 400, field


def test_61st_post_in_a_minute_is_429(cast, stranger, page):
    codes = [stranger.client.post(page, data={"nps": "x"}).status_code for _ in range(61)]
    assert codes == [422] * 60 + [429]
    assert stranger.get(page).status_code == 200
    other = cast.meeting(contact="Somebody Else")
    assert stranger.client.post(f"/f/{other.token}").status_code == 303


def test_rate_limit_is_explained_in_words(stranger, page):
    for _ in range(60):
        stranger.client.post(page.lower(), data={"nps": "x"})
    reply = stranger.client.post(page, data={"integrity": 5})
    assert reply.status_code == 429
    assert "What you tapped before is kept." in reply.text


def test_page_leaks_no_address(stranger, page):
    reply = stranger.get(page)
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', reply.text)


def test_client_pages_set_no_cookie(clock, stranger, page):
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
