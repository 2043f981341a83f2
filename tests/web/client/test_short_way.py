"""What the page's script sends is answered before the application, and as the application would."""

from contextlib import contextmanager, nullcontext
from dataclasses import replace

import pytest
from sqlmodel import col, select
from support.pages import six

from feedback.core.answer_key import new_key
from feedback.models import Mail, Outbox

HX = {"HX-Request": "true"}
OPENED, FIRST, TAP, DONE, SECOND = "opened", "first tap", "tap", "Done", "second page"
STEPS = (OPENED, FIRST, TAP, DONE, SECOND)


@pytest.fixture
def send(cast, clock, stranger):
    """send(met, key, step) sends what a phone sends at one of STEPS; long: the application answers it."""

    def post(met, key, step, *, long=False):
        with long_way(stranger) if long else nullcontext():
            return answer(met, key, step)

    def answer(met, key, step):
        clock.forward(seconds=20)
        page, known = f"/f/{met.token}", {"mark": "m" * 36, "key": key, "visibility": "rep"}
        if step == OPENED:
            return stranger.client.post(f"{page}/opened")
        fields = {
            FIRST: {"savvy": 4, "sequence": 1},
            TAP: {"savvy": 4, "chemistry": 2, "sequence": 2},
            DONE: {**six(5, 5, 4, 5, 4, 2), "sequence": 3, "done": 1},
            SECOND: {"comment": "Not\r\nbad & fine", "sequence": 4, "done": 1},
        }[step]
        address = page if step == FIRST else f"{page}/{key}"
        return stranger.client.post(address, data=known | fields, headers=HX)

    return post


@contextmanager
def long_way(browser):
    """With the cookie of somebody who may be signed in, which is for the application to say."""
    browser.client.set_cookie("session", "of-nobody")
    try:
        yield
    finally:
        browser.client.delete_cookie("session")


@pytest.fixture
def known(cast, send):
    """The application has answered each kind once."""
    met, key = cast.meeting(), new_key()
    for step in STEPS:
        assert send(met, key, step).status_code == 204


@pytest.fixture
def asked(app):
    """How many requests the application was asked."""
    found = []
    app.before_request_funcs[None].insert(0, lambda: found.append(1))
    yield found
    app.before_request_funcs[None].pop(0)


def told(reply, met, key):
    """What a reply says, without what is of one invitation and one request."""
    headers = {name: value.replace(met.token, "T").replace(key, "K") for name, value in reply.headers}
    return reply.status, reply.data, {**headers, "Date": "", "X-Request-ID": ""}


def kept(cast, met):
    """What is stored of an answer, without the moments, which are those of the clock."""
    found = cast.reload(met)
    said = found.client
    moments = (found.opened_at, said.updated_at, said.done_at, said.settled_at, said.extras_at)
    return said.ratings, said.comment, said.visibility, said.sequence, said.counts, said.signals, said.language, [
        each is None for each in moments
    ]  # fmt: skip


def test_short_way_ends_as_application_does_at_each_step(cast, known, asked, send):
    short, long = (cast.meeting(), new_key()), (cast.meeting(), new_key())
    for step in STEPS:
        replies = [told(send(*short, step), *short), told(send(*long, step, long=True), *long)]
        assert replies[0] == replies[1], step
        assert replies[0][0][:3] == "204"
        assert kept(cast, short[0]) == kept(cast, long[0]), step
    assert len(asked) == len(STEPS)  # the long ones


@pytest.mark.parametrize("last", STEPS[1:])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_nothing_is_taken_after_the_page_has_closed(cast, clock, known, send, last, long):
    met, key = cast.meeting(), new_key()
    for step in STEPS[1 : STEPS.index(last)]:
        assert send(met, key, step).status_code == 204
    said, _, _, sequence, *_ = kept(cast, met)
    clock.forward(days=14)
    assert send(met, key, last, long=long).status_code == 410
    assert (kept(cast, met)[0], kept(cast, met)[3]) == (said, sequence)


def test_whole_answer_asks_no_application(cast, known, asked, send):
    met, key = cast.meeting(), new_key()
    for step in STEPS:
        send(met, key, step)
    assert asked == []
    assert cast.reload(met).client.comment == "Not\nbad & fine"


