"""Asking by mail by itself, two hours after a meeting of the calendar: once, and of nobody who is to be left alone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select
from support.mail_server import mail_server
from support.pages import words

from feedback.actions import clients
from feedback.actions.asking import stop_mail
from feedback.calendar import entries, itself
from feedback.calendar.planned import PlannedMeeting
from feedback.core.asking import StopReason
from feedback.core.audit import AuditKind
from feedback.models import Audit, CalendarEntry, Outbox, User
from feedback.sending.worker import ask_about_calendars, deliver_mails
from feedback.store.contacts import contacts_by_email
from feedback.store.replay import differences
from feedback.web import paging

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
DANA, ELI = "dana@client.example", "eli@client.example"


@pytest.fixture
def office():
    with mail_server() as office:
        yield office


@pytest.fixture
def worker(app, cast, db, clock, office, sign_in):
    """worker(hours=2) lets so much time go by, then lets the worker look: which clients were mailed. A month ago Alice met Dana and
    Eli, and Olive has switched it on."""
    known = app.extensions["feedback"]
    settings = replace(
        known.settings, smtp_url=office.url, mail_from="Us <us@here.example>", base_url="http://localhost"
    )
    app.extensions["feedback"] = replace(known, settings=settings)
    cast.meeting(email=DANA)
    cast.meeting(contact="Eli Ode", email=ELI)
    clock.forward(days=30)
    sign_in("olive").post("/settings/asking", {"asks": "1"})

    def look(**later):
        clock.forward(**later)
        before = len(office.mails)
        with app.app_context():
            ask_about_calendars(db, settings, clock())
            deliver_mails(db, settings, clock)
        office.mails[before:] = [mail for mail in office.mails[before:] if "@example.com" not in mail["To"]]
        return sorted(mail["To"] for mail in office.mails[before:])

    return look


@pytest.fixture
def diary(cast, clock):
    """diary("Quarterly") is Alice's calendar: meetings that begin now and take an hour, with Dana and others."""

    def has(*titles, people=(DANA, "new@client.example", "bob@example.com"), lasts=60, rep="alice"):
        ends = clock() + timedelta(minutes=lasts)
        planned = [PlannedMeeting(clock(), title, people, ends_at=ends) for title in titles]
        with cast.changing() as c:
            entries.replace_entries(c, cast.people[rep].id, planned)

    return has


def test_client_is_asked_once_two_hours_after(worker, diary, db, cast, office, sign_in):
    diary("Quarterly")
    page = words(sign_in("alice").get("/meetings/calendar").text)
    assert "Asked automatically Quarterly Dana Whitfield: asked on 18 Dec, from 15:00 on Do not ask" in page
    assert worker(hours=2, minutes=59) == []
    assert worker(minutes=2) == [DANA]
    assert worker(minutes=1) == worker(days=1) == []
    assert (
        "The meeting of 18 December" in office.mails[0].get_body().get_content() or office.mails[0]["Subject"]
    )
    page = words(sign_in("alice").get("/meetings/calendar").text)
    assert "Quarterly asked on 18 Dec, 15:01 See the meeting" in page
    assert worker(days=5) == [DANA]  # the one reminder
    with db.reading() as session:
        assert list(differences(session, cast.alice.organisation_id)) == []


def test_client_answers_from_the_mail(worker, diary, office, stranger):
    diary("Quarterly")
    worker(hours=4)
    token = re.search(r"/f/([A-Za-z0-9]+)", office.mails[0].get_body().get_content())[1]
    assert "Keeps promises" in stranger.get(f"/f/{token}").text


def test_nobody_is_asked_who_is_to_be_left_alone(worker, diary, cast, clock, sign_in, db):
    def entry():
        with db.reading() as session:
            return f"/meetings/calendar/{session.exec(select(CalendarEntry.id)).one()}"

    alice = sign_in("alice")
    diary("Put away")
    alice.post(f"{entry()}/away")
    assert "put away: nobody is asked Bring it back" in words(alice.get("/meetings/calendar").text)
    assert worker(hours=4) == []
    diary("Cancelled")
    clock.forward(minutes=90)
    diary()
    assert worker(hours=4) == []
    clock.forward(days=1)
    diary("Asked from the list")
    alice.post(entry(), {"way": "code"})
    assert worker(hours=4) == []
    clock.forward(days=1)
    diary("Asked by hand")
    cast.meeting(email=DANA)
    with cast.changing() as c:
        entries.count_held(c)
    assert worker(hours=4) == []
    clock.forward(days=1)
    diary("Nobody known", people=("new@client.example",))
    assert worker(hours=4) == []
    with cast.changing() as c:
        stop_mail(c, DANA, StopReason.CLIENT)
    diary("Stopped")
    assert worker(hours=4) == []
    assert "Dana Whitfield: Does not want mail" in words(alice.get("/meetings/calendar").text)
    clock.forward(days=1)
    diary("Known too late", people=(ELI,), lasts=-60)
    assert worker(hours=2) == []
    diary("Only Eli", people=(DANA, ELI))
    assert worker(hours=4) == [ELI]
    diary("Eli again", people=(ELI,))
    assert worker(hours=4) == []  # once in 14 days


