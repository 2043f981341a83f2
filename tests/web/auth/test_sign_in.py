"""/sign-in: who is it?"""

import re

import pytest
from sqlalchemy import update
from support.cast import PASSWORD
from support.pages import plain, words

from feedback.actions.change import change
from feedback.actions.people import NewUser, add_user
from feedback.models import User

WRONG = "E-mail and password do not fit together."


def credentials(person, password=PASSWORD) -> dict[str, str]:
    return {"email": person.email, "password": password}


def test_right_password_leads_home(cast, stranger):
    reply = stranger.post("/sign-in", credentials(cast.alice))
    assert (reply.status_code, reply.location) == (303, "/")
    assert stranger.get("/").location == "/meetings"


@pytest.mark.parametrize("spell", [str.upper, str.title, " {}".format, "{} ".format, "{}.".format])
def test_password_is_taken_letter_by_letter(cast, stranger, spell):
    assert spell(PASSWORD) != PASSWORD
    assert (
        stranger.post("/sign-in", credentials(cast.alice) | {"password": spell(PASSWORD)}).status_code == 422
    )


@pytest.mark.parametrize("spell", [str.upper, "  {} ".format, str.title])
def test_email_is_accepted_in_any_spelling(cast, stranger, spell):
    form = {"email": spell(cast.alice.email), "password": PASSWORD}
    assert stranger.post("/sign-in", form).status_code == 303


def test_letter_of_its_own_in_a_domain_is_not_another_domain(cast, clock, db, stranger):
    eve = NewUser(name="Eve", email="eve@straße.example", role="rep", password=PASSWORD)
    with change(db, cast.olive.organisation_id, clock()) as c:
        add_user(c, eve)
    tried = [
        stranger.post("/sign-in", {"email": email, "password": PASSWORD}).status_code
        for email in ("eve@strasse.example", " Eve@Straße.example")
    ]
    assert tried == [422, 303]


def test_sign_in_returns_to_requested_page(cast, stranger, meeting):
    asked = stranger.get(f"{meeting}/status?x=1").location
    form = re.search(r'<form method="post" action="([^"]+)"', stranger.get(asked).text)[1]
    assert stranger.post(form, credentials(cast.alice)).location == f"{meeting}/status?x=1"


def test_wrong_password_keeps_the_next_page(cast, stranger):
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


def test_signed_in_visitor_skips_sign_in(cast, sign_in):
    assert sign_in("alice").get("/sign-in?next=/leaderboard").location == "/leaderboard"


def test_wrong_password_is_not_shown_again(cast, stranger):
    reply = stranger.post("/sign-in", credentials(cast.alice, "a wrong sentence"))
    assert reply.status_code == 422
    assert WRONG in words(reply.text)
    assert "a wrong sentence" not in reply.text
    assert f'value="{cast.alice.email}"' in reply.text


def test_sign_in_hides_whether_address_exists(cast, stranger):
    known = stranger.post("/sign-in", credentials(cast.alice, "a wrong sentence"))
    form = {"email": "nobod@example.com", "password": "a wrong sentence"}
    unknown = stranger.post("/sign-in", form)
    assert unknown.status_code == known.status_code
    assert plain(unknown).replace(b"nobod@", b"alice@") == plain(known)


@pytest.mark.parametrize("form", [{}, {"email": "alice@example.com"}, {"password": PASSWORD}], ids=str)
def test_sign_in_needs_email_and_password(cast, stranger, form):
    assert stranger.post("/sign-in", form).status_code == 422


def test_former_rep_cannot_sign_in(cast, db, stranger, sign_in, clock):
    alice = sign_in("alice")
    with db.writing() as session:
        session.execute(update(User).where(User.id == cast.alice.id).values(ended_at=clock()))
    assert alice.get("/meetings").location == "/sign-in?next=/meetings"
    assert stranger.post("/sign-in", credentials(cast.alice)).status_code == 422


def test_address_in_two_organisations_must_choose(cast, stranger):
    cast.add("alice", "rep", organisation_id=cast.mallory.organisation_id)
    reply = stranger.post("/sign-in", credentials(cast.alice))
    assert "Which of your organisations?" in reply.text
    form = {**credentials(cast.alice), "organisation": cast.mallory.organisation_id}
    assert stranger.post("/sign-in", form).status_code == 303
    assert "Elsewhere Ltd" in stranger.get("/me").text


def test_ten_failures_lock_one_account(cast, app, stranger, sign_in):
    codes = [
        stranger.post("/sign-in", credentials(cast.alice, "a wrong guess")).status_code for _ in range(11)
    ]
    assert codes == [422] * 10 + [429]
    assert stranger.post("/sign-in", credentials(cast.alice)).status_code == 429
    assert stranger.post("/sign-in", credentials(cast.bob)).status_code == 303


def test_unknown_address_is_locked_too(cast, stranger):
    form = {"email": "nobody@example.com", "password": "a wrong guess"}
    codes = [stranger.post("/sign-in", form).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_respelled_address_shares_its_limit(cast, stranger):
    spelled = ["alice@example.com", "ALICE@example.com ", " Alice@Example.com"] * 4
    codes = [stranger.post("/sign-in", {"email": e, "password": "wrong"}).status_code for e in spelled]
    assert codes == [422] * 10 + [429] * 2


def test_successful_sign_ins_are_not_limited(cast, sign_in):
    for _ in range(11):
        assert sign_in("alice").get("/meetings").status_code == 200


def test_hundred_failures_lock_the_network(cast, stranger):
    codes = [stranger.post("/sign-in", {"email": f"{n}@example.com"}).status_code for n in range(101)]
    assert codes == [422] * 100 + [429]
    assert stranger.post("/sign-in", credentials(cast.alice)).status_code == 429


def test_network_lock_spares_other_networks(cast, stranger):
    for n in range(101):
        stranger.post("/sign-in", {"email": f"{n}@example.com"})
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert stranger.post("/sign-in", credentials(cast.alice), **elsewhere).status_code == 303


def test_lock_is_explained_in_words(cast, stranger):
    for _ in range(11):
        reply = stranger.post("/sign-in", {"email": cast.alice.email})
    assert "Too many tries" in reply.text


def test_zero_byte_is_400(cast, stranger):
    assert stranger.post("/sign-in", {"email": "a\0@example.com", "password": "x"}).status_code == 400


def test_empty_database_leads_to_set_up(stranger):
    assert stranger.get("/sign-in").location == "/set-up"


def test_session_cookie_is_httponly_and_lax(cast, stranger):
    cookie = stranger.post("/sign-in", credentials(cast.alice)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
