"""What is asked for again and has not changed: a 304 that makes no page, and never one too many."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from feedback.actions import answers, settings
from feedback.actions.alerts import handle
from feedback.actions.sessions import end_sessions
from feedback.models import Alert
from feedback.web import leaderboard, unchanged

ASK = {"HX-Request": "true"}
PATHS = ("/leaderboard", "/leaderboard.csv", "/alerts")


@pytest.fixture
def asks(sign_in):
    """asks("carol") gives carol.tag(path) and carol.status(path, tag)."""
    return lambda name: Asking(sign_in(name))


class Asking:
    def __init__(self, browser) -> None:
        self.browser = browser

    def tag(self, path="/leaderboard", **headers) -> str:
        return self.browser.get(path, headers={**ASK, **headers}).headers["ETag"]

    def status(self, tag, path="/leaderboard") -> int:
        return self.browser.get(path, headers={**ASK, "If-None-Match": tag}).status_code


@pytest.fixture
def made(monkeypatch):
    """What was made, one entry for each time."""
    pages = []
    for name in ("_page", "_csv"):
        make = getattr(leaderboard, name)
        monkeypatch.setattr(leaderboard, name, lambda week, make=make: pages.append(week) or make(week))
    return pages


@pytest.mark.parametrize("path", PATHS[:2])
def test_304_makes_no_page(cast, asks, made, path):
    carol = asks("carol")
    tag = carol.tag(path)
    made.clear()
    assert [carol.status(tag, path) for _ in range(3)] == [304] * 3
    assert made == []


@pytest.mark.parametrize("path", PATHS)
def test_unchanged_page_keeps_its_tag(cast, asks, clock, path):
    carol = asks("carol")
    tag = carol.tag(path)
    clock.forward(seconds=20)
    assert carol.status(tag, path) == 304
    with cast.changing():
        pass  # the worker looks whether there is anything to do
    assert carol.status(tag, path) == 304


def erase(cast, met):
    with cast.changing() as c:
        answers.erase_answer(c, met.id)


def take(cast, _met):
    with cast.db.reading() as session:
        alert_id = session.exec(select(Alert.id)).first()
    with cast.changing() as c:
        handle.take_alert(c, alert_id, cast.carol.id)


def change_settings(cast, _met):
    given = {"review_days": 30, "reps_see_all": True}
    with cast.changing() as c:
        settings.change_settings(c, cast.olive.id, given)


def sign_everybody_out(cast, _met):
    with cast.changing() as c:
        end_sessions(c, cast.olive.id)


WRITES = {
    "meeting": lambda cast, met: cast.meeting("bob", "Eli"),
    "opened": lambda cast, met: open_page(cast, cast.meeting("bob", "Eli")),
    "answer": lambda cast, met: cast.answer(cast.meeting("bob", "Eli"), 4),
    "seal": lambda cast, met: cast.seal(met, 4),
    "erased": erase,
    "alert taken": take,
    "settings": change_settings,
    "person": lambda cast, met: cast.add("nora", "rep", "North"),
    "sessions": sign_everybody_out,
}


def open_page(cast, met):
    with cast.changing() as c:
        answers.mark_opened(c, met.id)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("write", WRITES)
def test_every_change_gives_a_new_tag(cast, asks, write, path):
    met = cast.meeting()
    cast.answer(met, 1)
    carol = asks("carol")
    tag = carol.tag(path)
    WRITES[write](cast, met)
    assert carol.status(tag, path) == 200


@pytest.mark.parametrize("path", PATHS)
def test_tap_leaves_a_managers_tag(cast, asks, path):
    met, carol = cast.meeting(), asks("carol")
    tag = carol.tag(path)
    cast.answer(met, 1, done=False)
    assert carol.status(tag, path) == 304


def test_answer_settled_by_the_clock_gives_a_new_tag(cast, asks, clock):
    clock.now = datetime(2026, 11, 18, 11, 0, 30, tzinfo=UTC)  # in the middle of five minutes
    met, carol = cast.meeting(), asks("carol")
    cast.answer(met, 1, done=False)
    clock.forward(minutes=9, seconds=59)
    tag = carol.tag()
    clock.forward(seconds=1)
    assert carol.status(tag) == 200
    tag = carol.tag()
    assert carol.status(tag) == 304
    cast.settle()
    assert carol.status(tag) == 200


@pytest.mark.parametrize(("path", "minutes"), [("/leaderboard", 5), ("/leaderboard.csv", 5), ("/alerts", 1)])
def test_page_is_made_anew_as_time_passes(cast, asks, clock, path, minutes):
    carol = asks("carol")
    tag = carol.tag(path)
    clock.forward(minutes=minutes)
    assert carol.status(tag, path) == 200


def test_new_week_gives_a_new_tag(cast, asks, clock):
    clock.now = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)  # Sunday, a second before midnight in Berlin
    carol = asks("carol")
    tag = carol.tag()
    clock.forward(seconds=1)
    assert carol.status(tag) == 200


def test_tags_differ_by_who_asks_for_what(cast, asks):
    cast.add("cora", "manager", "North")
    carol = asks("carol")
    tags = [
        carol.tag(), carol.tag("/leaderboard?all=1"), carol.tag("/leaderboard.csv"), carol.tag("/alerts"),
        carol.tag("/alerts?page=2"), carol.tag("/leaderboard/2026-W47"), asks("cora").tag(), asks("olive").tag(),
    ]  # fmt: skip
    assert len(set(tags)) == len(tags)


def test_other_organisation_changes_no_tag(cast, asks):
    carol = asks("carol")
    tag = carol.tag()
    cast.add("mike", "rep", organisation_id=cast.mallory.organisation_id)
    cast.answer(cast.meeting("mike"), 4)
    assert carol.status(tag) == 304


def test_new_version_of_the_program_gives_a_new_tag(cast, asks, monkeypatch):
    carol = asks("carol")
    tag = carol.tag()
    monkeypatch.setattr(unchanged, "_program", lambda *folders: "another")
    assert carol.status(tag) == 200


def test_program_is_told_by_its_files(tmp_path):
    (tmp_path / "a.html").write_text("one")
    before = unchanged._program(str(tmp_path))
    (tmp_path / "a.html").write_text("two")
    unchanged._program.cache_clear()
    assert unchanged._program(str(tmp_path)) != before


def test_tag_does_not_outlast_the_session(cast, asks):
    carol = asks("carol")
    tag = carol.tag()
    with cast.changing() as c:
        end_sessions(c, cast.carol.id)
    assert carol.browser.get("/leaderboard", headers={**ASK, "If-None-Match": tag}).status_code == 204


@pytest.fixture
def run_sql(db):
    def run(statement):
        with db.writing() as session:
            session.execute(statement)

    return run


def test_reps_tag_tells_only_what_the_page_shows(cast, asks):
    """Whatever is written elsewhere, and whatever a client taps: the same page has the same tag."""
    met, alice = cast.meeting(), asks("alice")
    tag = alice.tag()
    cast.answer(met, 1, done=False)
    cast.meeting("bob", "Eli")
    assert alice.status(tag) == 304
    assert "ETag" not in alice.browser.get("/leaderboard.csv").headers


def test_hidden_answer_leaves_a_reps_tag(cast, asks, fork):
    met, alice = cast.meeting(), asks("alice")
    before, tags = fork(), []
    for rating in (1, 5):
        before.restore()
        cast.answer(met, rating)
        tags.append(alice.tag())
    assert tags[0] == tags[1]
