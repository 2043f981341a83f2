"""/meetings/<id>/promises and /promises/<id>: what either side said it would do."""

from datetime import timedelta

import pytest
from sqlmodel import select
from support.pages import six, words

from feedback.actions.promises import NewPromise, judge_promise, note_promise
from feedback.core.access import Reader
from feedback.models import Promise
from feedback.pages.client import promises_due
from feedback.pages.promises import promises_between

# What people are promised, by its own number: one that moves in the code is to be noticed.
MOST_PROMISES = 5

PROMISE = {"side": "rep", "words": "Send the price list", "due_on": "2026-11-20"}


@pytest.fixture
def stored(cast):
    def look():
        with cast.db.reading() as session:
            return session.exec(select(Promise).order_by(Promise.id)).all()

    return look


def test_noted_promise_is_shown(cast, sign_in):
    alice, path = sign_in("alice"), f"/meetings/{cast.meeting().meeting_id}/promises"
    assert alice.post(path, PROMISE).status_code == 303
    assert "Send the price list" in alice.get(path).text


def test_due_promise_shows_on_reps_home(cast, sign_in, clock):
    alice = sign_in("alice")
    alice.post(f"/meetings/{cast.meeting().meeting_id}/promises", PROMISE)
    assert "promise due" not in alice.get("/meetings").text
    clock.forward(days=3)
    home = words(alice.get("/meetings").text)
    assert "1 promise due" in home
    assert "You, to Dana Whitfield" in home


def test_client_judges_a_due_promise(cast, sign_in, stranger, clock, stored):
    sign_in("alice").post(f"/meetings/{cast.meeting().meeting_id}/promises", PROMISE)
    clock.forward(days=7)
    again = cast.meeting()
    cast.answer(again, 4)
    own = cast.answer_address(again)
    page = words(stranger.get(f"{own}?step=extras").text)
    assert "Alice promised:" in page
    (promise,) = stored()
    stranger.post(own, {f"promise-{promise.id}": "not_kept", "comment": "", "done": "1"})
    assert stored()[0].verdict == "not_kept"
    assert "Broken promise" in sign_in("carol").get("/alerts").text


def test_client_is_asked_about_five_promises_at_most(cast, clock):
    met = cast.meeting()
    with cast.changing() as c:
        for number in range(MOST_PROMISES + 1):
            new = NewPromise(side="rep", words=f"Send number {number}", due_on=None)
            note_promise(c, met.meeting_id, met.contact_id, new)
    clock.forward(days=7)
    again = cast.meeting()
    with cast.db.reading() as session:
        asked = promises_due(session, again.organisation_id, again.id, clock())
    assert [each.words for each in asked] == [f"Send number {number}" for number in range(MOST_PROMISES)]


def test_client_is_asked_about_promises_with_a_day_first_and_of_those_the_oldest(cast, clock):
    met, day = cast.meeting(), clock().date()
    with cast.changing() as c:
        for words, due in (
            ("None", None),
            ("Later", day + timedelta(days=2)),
            ("Soon", day + timedelta(days=1)),
        ):
            note_promise(c, met.meeting_id, met.contact_id, NewPromise(side="rep", words=words, due_on=due))
    clock.forward(days=7)
    again = cast.meeting()
    with cast.db.reading() as session:
        asked = promises_due(session, again.organisation_id, again.id, clock())
    assert [each.words for each in asked] == ["Soon", "Later", "None"]


def test_open_promises_come_first_and_then_the_latest(cast, clock):
    ids = {}
    for name in ("First", "Second", "Third", "Fourth"):
        met = cast.meeting()
        with cast.changing() as c:
            new = NewPromise(side="client", words=name, due_on=None)
            ids[name] = note_promise(c, met.meeting_id, met.contact_id, new)
        clock.forward(days=1)
    for name in ("Second", "Fourth"):
        with cast.changing() as c:
            judge_promise(c, ids[name], "kept")
    with cast.db.reading() as session:
        where = met.organisation_id, cast.alice.id, met.contact_id
        shown = promises_between(session, *where, Reader.REP, clock())
    assert [each.words for each in shown] == ["Third", "First", "Fourth", "Second"]


def test_other_clients_cannot_judge_the_promise(cast, sign_in, stranger, clock, stored):
    sign_in("bob").post(f"/meetings/{cast.meeting('bob', 'Eli').meeting_id}/promises", PROMISE)
    clock.forward(days=7)
    dana = cast.meeting()
    cast.answer(dana, 4)
    stranger.post(cast.answer_address(dana), {f"promise-{stored()[0].id}": "kept", "done": "1"})
    assert cast.reload(dana).client.ratings == (4,) * 6
    assert [promise.verdict for promise in stored()] == [None]


@pytest.mark.parametrize(
    "bad", [{"words": ""}, {"words": "x" * 201}, {"side": "boss"}, {"due_on": "tomorrow"}]
)
def test_bad_promise_form_is_422_with_reason(cast, sign_in, stored, bad):
    reply = sign_in("alice").post(f"/meetings/{cast.meeting().meeting_id}/promises", {**PROMISE, **bad})
    assert reply.status_code == 422
    assert "Send the price list" in reply.text or "words" in bad
    assert stored() == []


def test_rep_judges_only_clients_promises(cast, sign_in, stored):
    alice, path = sign_in("alice"), f"/meetings/{cast.meeting().meeting_id}/promises"
    alice.post(path, {**PROMISE, "side": "client"})
    alice.post(path, PROMISE)
    by_side = {promise.side: promise.id for promise in stored()}
    assert alice.post(f"/promises/{by_side['client']}", {"verdict": "kept"}).status_code == 303
    assert alice.post(f"/promises/{by_side['rep']}", {"verdict": "kept"}).status_code == 422
    assert {promise.side: promise.verdict for promise in stored()} == {"client": "kept", "rep": None}


def test_verdicts_of_both_sides_are_shown(cast, sign_in, stranger, clock, stored):
    alice, path = sign_in("alice"), f"/meetings/{cast.meeting().meeting_id}/promises"
    alice.post(path, PROMISE)
    alice.post(path, {**PROMISE, "side": "client", "words": "Show the numbers"})
    ids = {promise.side: promise.id for promise in stored()}
    alice.post(f"/promises/{ids['client']}", {"verdict": "not_kept"})
    clock.forward(days=7)
    again = cast.meeting()
    stranger.post(f"/f/{again.token}", {**six(4), f"promise-{ids['rep']}": "kept", "done": "1"})
    assert "kept, says Dana" not in words(alice.get(path).text)  # part of an answer not guessed yet
    cast.seal(again, 4)
    text = words(alice.get(path).text)
    assert "Send the price list You, to Dana Whitfield · by 20 Nov · kept, says Dana" in text
    assert "Show the numbers Dana Whitfield , to you · by 20 Nov · not kept" in text


def test_promises_are_for_own_rep_only(cast, sign_in, stranger, stored):
    meeting = cast.meeting().meeting_id
    alice = sign_in("alice")
    alice.post(f"/meetings/{meeting}/promises", {**PROMISE, "side": "client"})
    promise = stored()[0].id
    assert sign_in("bob").get(f"/meetings/{meeting}/promises").status_code == 404
    assert sign_in("bob").post(f"/promises/{promise}", {"verdict": "kept"}).status_code == 404
    assert sign_in("carol").get(f"/meetings/{meeting}/promises").status_code == 403
    assert "/sign-in" in stranger.get(f"/meetings/{meeting}/promises").location
    assert alice.get(f"/promises/{promise}").status_code == 405
    assert alice.get("/meetings/7/promises").status_code == 404
