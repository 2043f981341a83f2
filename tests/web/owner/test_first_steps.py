"""/start: an owner's first steps, and the trial of a meeting, of which nothing is stored."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select, update
from support.dump import dump
from support.pages import six, words

from feedback.actions.staff import end_person
from feedback.actions.user_links import new_link
from feedback.models import Audit, Organisation, Outbox, User, UserLink
from feedback.store.staff import count_staff, waiting_for, without_link

SAID, GUESS = "543205", six(5)
lite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def olive(sign_in):
    return sign_in("olive")


@pytest.fixture
def imported(cast, db):
    """Alice and Bob as an import leaves them: without a password, and without a link."""
    with db.writing() as session:
        session.execute(
            update(User)
            .where(User.organisation_id == cast.olive.organisation_id, User.role == "rep")
            .values(password_hash=None)
        )


@pytest.fixture
def trial(olive):
    """The address of a trial, as the code carries it."""
    olive.post("/start", {"what": "try"})
    return re.search(r'href="http://[^/]+(/try/[^"]+)"', olive.get("/start/trial").text)[1]


@lite
@pytest.mark.usefixtures("imported")
def test_who_left_before_joining_needs_no_link(cast, db, clock):
    with cast.changing() as c:
        end_person(c, cast.olive.id, cast.alice.id)
    with db.reading() as session:
        needed = without_link(session, cast.olive.organisation_id, clock(), 9)
    assert [each.name for each in needed] == ["Bob"]


@lite
@pytest.mark.usefixtures("imported")
def test_link_holds_until_its_last_moment(cast, db, clock):
    """From then on somebody needs another one, and nobody waits for them."""

    def asked():
        with db.reading() as session:
            both = [
                find(session, cast.olive.organisation_id, clock(), 9) for find in (without_link, waiting_for)
            ]
        return [[each.name for each in some] for some in both]

    assert asked() == [["Alice", "Bob"], []]
    with cast.changing() as c:
        new_link(c, cast.olive.id, cast.alice.id)
    with db.reading() as session:
        until = session.exec(select(UserLink.expires_at)).one()
    clock.now = until - timedelta(microseconds=1)
    assert asked() == [["Bob"], ["Alice"]]
    clock.now = until
    assert asked() == [["Alice", "Bob"], []]


@lite
def test_steps_are_for_owners_only(cast, sign_in, stranger):
    for path in ("/start", "/start/trial"):
        assert [sign_in(who).get(path).status_code for who in ("alice", "carol", "olive")] == [403, 403, 200]
    assert [sign_in(who).post("/start", {"what": "away"}).status_code for who in ("alice", "carol")] == [
        403,
        403,
    ]
    assert stranger.get("/start").location == "/sign-in?next=/start"
    assert sign_in("olive").post("/start", {"what": "else"}).status_code == 422


@lite
def test_home_leads_to_steps_until_done(cast, olive):
    cast.add("carl", "rep", "North")
    assert "First steps: 2 of 3 done." in words(olive.get("/leaderboard").text)
    olive.post("/start", {"what": "try"})
    assert "First steps" not in olive.get("/leaderboard").text
    assert "All three are done" in olive.get("/start").text


def test_home_leads_to_steps_until_put_away(cast, olive, sign_in, db):
    assert "First steps" not in sign_in("carol").get("/leaderboard").text
    assert olive.post("/start", {"what": "away"}).location == "/"
    assert "First steps" not in olive.get("/leaderboard").text
    assert "Try a meeting with yourself" in olive.get("/start").text
    assert 'href="/start"' in olive.get("/people").text
    with db.reading() as session:
        told = [row.what for row in session.exec(select(Audit)) if row.what.startswith("start.")]
    assert told == ["start.put_away"]


@pytest.mark.usefixtures("imported")
def test_links_for_everybody_in_one_tap(cast, olive, stranger):
    assert "Alice, Bob have no link yet" in words(olive.get("/start").text)
    assert olive.post("/start", {"what": "links"}).status_code == 303
    links = re.findall(r'data-share="http://[^/]+(/join/[^"]+)"', olive.get("/start").text)
    assert len(links) == 2
    assert stranger.post(links[0], {"password": "long enough a sentence"}).location == "/"
    text = olive.get("/start").text
    assert "no link yet" not in text
    assert re.findall(r'data-share="http://[^/]+(/join/[^"]+)"', text) == links[1:]


@pytest.mark.usefixtures("imported")
def test_link_that_ran_out_is_made_anew(cast, clock, olive, sign_in):
    olive.post("/start", {"what": "links"})
    clock.forward(days=8)
    again = sign_in("olive")
    assert "have no link yet" in words(again.get("/start").text)
    again.post("/start", {"what": "links"})
    assert "no link yet" not in again.get("/start").text


@lite
@pytest.mark.usefixtures("imported")
def test_links_are_mailed_where_there_is_mail(olive, db, app):
    assert 'value="mail"' not in olive.get("/start").text
    olive.post("/start", {"what": "mail"})  # makes the links, and mails nothing
    known = app.extensions["feedback"]
    app.extensions["feedback"] = replace(
        known, settings=replace(known.settings, smtp_url="smtp://mail.example", base_url="http://localhost")
    )
    with db.reading() as session:
        assert session.exec(select(Outbox)).all() == []
        where = session.exec(select(User.organisation_id).where(User.name == "Olive")).one()
    with db.writing() as session:
        session.execute(
            update(UserLink).where(UserLink.organisation_id == where).values(ended_at=UserLink.created_at)
        )
    assert 'value="mail"' in olive.get("/start").text
    assert "on their way" in olive.get(olive.post("/start", {"what": "mail"}).location).text
    with db.reading() as session:
        assert {mail.recipient for mail in session.exec(select(Outbox))} == {
            "alice@example.com",
            "bob@example.com",
        }


@lite
def test_trial_leads_from_code_to_gap(trial, stranger):
    rows = stranger.get(trial)
    assert (rows.status_code, rows.headers.get("Set-Cookie")) == (200, None)
    assert "A trial, 1 of 3. You are the client now." in words(rows.text)
    assert "Six taps, Dana." in words(rows.text)
    assert "Nothing is tapped yet." in words(stranger.get(f"{trial}?done=1").text)
    mirror = stranger.get(f"{trial}?integrity=5&competency=4&done=1").location
    assert mirror == f"{trial}?said=540000"
    assert "A trial, 2 of 3." in words(stranger.get(mirror).text)
    assert "Six taps seal it." in words(stranger.get(f"{mirror}&savvy=3&done=1").text)
    guess = "&".join(f"{name}={rating}" for name, rating in GUESS.items())
    gap = words(stranger.get(f"{trial}?said={SAID}&{guess}&done=1").text)
    assert "A trial, 3 of 3." in gap
    assert "You guessed 5, Dana said 2." in gap


@lite
def test_trial_is_good_for_an_hour(trial, clock, stranger):
    clock.forward(minutes=59)
    assert stranger.get(trial).status_code == 200
    clock.forward(minutes=2)
    over = stranger.get(trial)
    assert (over.status_code, "This trial is over" in over.text) == (410, True)


@lite
def test_trial_takes_no_other_answer(trial, stranger):
    for said in ("5", "5432061", "54320x", "000000", "٥٤٣٢٠٥", "-12345", "543206"):
        assert "1 of 3" in stranger.get(trial, query_string={"said": said}).text, said


@lite
def test_forged_trial_is_none(trial, stranger):
    for end in ("x", "é", "AAAA.x", ""):
        assert stranger.get(f"{trial[:-3]}{end}").status_code == 410, end


@lite
def test_trial_of_somebody_who_left_is_over(cast, trial, db, stranger, clock):
    with db.writing() as session:
        session.execute(
            update(User)
            .where(User.id == cast.olive.id, User.organisation_id == cast.olive.organisation_id)
            .values(ended_at=clock())
        )
    assert stranger.get(trial).status_code == 410


def test_trial_leaves_no_trace_but_tried(cast, olive, db, stranger, clock):
    """Neither in a figure, an alert, a mail, a message nor an export: no row of any table is another."""
    before = dump(db)
    olive.post("/start", {"what": "try"})
    begun = dump(db)
    changed = {name for name in begun if begun[name] != before[name]}
    assert changed <= {"organisations", "audit", "sessions", "data_versions"}
    with db.reading() as session:
        ours = session.get_one(Organisation, cast.olive.organisation_id)
        (told,) = [row for row in session.exec(select(Audit)) if row.what.startswith("start.")]
        assert (ours.start_tried, told.what, told.before, told.after) == (True, "start.tried", None, None)
        assert count_staff(session, ours.id) == 4
    address = re.search(r'href="http://[^/]+(/try/[^"]+)"', olive.get("/start/trial").text)[1]
    guess = "&".join(f"{name}=1" for name in GUESS)
    for query in ("", "?integrity=1&done=1", "?said=111111", f"?said=111111&{guess}&done=1"):
        assert stranger.get(address + query).status_code in (200, 303)
    assert dump(db) == begun


@lite
def test_new_organisation_begins_with_steps(stranger, app):
    from feedback.config import set_up_code

    page = stranger.get("/set-up", headers={"Accept-Language": "nl-BE,nl;q=0.9"}).text
    assert re.search(r'value="nl" lang="nl" selected', page)
    form = {
        "organisation": "Doughnut Partners", "name": "Olive Ng", "email": "olive@example.com", "language": "nl",
        "password": "a short sentence", "timezone": "Europe/Berlin", "code": set_up_code(app.extensions["feedback"].settings),
    }  # fmt: skip
    assert stranger.post("/set-up", form).location == "/start"
    stranger._token = None
    assert "Three first steps" in stranger.get("/start").text
    board = words(stranger.get("/leaderboard").text)
    assert "First steps: 0 of 3 done." in board
    assert "Invite the first one" in board
    with app.extensions["feedback"].db.reading() as session:
        assert session.exec(select(Organisation.language)).all() == ["nl"]
