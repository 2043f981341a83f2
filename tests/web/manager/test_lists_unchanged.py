"""The lists of managers and owners are answered with 304 as the board is: no page is made, and never one too many. A
story is played through all actions; whatever shows on a list has to have changed its tag."""

import io
import re
from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlmodel import select

from feedback.actions import answer_keys, answers, decisions, mirrors, practices, promises, settings
from feedback.actions.alerts import handle
from feedback.actions.promises import NewPromise
from feedback.imports.run import ImportKind, import_file
from feedback.models import Alert, Promise, Relationship
from feedback.web import accounts, alerts, coaching, relationships, today
from feedback.web import answers as answer_pages

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
LISTS = ("/relationships", "/accounts", "/coaching", "/answers", "/alerts", "/alerts?closed=1", "/today")
MADE_BY = {
    "/relationships": (relationships, "_all"), "/accounts": (accounts, "_list"), "/coaching": (coaching, "_list"),
    "/answers": (answer_pages, "_list"), "/alerts": (alerts, "_open_alerts"), "/alerts?closed=1": (alerts, "_closed_alerts"),
    "/today": (today, "_page"),
}  # fmt: skip
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')  # signed with the second in which the page was made
SUNDAY_NIGHT = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)  # a second before midnight in Berlin


class Looking:
    """What somebody saw of each list, and its tag."""

    def __init__(self, browser) -> None:
        self.browser = browser
        self.pages, self.tags = {}, {}
        self.look()

    def look(self) -> set[str]:
        """Look at all lists, and return those that show something new; none of them may be answered with 304."""
        new = set()
        for path in LISTS:
            again = self.browser.get(path, headers={"If-None-Match": self.tags.get(path, '"none"')})
            page = again if again.status_code == 200 else self.browser.get(path)
            text = TOKEN.sub("", page.text)
            if text != self.pages.get(path):
                new.add(path)
                assert again.status_code == 200, path
            self.pages[path], self.tags[path] = text, page.headers["ETag"]
        return new

    def status(self, path) -> int:
        """Ask once more for what was seen."""
        return self.browser.get(path, headers={"If-None-Match": self.tags[path]}).status_code


@pytest.fixture
def looks(sign_in):
    """looks("carol") has looked at all lists."""
    return lambda name: Looking(sign_in(name))


def test_unchanged_list_is_not_made(cast, looks, monkeypatch):
    cast.answer(cast.meeting(), 1)
    carol, made = looks("carol"), []
    for module, name in MADE_BY.values():
        monkeypatch.setattr(module, name, partial(made.append, name))
    assert {carol.status(path) for path in LISTS} == {304}
    assert made == []


def test_reps_get_no_list(sign_in):
    alice = sign_in("alice")
    codes = {path: alice.get(path).status_code for path in LISTS}
    assert codes.pop("/relationships") == 200  # her own clients
    assert set(codes.values()) == {403}
    assert not [path for path in LISTS if "ETag" in alice.get(path).headers]


class Story:
    """One organisation, to which one thing happens after another."""

    def __init__(self, cast) -> None:
        self.cast, self.forward = cast, cast.clock.forward
        self.met = cast.meeting(email="dana@example.com")
        cast.meeting("alice", "Fay", "Southwind")

    def write(self, action, *about, **more) -> None:
        """Do one action in a change of its own."""
        with self.cast.changing() as c:
            action(c, *about, **more)

    def first(self, what, *where):
        """The first such id."""
        ours = what.organisation_id == self.cast.olive.organisation_id
        with self.cast.db.reading() as session:
            return session.exec(select(what.id).where(ours, *where)).first()

    def handle(self, action, *, closed=False, **more) -> None:
        """Let Carol handle an alert."""
        alert_id = self.first(Alert, Alert.closed_at.is_not(None) if closed else Alert.closed_at.is_(None))
        self.write(action, alert_id, self.cast.carol.id, **more)

    def meet_again(self) -> None:
        self.forward(hours=1)
        self.met = self.cast.meeting(email="dana@example.com")

    def upload(self, kind, text) -> None:
        file = io.BytesIO(text.encode())
        import_file(self.cast.db, self.cast.olive.organisation_id, kind, file, now=self.cast.clock())


