"""/sign-in: who is it?"""

import re

import pytest
from sqlalchemy import update
from support.cast import PASSWORD
from support.pages import plain, words

from feedback.models import User

WRONG = "E-mail and password do not fit together."


def credentials(person, password=PASSWORD) -> dict[str, str]:
    return {"email": person.email, "password": password}


def test_the_right_password_leads_home(cast, stranger):
    reply = stranger.post("/sign-in", credentials(cast.alice))
    assert (reply.status_code, reply.location) == (303, "/")
    assert stranger.get("/").location == "/meetings"


@pytest.mark.parametrize("spell", [str.upper, "  {} ".format, str.title])
def test_an_address_is_known_however_it_is_typed(cast, stranger, spell):
    form = {"email": spell(cast.alice.email), "password": PASSWORD}
    assert stranger.post("/sign-in", form).status_code == 303


def test_whoever_wanted_a_page_gets_there_after_signing_in(cast, stranger, meeting):
    asked = stranger.get(f"{meeting}/status?x=1").location
    form = re.search(r'<form method="post" action="([^"]+)"', stranger.get(asked).text)[1]
    assert stranger.post(form, credentials(cast.alice)).location == f"{meeting}/status?x=1"


def test_a_mistyped_password_does_not_lose_where_one_was_going(cast, stranger):
    reply = stranger.post("/sign-in?next=/leaderboard", credentials(cast.alice, "mistyped"))
    assert 'action="/sign-in?next=/leaderboard"' in reply.text


def test_next_never_leaves_the_site(cast, stranger, sign_in):
    alice = sign_in("alice")
    for elsewhere in (
        "https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "///evil.example",
        "/\t/evil.example", "/\n/evil.example", "/\t\\evil.example", "\t//evil.example", " //evil.example",
        "javascript:alert(1)", "evil.example", "/x\r\nSet-Cookie: a=b",
    ):  # fmt: skip
        where, stranger._token = {"query_string": {"next": elsewhere}}, None
        assert stranger.post("/sign-in", credentials(cast.alice), **where).location == "/", elsewhere
        assert alice.get("/sign-in", **where).location == "/", elsewhere


def test_whoever_is_signed_in_goes_on(cast, sign_in):
    assert sign_in("alice").get("/sign-in?next=/leaderboard").location == "/leaderboard"


def test_a_wrong_password_is_refused_and_never_shown_again(cast, stranger):
    reply = stranger.post("/sign-in", credentials(cast.alice, "a wrong sentence"))
    assert reply.status_code == 422
    assert WRONG in words(reply.text)
    assert "a wrong sentence" not in reply.text
    assert f'value="{cast.alice.email}"' in reply.text


def test_nothing_tells_whether_an_address_exists(cast, stranger):
    known = stranger.post("/sign-in", credentials(cast.alice, "a wrong sentence"))
    form = {"email": "nobod@example.com", "password": "a wrong sentence"}
    unknown = stranger.post("/sign-in", form)
    assert unknown.status_code == known.status_code
    assert plain(unknown).replace(b"nobod@", b"alice@") == plain(known)


@pytest.mark.parametrize("form", [{}, {"email": "alice@example.com"}, {"password": PASSWORD}], ids=str)
def test_both_are_needed(cast, stranger, form):
    assert stranger.post("/sign-in", form).status_code == 422


def test_whoever_left_is_nobody(cast, db, stranger, sign_in, clock):
    alice = sign_in("alice")
    with db.writing() as session:
        session.execute(update(User).where(User.id == cast.alice.id).values(ended_at=clock()))
    assert alice.get("/meetings").location == "/sign-in?next=/meetings"
    assert stranger.post("/sign-in", credentials(cast.alice)).status_code == 422


def test_the_same_address_in_two_organisations_chooses(cast, stranger):
    cast.add("alice", "rep", organisation_id=cast.mallory.organisation_id)
    reply = stranger.post("/sign-in", credentials(cast.alice))
    assert "Which of your organisations?" in reply.text
    form = {**credentials(cast.alice), "organisation": cast.mallory.organisation_id}
    assert stranger.post("/sign-in", form).status_code == 303
    assert "Elsewhere Ltd" in stranger.get("/me").text


def test_ten_failures_close_the_account_and_no_other(cast, app, stranger, sign_in):
    codes = [
        stranger.post("/sign-in", credentials(cast.alice, "a wrong guess")).status_code for _ in range(11)
    ]
    assert codes == [422] * 10 + [429]
    assert stranger.post("/sign-in", credentials(cast.alice)).status_code == 429
    assert stranger.post("/sign-in", credentials(cast.bob)).status_code == 303


def test_an_address_nobody_has_closes_just_the_same(cast, stranger):
    form = {"email": "nobody@example.com", "password": "a wrong guess"}
    codes = [stranger.post("/sign-in", form).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_spelling_the_address_otherwise_buys_no_more_tries(cast, stranger):
    spelled = ["alice@example.com", "ALICE@example.com ", " Alice@Example.com"] * 4
    codes = [stranger.post("/sign-in", {"email": e, "password": "wrong"}).status_code for e in spelled]
    assert codes == [422] * 10 + [429] * 2


def test_signing_in_rightly_is_no_failure(cast, sign_in):
    for _ in range(11):
        assert sign_in("alice").get("/meetings").status_code == 200


def test_a_hundred_failures_close_the_network(cast, stranger):
    codes = [stranger.post("/sign-in", {"email": f"{n}@example.com"}).status_code for n in range(101)]
    assert codes == [422] * 100 + [429]
    assert stranger.post("/sign-in", credentials(cast.alice)).status_code == 429


def test_another_network_is_open_all_the_while(cast, stranger):
    for n in range(101):
        stranger.post("/sign-in", {"email": f"{n}@example.com"})
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert stranger.post("/sign-in", credentials(cast.alice), **elsewhere).status_code == 303


def test_too_many_tries_are_told_in_words(cast, stranger):
    for _ in range(11):
        reply = stranger.post("/sign-in", {"email": cast.alice.email})
    assert "Too many tries" in reply.text


def test_a_zero_byte_breaks_nothing(cast, stranger):
    assert stranger.post("/sign-in", {"email": "a\0@example.com", "password": "x"}).status_code == 400


def test_before_there_is_anybody_it_leads_to_set_up(stranger):
    assert stranger.get("/sign-in").location == "/set-up"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(cast, stranger):
    cookie = stranger.post("/sign-in", credentials(cast.alice)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