@pytest.mark.parametrize("long", [False, True])
def test_client_with_an_address_gets_a_receipt_either_way(app, db, cast, known, send, long):
    context = app.extensions["feedback"]
    settings = replace(
        context.settings,
        smtp_url="smtp://mail.example",
        mail_from="us@x.example",
        base_url="http://localhost",
    )
    app.extensions["feedback"] = replace(context, settings=settings)
    met, key = cast.meeting(contact="Eli", email="eli@client.example"), new_key()
    for step in (OPENED, FIRST, DONE):
        assert send(met, key, step, long=long).status_code == 204
    with db.reading() as session:
        (mail,) = session.exec(select(Outbox).where(col(Outbox.invitation_id) == met.id)).all()
    assert (mail.kind, mail.recipient) == (Mail.RECEIPT, "eli@client.example")


def test_signed_in_rep_goes_the_long_way(app, cast, clock, known, asked, sign_in):
    met, key = cast.meeting(), new_key()
    alice = sign_in("alice")
    asked.clear()
    data = {"savvy": "4", "sequence": "1", "mark": "m" * 36, "key": key, "visibility": "rep"}
    assert alice.client.post(f"/f/{met.token}", data=data, headers=HX).status_code == 204
    assert len(asked) == 1
    assert alice.client.post(f"/f/{met.token}/opened").status_code == 204
    assert cast.reload(met).opened_at is None


def test_other_keys_and_bodies_go_the_long_way(cast, known, asked, stranger):
    met, key = cast.meeting(), new_key()
    page, tap = f"/f/{met.token}", {"savvy": "4", "sequence": "1", "visibility": "rep"}
    first = {**tap, "key": key}
    assert stranger.client.post(page, data=first, headers=HX).status_code == 204
    assert asked == []
    for address, data, headers, status in (
        (page, {**tap, "key": new_key()}, HX, 409),  # begun on another phone
        (f"{page}/{new_key()}", tap, HX, 409),
        (f"{page}/{key}", {**tap, "savvy": "6"}, HX, 422),
        (f"{page}/{key}", tap, {}, 303),  # without the script
        (
            f"{page}/{key}",
            b"savvy=4&savvy=\0",
            {**HX, "Content-Type": "application/x-www-form-urlencoded"},
            400,
        ),
        (f"{page}/opened", b"{}", {"Content-Type": "application/json"}, 415),
    ):
        asked.clear()
        reply = stranger.client.post(address, data=data, headers=headers)
        assert (reply.status_code, len(asked)) == (status, 1), (address, data)


def test_what_fails_before_the_application_is_answered_by_it(app, cast, known, send, monkeypatch, caplog):
    """And somebody is told, without a word of what was sent."""
    from feedback.web import short_way

    def broken(*_given):
        raise RuntimeError("of the short way alone")

    monkeypatch.setattr(short_way, "save_first_tap", broken)
    met, key = cast.meeting(), new_key()
    assert send(met, key, FIRST).status_code == 204
    assert cast.reload(met).client.ratings[4] == 4
    assert caplog.messages == ["went the long way: RuntimeError in broken"]


def test_database_that_is_locked_is_not_waited_for_twice(app, cast, known, asked, send, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from feedback.web import short_way

    def locked(*_given):
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(short_way, "save_first_tap", locked)
    met, key = cast.meeting(), new_key()
    reply = send(met, key, FIRST)
    assert (reply.status_code, len(asked)) == (503, 1)
    assert cast.reload(met).client.ratings[4] is None


def test_second_page_is_prepared_as_it_is_rendered(cast, known, asked, send, stranger, monkeypatch):
    from feedback.web import client, first_view

    met, key = cast.meeting(), new_key()
    for step in STEPS[:-1]:
        send(met, key, step)
    address = f"/f/{met.token}/{key}?step=extras"
    with long_way(stranger):
        pages = [stranger.get(address).text]
    pages.append(stranger.get(address).text)
    asked.clear()
    pages.append(stranger.get(address).text)
    assert asked == []
    monkeypatch.setattr(first_view, "extras_kind", lambda _invitation: None)
    monkeypatch.setattr(client, "extras_page", lambda *_given: None)
    rendered = stranger.get(address).text
    assert "Anything to add?" in rendered
    assert [page == rendered for page in pages] == [True] * 3


def test_second_page_that_is_not_plain_is_rendered(cast, known, send, stranger):
    met, key = cast.meeting(), new_key()
    for step in STEPS:
        send(met, key, step)
    address = f"/f/{met.token}/{key}?step=extras"
    for _ in range(2):
        assert "bad &amp; fine" in stranger.get(address).text  # what was written there stands there


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_log_names_the_organisation_at_each_step(served, cast, known, send, lines):
    """Whichever way answered, the owner of a server finds whose request it was."""
    met, key = cast.meeting(), new_key()
    lines()
    for step in STEPS:
        send(met, key, step)
    ours = str(met.organisation_id)
    assert [line.get("organisation") for line in lines()] == [ours] * len(STEPS)
