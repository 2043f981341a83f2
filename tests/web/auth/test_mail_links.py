"""Signing in by a mailed link: once, for a quarter of an hour, in the browser that asked."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select
from support.cast import Browser
from support.dump import dump
from support.pages import words

from feedback.actions.sign_in_links import use_sign_in_link
from feedback.actions.staff import end_person
from feedback.core.audit import AuditKind
from feedback.jobs.daily import run_daily
from feedback.models import Audit, SignInLink, User

# What people are promised, by its own number: one that moves in the code is to be noticed.
LINK_FOR = timedelta(minutes=15)

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
ALICE = {"email": " Alice@Example.com"}


def link_in(text: str) -> str:
    return re.search(r"/sign-in/link/[\w.\-]+", text)[0]


def is_in(browser) -> bool:
    return browser.get("/me").status_code == 200


@pytest.fixture
def asked(cast, mailing, stranger):
    """The link that Alice asked for in `stranger`."""
    assert "is on its way" in words(stranger.post("/sign-in/link", ALICE).text)
    (text,) = mailing()
    return link_in(text)


def test_link_signs_in_once(app, asked, db, stranger):
    before = dump(db)
    scanner = Browser(app.test_client())
    for _ in range(3):  # a mail scanner opens it, and so does the person, twice
        assert "Another browser asked for this link" in words(scanner.get(asked).text)
        assert "Sign in as alice@example.com?" in words(stranger.get(asked).text)
    assert dump(db) == before
    assert stranger.post(asked).location == "/"
    assert is_in(stranger)
    stranger._token = None
    stranger.post("/sign-out")
    stranger._token = None
    replayed = stranger.post(asked)
    assert (replayed.status_code, "A link signs in once" in words(replayed.text)) == (410, True)
    assert not is_in(stranger)


def test_link_of_who_left_meanwhile_signs_nobody_in(asked, cast, stranger):
    with cast.changing() as c:
        end_person(c, cast.olive.id, cast.alice.id)
    assert [stranger.get(asked).status_code, stranger.post(asked).status_code] == [404, 404]
    assert not is_in(stranger)


def test_link_is_used_up_by_the_browser_that_asked_alone(asked, cast, db):
    with db.reading() as session:
        link = session.exec(select(SignInLink)).one()
    with cast.changing() as c:
        used = [use_sign_in_link(c, link.id, browser) for browser in ("another", link.browser_hash)]
    assert used == [False, True]


def test_link_is_no_good_in_another_browser(app, asked, db):
    thief = Browser(app.test_client())
    thief.post("/sign-in/link", {"email": "bob@example.com"})  # has a mark of its own
    reply = thief.post(asked)
    assert (reply.status_code, "Another browser asked" in words(reply.text)) == (410, True)
    assert not is_in(thief)
    with db.reading() as session:
        kinds = [row.what for row in session.exec(select(Audit))]
    assert (kinds.count(AuditKind.SIGN_IN_LINK), kinds.count(AuditKind.SIGN_IN_FAILED)) == (2, 1)


def test_link_holds_for_a_quarter_of_an_hour(asked, cast, clock, db, stranger):
    clock.forward(seconds=LINK_FOR.total_seconds())
    assert [stranger.get(asked).status_code, stranger.post(asked).status_code] == [410, 410]
    run_daily(db, cast.alice.organisation_id, clock())
    with db.reading() as session:
        assert session.exec(select(SignInLink)).all() == []
    assert [stranger.get(each).status_code for each in (asked, f"{asked[:-2]}xx", "/sign-in/link/x")] == [
        404
    ] * 3


def test_two_at_once_sign_in_once(asked, cast, stranger):
    """The second window of the same browser."""
    from feedback.actions.sessions import session_hash

    with stranger.client.session_transaction() as cookie:
        mark = session_hash(cookie["asks"])
    with cast.changing() as c:
        link_id = c.session.exec(select(SignInLink.id)).one()
        assert [use_sign_in_link(c, link_id, mark) for _ in range(2)] == [True, False]
    assert stranger.post(asked).status_code == 410


def test_whoever_is_in_two_organisations_is_asked_which(cast, mailing, stranger):
    cast.add("mallory", "manager", "North")
    stranger.post("/sign-in/link", {"email": "mallory@example.com"})
    (text,) = mailing()
    page = stranger.post(link_in(text)).text
    assert "Which of your organisations?" in words(page)
    wanted = re.findall(r'name="organisation" value="([^"]+)"', page)
    assert stranger.post(link_in(text), {"organisation": wanted[0]}).status_code == 303
    assert "Your other organisations" in words(stranger.get("/me").text)


def test_link_is_of_the_organisation_that_was_here_first(cast, db, mailing, stranger):
    cast.add("alice", "rep", "East", organisation_id=cast.mallory.organisation_id)
    stranger.post("/sign-in/link", ALICE)
    assert len(mailing()) == 1
    with db.reading() as session:
        made = [row.organisation_id for row in session.exec(select(SignInLink))]
    assert made == [cast.olive.organisation_id]


def test_nothing_tells_who_has_an_account(cast, db, mailing, stranger):
    with db.writing() as session:
        session.get_one(User, (cast.bob.organisation_id, cast.bob.id)).password_hash = None
    said = {
        words(stranger.post("/sign-in/link", {"email": email}).text).replace(email, "EMAIL")
        for email in ("alice@example.com", "nobody@example.com", "bob@example.com")
    }
    assert len(said) == 1
    assert len(mailing()) == 1  # and Bob, who has not joined yet, gets none


def test_asking_is_limited(cast, mailing, stranger):
    asked = [stranger.post("/sign-in/link", ALICE).status_code for _ in range(21)]
    assert asked == [200] * 20 + [429]
    assert len(mailing()) == 3


def test_without_mail_no_link_is_offered(cast, stranger):
    assert "Mail me a link" not in stranger.get("/sign-in").text
    assert "This server sends no mail" in words(stranger.get("/sign-in/link").text)
    assert stranger.post("/sign-in/link", ALICE).status_code == 422
