"""/sign-up, where anybody may: the organisation is made when the link of a mail is used, and not before."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.dump import dump
from support.mailing import mails_of
from support.pages import words

from feedback.actions import people
from feedback.actions.sign_ups import claim_mail, confirm_sign_up
from feedback.models import SignUp
from feedback.sending.worker import deliver_sign_ups, run_due_jobs

# What people are promised, by its own number: one that moves in the code is to be noticed.
HOLDS_FOR = timedelta(days=1)

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
FORM = {"organisation": "Third Ltd", "name": "Tess", "email": "Tess@Example.com", "timezone": "Europe/Berlin"}
CHOICE = {"password": "a sentence of hers"}


@pytest.fixture
def opened(app):
    """The app where anybody may sign up; without mail."""
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(context, settings=replace(context.settings, sign_up="open"))
    return app


@pytest.fixture
def mails(opened):
    """mails() lets the worker look once, and returns the words of what arrived; mails.office is the server."""
    with mails_of(opened, deliver_sign_ups) as found:
        yield found


def link_in(text: str) -> str:
    return re.search(r"/sign-up/[\w.\-]+", text)[0]


def names(db) -> list[str]:
    return [row[2] for row in dump(db)["organisations"]]


@pytest.mark.usefixtures("cast")
def test_link_makes_the_organisation_once(opened, db, mails, stranger):
    assert "Check your mail" in words(stranger.post("/sign-up", FORM).text)
    (text,) = mails()
    assert mails() == []
    link, before = link_in(text), dump(db)
    assert "Third Ltd is made with it, and tess@example.com is its owner." in words(stranger.get(link).text)
    assert dump(db) == before  # a scanner that opens it changes nothing
    assert stranger.post(link, {"password": "short"}).status_code == 422
    assert "Third Ltd" not in names(db)
    assert stranger.post(link, CHOICE).status_code == 303
    stranger._token = None
    assert "owner at Third Ltd" in words(stranger.get("/me").text)
    other = Browser(opened.test_client())
    assert [other.get(link).status_code, other.post(link, CHOICE).status_code] == [410, 410]
    assert names(db).count("Third Ltd") == 1


@pytest.mark.usefixtures("cast")
def test_two_who_use_the_link_at_once_make_one_organisation(clock, db, mails, stranger):
    stranger.post("/sign-up", FORM)
    with db.reading() as session:
        asked = session.exec(select(SignUp)).one()  # both have found it before either has used it
    made = [confirm_sign_up(db, asked, CHOICE["password"], clock()) for _ in range(2)]
    assert [each is not None for each in made] == [True, False]
    assert names(db).count("Third Ltd") == 1


@pytest.mark.usefixtures("cast")
def test_sign_up_is_mailed_by_one_worker_and_confirmed_in_time(clock, db, mails, stranger):
    """Both have found it before either claims it; and the page looked before the day was over."""
    stranger.post("/sign-up", FORM)
    with db.reading() as session:
        asked = session.exec(select(SignUp)).one()
    assert [claim_mail(db, asked, clock()) for _ in range(2)] == [True, False]
    clock.forward(seconds=HOLDS_FOR.total_seconds())
    assert confirm_sign_up(db, asked, CHOICE["password"], clock()) is None
    assert "Third Ltd" not in names(db)


@pytest.mark.usefixtures("cast")
def test_what_was_typed_is_text(mails, stranger):
    stranger.post("/sign-up", {**FORM, "organisation": "<b>Third", "name": "<i>Tess"})
    page = stranger.get(link_in(mails()[0])).text
    assert "&lt;b&gt;Third" in page
    assert "<b>Third" not in page


@pytest.mark.usefixtures("cast")
def test_link_is_over_after_a_day(clock, db, mails, stranger):
    stranger.post("/sign-up", FORM)
    link = link_in(mails()[0])
    clock.forward(seconds=HOLDS_FOR.total_seconds() + 1)
    assert [stranger.get(link).status_code, stranger.post(link, CHOICE).status_code] == [410, 410]
    assert stranger.get("/sign-up/x").status_code == 410
    run_due_jobs(db, clock())
    assert dump(db)["sign_ups"] == []


@pytest.mark.usefixtures("cast")
def test_mail_that_fails_is_tried_again(clock, mails, stranger):
    stranger.post("/sign-up", FORM)
    mails.office.refuse = 1
    assert mails() == []
    clock.forward(minutes=6)
    assert len(mails()) == 1


@pytest.mark.usefixtures("cast")
def test_without_mail_the_page_says_how(db, opened, stranger):
    before = dump(db)
    assert "FEEDBACK_SMTP_URL" in words(stranger.get("/sign-up").text)
    assert stranger.post("/sign-up", FORM).status_code == 422
    assert dump(db) == before


@pytest.mark.usefixtures("cast")
def test_closed_server_has_no_sign_up(app, stranger):
    assert [stranger.get("/sign-up").status_code, stranger.post("/sign-up", FORM).status_code] == [404, 404]
    assert "Make an organisation of your own" not in stranger.get("/sign-in").text


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("organisation", "", "Enter its name."),
        ("organisation", "Win at https://x.example", "Leave addresses out"),
        ("name", "Win at www.x.example", "Leave addresses out"),
        ("email", "tess at example", "This is not an e-mail address"),
        ("timezone", "Mars/Olympus", "is no time zone"),
    ],
)
@pytest.mark.usefixtures("cast", "mails")
def test_wrong_sign_up_is_422(db, stranger, field, value, reason):
    reply = stranger.post("/sign-up", {**FORM, field: value})
    assert reply.status_code == 422
    assert reason in words(reply.text)
    assert dump(db)["sign_ups"] == []


@pytest.mark.usefixtures("cast", "mails")
def test_sign_ups_are_limited_by_address_and_network(clock, db, stranger):
    codes = [stranger.post("/sign-up", FORM).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    assert len(dump(db)["sign_ups"]) == 3
    clock.forward(hours=12)  # a day, and not ten minutes
    assert stranger.post("/sign-up", FORM).status_code == 429


@pytest.mark.usefixtures("mails")
def test_first_visitor_of_an_open_server_signs_up(stranger):
    assert stranger.get("/").location == "/sign-up"


def test_address_in_25_organisations_signs_in_by_one_hash(cast, mails, stranger, monkeypatch):
    """Each was signed up for by the same person; which one is asked, and it takes no longer."""
    asked, hashed = [], people._hash_like
    for n in range(24):
        where = {"environ_base": {"REMOTE_ADDR": f"192.0.2.{n}"}}
        cast.clock.forward(hours=25)
        form = {**FORM, "organisation": f"Number {n}", "email": cast.alice.email}
        stranger.post("/sign-up", form, **where)
        stranger.post(link_in(mails()[0]), {"password": PASSWORD})
        stranger.post("/sign-out")
        stranger._token = None
    monkeypatch.setattr(people, "_hash_like", lambda *args: asked.append(args) or hashed(*args))
    who = {"email": cast.alice.email, "password": PASSWORD}
    page = stranger.post("/sign-in", who).text
    assert "Which of your organisations?" in page
    assert page.count('name="organisation"') == 25
    assert len(asked) == 1
    assert stranger.post("/sign-in", {**who, "organisation": cast.alice.organisation_id}).location == "/"
