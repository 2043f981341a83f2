"""/status: is the server well? For owners, as the worker found it last."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.pages import words

from feedback.findings import REPORT, look, ok, write_report, wrong
from feedback.instance import LOOK_WANTED, done_at
from feedback.web import status

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def instance(app, tmp_path, monkeypatch):
    """The instance folder of a server that is Olive's alone."""
    context = app.extensions["feedback"]
    app.extensions["feedback"] = replace(context, settings=replace(context.settings, instance=tmp_path))
    monkeypatch.setattr(status, "several_organisations", lambda _session: False)
    return tmp_path


def test_findings_are_shown_with_their_age(cast, clock, instance, sign_in):
    found = [
        ok("Worker", "It takes its turns."),
        look("Mail", "No mail server.", "Set one."),
        wrong("Disk", "Full.", "Make room."),
    ]
    write_report(instance, clock(), found)
    clock.forward(minutes=5)
    page = words(sign_in("olive").get("/status").text)
    for said in (
        "1 thing is wrong, 1 to look at.",
        "5 minutes ago",
        "It takes its turns.",
        "Full. Make room.",
        "Check now",
    ):
        assert said in page
    assert page.index("Full.") < page.index("No mail server.") < page.index("It takes its turns.")
    clock.forward(hours=2)
    assert "That is long ago" in words(sign_in("olive").get("/status").text)


def test_page_says_that_all_is_well(cast, clock, instance, sign_in):
    write_report(instance, clock(), [ok("Worker", "It takes its turns.")])
    assert "All is well." in words(sign_in("olive").get("/status").text)


def test_nothing_looked_at_yet_is_said(cast, instance, sign_in):
    olive = sign_in("olive")
    assert "Not checked yet" in words(olive.get("/status").text)
    (instance / REPORT).write_text("{")  # half written, or by another version
    assert "Not checked yet" in words(olive.get("/status").text)


def test_button_asks_the_worker(cast, clock, instance, sign_in):
    olive = sign_in("olive")
    assert olive.post("/status").headers["Location"] == "/status"
    assert done_at(instance, LOOK_WANTED) == clock()
    assert "Being checked; this can take a minute" in words(olive.get("/status").text)
    clock.forward(minutes=3)  # and no worker took notice
    assert "Being checked; this can take a minute" not in words(olive.get("/status").text)


def test_others_servers_details_are_not_shown(cast, app, clock, instance, sign_in, monkeypatch):
    write_report(instance, clock(), [wrong("Mail", "smtp.internal refuses us.", "Ask Zoë.")])
    olive = sign_in("olive")
    context = app.extensions["feedback"]
    for several, sign_up in ((True, "closed"), (False, "open")):
        monkeypatch.setattr(status, "several_organisations", lambda _session, several=several: several)
        app.extensions["feedback"] = replace(context, settings=replace(context.settings, sign_up=sign_up))
        page = words(olive.get("/status").text)
        assert ("1 thing is wrong." in page, "Mail" in page) == (True, True)
        assert not [word for word in ("smtp.internal", "Zoë", "Check now") if word in page]
        assert olive.post("/status").status_code == 403
    assert done_at(instance, LOOK_WANTED) is None


def test_several_organisations_are_counted(cast, db):
    with db.reading() as session:
        assert status.several_organisations(session)


@pytest.mark.parametrize("name", ["alice", "carol"])
def test_status_is_for_owners_only(cast, instance, sign_in, name):
    browser = sign_in(name)
    assert [browser.get("/status").status_code, browser.post("/status").status_code] == [403, 403]
    assert done_at(instance, LOOK_WANTED) is None


def test_stranger_signs_in_first(cast, instance, stranger):
    assert "/sign-in" in stranger.get("/status").headers["Location"]
    assert timedelta(hours=1) < status.OLD