def test_client_of_two_reps_is_asked_by_one(worker, diary, cast, clock, sign_in):
    """At most one mail in 14 days, whoever asks; the other rep reads why, and the meeting is held, not asked."""
    diary("Review", rep="alice")
    diary("Lunch", rep="bob")
    assert worker(hours=4) == [DANA]
    texts = {name: words(sign_in(name).get("/meetings/calendar").text) for name in ("alice", "bob")}
    asked = [name for name, text in texts.items() if "asked on 18 Dec" in text]
    (other,) = {"alice", "bob"} - set(asked)
    assert (
        "Dana Whitfield: Asked by mail less than 14 days ago, about this or another meeting" in texts[other]
    )
    assert "Held, not asked" in words(sign_in(other).get("/meetings").text)
    assert worker(days=4) == [DANA]  # the one reminder
    clock.forward(days=9)
    diary("Again", rep=other)
    assert worker(hours=4) == []
    clock.forward(days=1)
    diary("And again", rep=other)
    assert worker(hours=4) == [DANA]


def test_archived_client_and_rep_who_left_ask_nobody(worker, diary, cast, clock, sign_in):
    with cast.changing() as c:
        dana = contacts_by_email(c.session, c.organisation_id, [DANA])[DANA]
        clients.archive_contact(c, cast.alice.id, dana.id, archived=True)
    diary("Archived", people=(DANA,))
    assert "Dana Whitfield: Archived, so not asked automatically." in words(
        sign_in("alice").get("/meetings/calendar").text
    )
    assert worker(hours=4) == []
    with cast.changing() as c:
        clients.archive_contact(c, cast.alice.id, dana.id, archived=False)
    diary("Alice is about to leave", people=(DANA, ELI))
    with cast.changing() as c:
        c.session.get_one(User, (c.organisation_id, cast.alice.id)).ended_at = clock()
    assert worker(hours=4) == []


def test_late_worker_and_no_mail_server_ask_nobody(worker, diary, app, db, clock, office):
    diary("Quarterly")
    settings = app.extensions["feedback"].settings
    clock.forward(hours=4)
    for lacking in ({"smtp_url": None}, {"base_url": None}):
        assert ask_about_calendars(db, replace(settings, **lacking), clock()) == 0
    assert worker(days=2) == []
    diary("In time")
    assert worker(hours=4) == [DANA]


def test_owner_switches_it_on_and_off_rep_by_rep(worker, diary, cast, clock, sign_in, db):
    olive = sign_in("olive")
    page = words(olive.get("/settings/asking").text)
    assert "No calendar: nobody is asked automatically." in page
    diary("Before it was on")
    clock.forward(minutes=61)
    olive.post("/settings/asking", {"asks": ""})
    assert worker(hours=4) == []
    olive.post("/settings/asking", {"asks": "1"})
    assert worker(hours=4) == []  # it ended before
    olive.post(
        "/settings/asking",
        {"asks": "1", f"rep-{cast.alice.id}": "no", f"rep-{cast.bob.id}": "x", "rep-y": "yes"},
    )
    diary("Alice never")
    assert worker(hours=4) == []
    olive.post("/settings/asking", {f"rep-{cast.alice.id}": "yes"})
    diary("Alice always")
    assert worker(hours=4) == [DANA]
    with db.reading() as session:
        told = session.exec(
            select(Audit).where(Audit.what == AuditKind.SETTINGS_CHANGED).order_by(Audit.created_at)
        ).all()
    assert len(told) == 5
    assert (told[3].before, told[3].after) == ({"Alice": None}, {"Alice": False})
    assert [sign_in(name).get("/settings/asking").status_code for name in ("alice", "carol")] == [403, 403]


def test_many_reps_are_found_and_paged(cast, sign_in, monkeypatch):
    monkeypatch.setattr(paging, "ROWS", 1)
    olive, page = sign_in("olive"), "/settings/asking"
    pages = [olive.get(f"{page}?page={number}").text for number in (1, 2)]
    assert [str(cast.alice.id) in each for each in pages] == [True, False]
    assert [each.count('name="rep-') for each in pages] == [1, 1]
    assert "Save this page" in pages[1]
    found = olive.get(f"{page}?q=ALIC").text
    assert found.count('name="rep-') == 1
    saved = olive.post(f"{page}?q=ALIC", {"asks": "", f"rep-{cast.alice.id}": "no"})
    assert saved.location.endswith("?saved=1&q=ALIC")
    assert "Only the 1 set apart" in olive.get(page).text
    own = olive.get(f"{page}?own=1").text
    assert (own.count('name="rep-'), str(cast.alice.id) in own) == (1, True)
    assert "No rep is found." in olive.get(f"{page}?q=nobody").text
    assert olive.get(f"{page}?page=9").status_code == 404


def test_worker_that_is_killed_in_the_middle_has_done_nothing(worker, diary, db, monkeypatch):
    diary("Quarterly")
    real = itself.ask_all
    monkeypatch.setattr(itself, "ask_all", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        worker(hours=4)
    monkeypatch.setattr(itself, "ask_all", real)
    with db.reading() as session:
        assert session.exec(select(Outbox).where(Outbox.recipient == DANA)).all() == []
        assert session.exec(select(CalendarEntry.meeting_id)).one() is None
    assert worker() == [DANA]


def test_second_worker_finds_it_done(worker, diary, db, clock, app, cast):
    diary("Quarterly")
    clock.forward(hours=4)
    where = cast.alice.organisation_id
    with db.reading() as session:
        rep_id, entry_id = itself.entries_to_ask(session, where, clock())[0]
    both = [itself._ask(db, where, rep_id, entry_id, clock(), "http://localhost") for _ in range(2)]
    assert both == [True, False]
    assert worker() == [DANA]
