"""One's own password and sessions at /me; and a forgotten one, by a link."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.pages import NOBODY, words

from feedback.core.audit import AuditKind
from feedback.models import Audit, Outbox, User, UserSession

# What people are promised, by its own number: one that moves in the code is to be noticed.
BY_MAIL_FOR = timedelta(minutes=30)

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
NEW = "another sentence, longer"
OWN = {"old": PASSWORD, "password": NEW}


def link_in(text: str) -> str:
    return re.search(r"/new-password/[\w.\-]+", text)[0]


def signs_in(app, email: str, password: str) -> bool:
    return (
        Browser(app.test_client()).post("/sign-in", {"email": email, "password": password}).status_code == 303
    )


def kinds(db) -> list[str]:
    with db.reading() as session:
        return [row.what for row in session.exec(select(Audit).order_by(Audit.id))]


def test_own_password_is_changed_with_the_old_one(app, cast, db, sign_in):
    here, elsewhere = sign_in("alice"), sign_in("alice")
    reply = here.post("/me/password", OWN)
    assert reply.status_code == 303
    assert "Your password is changed. It is very strong." in words(here.get(reply.location).text)
    assert elsewhere.get("/me").status_code == 302
    assert [signs_in(app, cast.alice.email, each) for each in (PASSWORD, NEW)] == [False, True]
    assert AuditKind.PASSWORD_CHANGED in kinds(db)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"old": "not this one"}, "This is not your password."),
        ({"old": ""}, "Your password as it is now."),
        ({"password": "eleven char"}, "at least 12 characters"),
        ({"password": "Password2024!!"}, "one of the first that anybody would try"),
        ({"password": "alice@example.com"}, "little more than your name, address or organisation"),
        ({"password": PASSWORD}, "This is your password already."),
    ],
)
def test_password_is_refused_in_words(db, sign_in, form, reason):
    alice, before = sign_in("alice"), dump(db)["users"]
    reply = alice.post("/me/password", {**OWN, **form})
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert NEW not in reply.text
    assert dump(db)["users"] == before


def test_old_password_cannot_be_guessed(sign_in):
    alice = sign_in("alice")
    tried = [alice.post("/me/password", {**OWN, "old": "not this one"}).status_code for _ in range(11)]
    assert tried == [422] * 10 + [429]


def test_one_session_is_ended(cast, db, sign_in):
    here, there, carol = sign_in("alice"), sign_in("alice"), sign_in("carol")
    page = here.get("/me").text
    assert words(page).count("This one, since") == 1
    (other,) = re.findall(r'action="(/me/sessions/[^"]+)"', page)
    assert carol.post(other).status_code == 404
    assert here.post(f"/me/sessions/{NOBODY}").status_code == 404
    here.post(other)
    assert [each.get("/me").status_code for each in (here, there, carol)] == [200, 302, 200]
    assert kinds(db).count(AuditKind.SESSION_ENDED) == 1


def test_all_other_sessions_are_ended(db, sign_in):
    here, *others = [sign_in("alice") for _ in range(3)]
    assert here.post("/me/sessions").status_code == 303
    assert [each.get("/me").status_code for each in (here, *others)] == [200, 302, 302]
    assert kinds(db).count(AuditKind.SESSION_ENDED) == 2


def test_forgotten_password_comes_by_mail(app, cast, clock, db, mailing, stranger):
    assert "is on its way" in words(stranger.post("/forgot-password", {"email": "Alice@Example.com"}).text)
    (text,) = mailing()
    link, before = link_in(text), dump(db)
    assert "For Alice at Doughnut Partners." in words(stranger.get(link).text)
    assert dump(db) == before  # a scanner that opens it changes nothing
    reply = stranger.post(link, {"password": NEW})
    assert (reply.status_code, reply.location) == (303, "/")
    assert signs_in(app, cast.alice.email, NEW)
    stranger._token = None
    again = [stranger.get(link), stranger.post(link, {"password": "a third sentence"})]
    assert [each.status_code for each in again] == [410, 410]
    assert ["was changed on" in told for told in mailing()].count(True) == 1
    assert kinds(db).count(AuditKind.PASSWORD_LINK) == 1


@pytest.mark.usefixtures("mailing")
def test_what_is_no_address_is_asked_for_again(stranger):
    reply = stranger.post("/forgot-password", {"email": ""})
    assert (reply.status_code, "Send the link" in words(reply.text)) == (422, True)


def test_link_holds_for_half_an_hour(cast, clock, mailing, stranger):
    stranger.post("/forgot-password", {"email": "alice@example.com"})
    link = link_in(mailing()[0])
    assert stranger.post(link, {"password": "short"}).status_code == 422
    clock.forward(seconds=BY_MAIL_FOR.total_seconds() + 1)
    assert stranger.post(link, {"password": NEW}).status_code == 410
    for wrong in (f"{link[:-3]}xxx", "/new-password/x", "/new-password/W10.x"):
        assert stranger.get(wrong).status_code == 404


def test_same_words_whether_or_not_somebody_has_the_address(cast, db, mailing, stranger):
    known, unknown = (
        words(stranger.post("/forgot-password", {"email": email}).text).replace(email, "EMAIL")
        for email in ("alice@example.com", "nobody@example.com")
    )
    assert known == unknown
    assert len(mailing()) == 1


def test_asking_is_limited_by_address_and_network(cast, db, mailing, stranger):
    asked = [stranger.post("/forgot-password", {"email": "alice@example.com"}).status_code for _ in range(21)]
    assert asked == [200] * 20 + [429]
    with db.reading() as session:
        assert len(session.exec(select(Outbox)).all()) == 3


def test_one_mail_has_a_link_for_each_organisation(app, cast, mailing, stranger):
    cast.add("mallory", "manager", "North")
    stranger.post("/forgot-password", {"email": "mallory@example.com"})
    (text,) = mailing()
    assert text.count("/new-password/") == 2
    assert text.index("Elsewhere Ltd:") > 0


def test_without_mail_the_page_says_who_can_help(cast, db, stranger):
    before = dump(db)
    page = words(stranger.get("/forgot-password").text)
    assert "This server sends no mail. Ask the owner" in page
    reply = stranger.post("/forgot-password", {"email": "alice@example.com"})
    assert (reply.status_code, "This server sends no mail" in words(reply.text)) == (422, True)
    assert dump(db) == before


def test_withdrawn_invitation_is_no_way_in(cast, db, mailing, stranger):
    """Whoever never joined has no password to forget."""
    with db.writing() as session:
        session.execute(update(User).where(User.id == cast.alice.id).values(password_hash=None))
    for each in (cast.alice, cast.bob):
        stranger.post("/forgot-password", {"email": each.email})
    assert ["Bob" in text for text in mailing()] == [True]


def test_owners_link_tells_whose_password_it_was(app, cast, mailing, sign_in, stranger):
    page = sign_in("olive").post(f"/people/{cast.alice.id}/access", {"what": "link"})
    link = re.search(r"/join/[\w.\-]+", sign_in("olive").get(page.location).text)[0]
    assert stranger.post(link, {"password": NEW}).status_code == 303
    assert ["was changed on" in told for told in mailing()].count(True) == 1


def test_new_device_is_told_by_mail(app, cast, mailing):
    phone, laptop = Browser(app.test_client()), Browser(app.test_client())
    for browser in (phone, phone, laptop):
        browser.post("/sign-in", {"email": cast.alice.email, "password": PASSWORD})
        browser._token = None
    told = mailing()
    # not of the phone: whoever signs in for the first time ever knows of no other device
    assert [("where you had not before: A browser" in text) for text in told] == [True]
    here = words(laptop.get("/me").text)
    assert "from the network you are in now" in here


def test_other_network_is_said(cast, db, sign_in):
    here, there = sign_in("alice"), sign_in("alice")
    with db.writing() as session:
        session.execute(
            update(UserSession).where(UserSession.user_id == cast.alice.id).values(network="0" * 16)
        )
    assert words(here.get("/me").text).count("from another network") == 1
    assert there.get("/me").status_code == 200