HISTORY = "rep_email,account,contact,contact_email,held_at,client_integrity\nalice@example.com,Eastwind,Gus,,2026-03-02T10:00,3\n"
SETTINGS = {"review_days": 30, "reps_see_all": True}
PROMISE = NewPromise("client", "Send it", date(2026, 11, 20))
# What happens, and which lists show it at least.
STEPS = {
    "opened": (lambda s: s.write(answers.mark_opened, s.met.id), ()),
    "tapped": (lambda s: s.cast.answer(s.met, 2, done=False), ()),
    "begun again": (lambda s: s.write(answer_keys.begin_again, s.met.id), ("/alerts",)),
    "tapped anew": (lambda s: s.cast.answer(s.met, 1, done=False), ()),
    "settled by the clock": (lambda s: s.forward(minutes=10), ("/relationships", "/accounts", "/coaching")),
    "processed": (lambda s: s.cast.settle(), ("/alerts",)),
    "sealed": (lambda s: s.cast.seal(s.met, 5, stage="growing"), ("/relationships", "/accounts", "/alerts")),
    "gap seen": (lambda s: s.write(mirrors.mark_gap_seen, s.met.id), ()),
    "alert taken": (lambda s: s.handle(handle.take_alert), ("/alerts",)),
    "alert noted": (lambda s: s.handle(handle.note_on_alert, words="Called."), ()),
    "practice assigned": (lambda s: s.handle(handle.assign_practice, dimension="savvy", number=1), ("/coaching",)),
    "practice chosen": (
        lambda s: s.write(practices.choose_practice, s.first(Relationship), "integrity", 2), ("/coaching",)),
    "promised": (lambda s: s.write(promises.note_promise, s.met.meeting_id, s.met.contact_id, PROMISE), ()),
    "promise judged": (lambda s: s.write(promises.judge_promise, s.first(Promise), "kept"), ()),
    "disputed": (lambda s: s.write(answers.dispute_answer, s.met.id, with_key=True), ("/relationships", "/answers")),
    "decided": (
        lambda s: s.write(decisions.decide_answer, s.met.id, s.cast.carol.id, accept=True, reason="She said it."),
        ("/relationships", "/answers")),
    "met again": (lambda s: s.meet_again(), ()),
    "answered again": (lambda s: s.cast.answer(s.met, 1, comment="fine"), ("/relationships", "/accounts", "/coaching")),
    "alert closed": (
        lambda s: s.handle(handle.close_alert, outcome="lost", words="Gone."), ("/alerts", "/alerts?closed=1")),
    "alert reopened": (lambda s: s.handle(handle.reopen_alert, closed=True), ("/alerts", "/alerts?closed=1")),
    "erased": (lambda s: s.write(answers.erase_answer, s.met.id), ("/relationships", "/accounts", "/coaching")),
    "person added": (lambda s: s.cast.add("nora", "rep", "North"), ("/relationships", "/coaching")),
    "settings changed": (lambda s: s.write(settings.change_settings, s.cast.olive.id, SETTINGS), ()),
    "accounts imported": (lambda s: s.upload(ImportKind.ACCOUNTS, "account,value\nNorthwind,5000\n"), ("/accounts",)),
    "history imported": (lambda s: s.upload(ImportKind.HISTORY, HISTORY), ("/relationships", "/accounts")),
    "people imported": (
        lambda s: s.upload(ImportKind.PEOPLE, "name,email,role,team\nNed,ned@example.com,rep,North\n"), ("/coaching",)),
}  # fmt: skip


def test_what_shows_has_a_new_tag(cast, looks):
    story, carol = Story(cast), looks("carol")
    for step, (happen, shown) in STEPS.items():
        happen(story)
        seen = carol.look()
        assert set(shown) <= seen, (step, seen)


def test_new_day_gives_new_tags(cast, looks, clock):
    """With it review intervals end, quarters begin, and ages change."""
    clock.now = SUNDAY_NIGHT
    carol = looks("carol")
    clock.forward(seconds=1)
    assert {carol.status(path) for path in LISTS} == {200}


def test_what_ages_is_made_anew(cast, looks, clock):
    carol = looks("carol")
    clock.forward(minutes=5)
    assert {carol.status(path) for path in LISTS} == {200}
