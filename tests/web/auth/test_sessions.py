"""Sessions live on the server: what ends them, and that a cookie which was copied before works no more after."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.pages import words

from feedback.actions import passwords
from feedback.actions.sessions import forget_sessions
from feedback.actions.staff import PersonInput, change_person
from feedback.models import User, UserSession

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


@pytest.fixture
def copy(app):
    """copy(browser) is another browser with the same cookies: somebody took them."""

    def take(browser):
        thief = Browser(app.test_client())
        thief.client._cookies.update(browser.client._cookies)
        return thief

    return take


@pytest.fixture
def sessions(db):
    """sessions() are the rows of the table."""

    def look():
        with db.reading() as session:
            return session.exec(select(UserSession).order_by(UserSession.id)).all()

    return look


def is_in(browser) -> bool:
    return browser.get("/me").status_code == 200


def test_copied_cookie_ends_with_sign_out(sign_in, copy):
    alice = sign_in("alice")
    thief = copy(alice)
    assert is_in(thief)
    alice.post("/sign-out")
    assert not is_in(thief)


def test_copied_cookie_ends_with_hand_over(sign_in, copy, invitation, meeting):
    alice = sign_in("alice")
    before = copy(alice)
    assert is_in(before)
    alice.post(f"{meeting}/hand-over", {"invitation": invitation.id, "pin": "4711"})
    assert not is_in(before)
    assert not is_in(alice)


def test_cookie_of_before_signing_in_again_ends(cast, sign_in, copy):
    alice = sign_in("alice")
    before = copy(alice)
    alice.post("/sign-in", {"email": cast.alice.email, "password": PASSWORD})
    assert (is_in(alice), is_in(before)) == (True, False)


def test_new_password_ends_all_sessions(cast, sign_in):
    phone, laptop, carol = sign_in("alice"), sign_in("alice"), sign_in("carol")
    with cast.changing() as c:
        passwords.change_password(c, cast.alice.id, "another sentence")
    assert [is_in(each) for each in (phone, laptop, carol)] == [False, False, True]


@pytest.mark.parametrize(
    ("given", "stays"),
    [
        (PersonInput("Alice Ames", "alice@example.com", "rep"), True),
        (PersonInput("Alice", "alice.ames@example.com", "rep"), False),
        (PersonInput("Alice", "alice@example.com", "manager"), False),
    ],
)
def test_new_address_or_role_ends_all_sessions(cast, sign_in, given, stays):
    alice, carol = sign_in("alice"), sign_in("carol")
    with cast.changing() as c:
        change_person(c, cast.olive.id, cast.alice.id, given)
    assert (is_in(alice), is_in(carol)) == (stays, True)


def test_whoever_left_is_signed_out(cast, db, clock, sign_in):
    alice, carol = sign_in("alice"), sign_in("carol")
    with db.writing() as session:
        session.execute(update(User).where(User.id == cast.alice.id).values(ended_at=clock()))
    assert (is_in(alice), is_in(carol)) == (False, True)


def test_session_ends_after_idle_fortnight(clock, sign_in):
    alice = sign_in("alice")
    clock.forward(days=13, hours=23)
    assert is_in(alice)
    clock.forward(days=14)
    assert not is_in(alice)


def test_used_session_ends_after_thirty_days(clock, sign_in):
    alice = sign_in("alice")
    for _ in range(29):
        clock.forward(days=1)
        assert is_in(alice)
    clock.forward(days=1)
    assert not is_in(alice)


def test_stored_session_does_not_hold_its_secret(db, sign_in):
    alice = sign_in("alice")
    with alice.client.session_transaction() as cookie:
        secret = cookie["secret"]
    assert len(secret) > 40
    assert secret not in str(dump(db))


def test_secret_of_another_organisation_is_none(cast, sign_in):
    alice = sign_in("alice")
    with alice.client.session_transaction() as cookie:
        own = dict(cookie)
        cookie["organisation"] = str(cast.mallory.organisation_id)
    assert not is_in(alice)
    with alice.client.session_transaction() as cookie:
        cookie.update(own)
    assert is_in(alice)


def test_device_is_stored_in_words(cast, stranger, sessions):
    form = {"email": cast.alice.email, "password": PASSWORD}
    stranger.post("/sign-in", form, headers={"User-Agent": FIREFOX})
    assert [row.device for row in sessions()] == ["Firefox on Linux"]
    assert "Firefox on Linux This one, since 18 Nov" in words(stranger.get("/me").text)


def test_use_is_written_down_every_ten_minutes(clock, sign_in, sessions):
    alice, began = sign_in("alice"), clock()
    seen = []
    for _ in range(5):
        clock.forward(minutes=4)
        alice.get("/meetings")
        seen.append(sessions()[0].seen_at - began)
    assert seen == [timedelta(minutes=m) for m in (0, 0, 12, 12, 12)]


def test_clients_page_writes_no_use_down(clock, sign_in, sessions, page):
    alice, began = sign_in("alice"), clock()
    clock.forward(hours=1)
    alice.get(page)
    assert sessions()[0].seen_at == began


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_page_waits_for_no_other_writer(clock, db, sign_in, sessions):
    alice, began = sign_in("alice"), clock()
    clock.forward(hours=1)
    with db.engine.connect() as other:  # as another process would, for longer than anybody waits
        other.exec_driver_sql("BEGIN IMMEDIATE")
        assert is_in(alice)
        other.rollback()
    assert sessions()[0].seen_at == began
    assert is_in(alice)
    assert sessions()[0].seen_at == clock()


def test_who_is_signed_in_is_one_statement(db, sign_in):
    alice, said = sign_in("alice"), []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, text, *_: said.append(text))
    alice.get("/me/passkeys")  # which asks no more about its person
    assert len([text for text in said if "FROM users" in text]) == 1
    assert len(said) == 2  # and where else she is signed in, which the page shows


def test_sessions_that_are_over_are_deleted(cast, clock, sign_in, sessions):
    sign_in("alice").post("/sign-out")
    unused = sign_in("alice")
    clock.forward(days=14)
    running = sign_in("alice")
    with cast.changing() as c:
        forget_sessions(c)
    assert len(sessions()) == 1
    assert (is_in(unused), is_in(running)) == (False, True)
