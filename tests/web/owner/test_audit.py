"""The audit log: what is written down, who may read it, and that it cannot fill the disk."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select
from support.cast import PASSWORD, Browser
from support.pages import NOBODY, words

from feedback.actions import answers, decisions
from feedback.actions.alerts import handle
from feedback.actions.asking_itself import choose_asking
from feedback.core.audit import AuditKind
from feedback.jobs.daily import run_daily
from feedback.models import Alert, Audit
from feedback.wording.labels import AUDIT_LABELS

# What people are promised, by its own number: one that moves in the code is to be noticed.
NETWORKS_FOR = timedelta(days=90)
PER_ACCOUNT = 5
PER_ORGANISATION = 60
PER_PERSON = 10

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def log(db):
    """log(kind) is every entry of that kind, the oldest first."""

    def look(kind: str) -> list[Audit]:
        with db.reading() as session:
            return list(session.exec(select(Audit).where(Audit.what == kind).order_by(Audit.id)))

    return look


def test_sign_in_and_out_are_written_down(cast, log, sign_in):
    sign_in("alice").post("/sign-out")
    (began,), (ended,) = log(AuditKind.SIGNED_IN), log(AuditKind.SIGNED_OUT)
    assert (began.user_id, began.about_name, began.network) == (cast.alice.id, "A browser", ended.network)
    assert ended.user_id == cast.alice.id
    assert began.network
    assert "127.0.0.1" not in began.network


def test_networks_of_two_organisations_cannot_be_compared(cast, log, sign_in):
    for name in ("alice", "bob", "mallory"):
        sign_in(name)
    marks = {row.user_id: row.network for row in log(AuditKind.SIGNED_IN)}
    assert marks[cast.alice.id] == marks[cast.bob.id]
    assert marks[cast.mallory.id] not in ("", None, marks[cast.alice.id])


def test_failed_sign_in_is_written_for_known_address(cast, log, stranger):
    for email in (cast.alice.email, "nobody@example.com"):
        stranger.post("/sign-in", {"email": email, "password": "not this one"})
    (failed,) = log(AuditKind.SIGN_IN_FAILED)
    assert (failed.user_id, failed.about_id, failed.about_name) == (None, cast.alice.id, "Alice")


def test_failed_sign_ins_do_not_fill_the_disk(cast, clock, db, log, stranger):
    """Of one account, and of many accounts of one organisation from many networks."""
    for n in range(PER_ACCOUNT + 3):
        _fail(stranger, cast.alice.email, n)
    assert len(log(AuditKind.SIGN_IN_FAILED)) == PER_ACCOUNT
    for n in range(PER_ORGANISATION // PER_ACCOUNT + 1):
        who = cast.add(f"rep{n}", "rep")
        for _ in range(PER_ACCOUNT):
            _fail(stranger, who.email, n)
    assert len(log(AuditKind.SIGN_IN_FAILED)) == PER_ORGANISATION
    _fail(stranger, cast.mallory.email, 99)
    assert len(log(AuditKind.SIGN_IN_FAILED)) == PER_ORGANISATION + 1  # another's is not hidden by ours
    clock.forward(minutes=11)
    _fail(stranger, cast.alice.email, 1)
    assert len(log(AuditKind.SIGN_IN_FAILED)) == PER_ORGANISATION + 2


def _fail(stranger: Browser, email: str, n: int) -> None:
    where = {"REMOTE_ADDR": f"192.0.2.{n}"}
    stranger.post("/sign-in", {"email": email, "password": "not this one"}, environ_base=where)


def test_refusals_are_written_so_often(cast, log, sign_in):
    alice = sign_in("alice")
    for _ in range(PER_PERSON + 2):
        assert alice.get(f"/webhooks/{NOBODY}").status_code == 403
    refused = log(AuditKind.REFUSED)
    assert len(refused) == PER_PERSON
    assert {(row.user_id, row.about_name) for row in refused} == {
        (cast.alice.id, "GET /webhooks/<uuid:webhook_id>")
    }


def test_hand_over_is_written_down(cast, log, meeting, invitation, sign_in):
    sign_in("alice").post(f"{meeting}/hand-over", {"pin": "4711"})
    (handed,) = log(AuditKind.HANDED_OVER)
    assert (handed.user_id, handed.about_id) == (cast.alice.id, invitation.id)


def test_changed_settings_say_before_and_after(cast, log, sign_in):
    form = {
        "alert_due_days": "3",
        "workdays": ["1", "2", "3", "4", "5"],
        "holidays": "",
        "days_off": "2026-12-24",
    }
    sign_in("olive").post("/settings/days", form)
    (changed,) = log(AuditKind.SETTINGS_CHANGED)
    assert changed.before == {"alert_due_days": 2, "days_off": ""}
    assert changed.after == {"alert_due_days": 3, "days_off": "2026-12-24"}


def test_what_happens_to_answers_says_no_word_of_them(cast, invitation, log):
    cast.answer(invitation, 1, comment="We are leaving")
    with cast.changing() as c:
        answers.dispute_answer(c, invitation.id, with_key=True)
        decisions.decide_answer(c, invitation.id, cast.carol.id, accept=True, reason="I called")
    with cast.changing() as c:
        answers.erase_answer(c, invitation.id)
    alert_id = cast.db.reading().exec(select(Alert.id)).first()
    (accepted,), (erased,) = log(AuditKind.ANSWER_ACCEPTED), log(AuditKind.ANSWER_ERASED)
    assert (accepted.user_id, accepted.before, accepted.after) == (
        cast.carol.id, {"counts": "quarantined"}, {"counts": "counted"},
    )  # fmt: skip
    assert (erased.user_id, erased.about_id, erased.about_name) == (None, invitation.id, None)
    assert alert_id
    told = " ".join(repr(row) for kind in AuditKind for row in log(kind))
    assert "leaving" not in told


def test_alert_outcome_is_written_down(cast, invitation, log):
    cast.answer(invitation, 1)
    with cast.changing() as c:
        alert_id = c.session.exec(select(Alert.id)).one()
        handle.close_alert(c, alert_id, cast.carol.id, outcome="lost", words="They left")
        handle.reopen_alert(c, alert_id, cast.carol.id)
    (closed,), (opened,) = log(AuditKind.ALERT_CLOSED), log(AuditKind.ALERT_REOPENED)
    assert (closed.user_id, closed.about_id, closed.after) == (cast.carol.id, alert_id, {"outcome": "lost"})
    assert opened.before == {"outcome": "lost"}


def test_entry_goes_with_what_it_tells_of(cast, log):
    def fail() -> None:
        with cast.changing() as c:
            c.audit(None, AuditKind.SETTINGS_CHANGED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert log(AuditKind.SETTINGS_CHANGED) == []


def test_owner_reads_own_organisations_log_only(cast, sign_in):
    for name in ("alice", "mallory"):
        sign_in(name)
    page = words(sign_in("olive").get("/audit").text)
    assert "Signed in Alice · A browser" in page
    assert "Mallory" not in page
    assert "Alice" not in words(sign_in("mallory").get("/audit").text)
    assert [sign_in(name).get("/audit").status_code for name in ("alice", "carol")] == [403, 403]
    assert sign_in("carol").get("/audit.csv").status_code == 403


def test_search_by_person_kind_and_day(cast, clock, sign_in):
    sign_in("alice")
    clock.forward(days=2)
    olive = sign_in("olive")
    found = {
        query: words(olive.get(f"/audit?{query}").text.partition('<ul class="list card">')[2])
        for query in (f"person={cast.alice.id}", "kind=person.added", "last=2026-11-18", "first=2026-11-20", "kind=import.done")
    }  # fmt: skip
    assert [("Signed in Alice" in text, "Person added" in text, "Signed in Olive" in text) for text in found.values()] == [
        (True, True, False), (False, True, False), (True, True, False), (False, False, True), (False, False, False),
    ]  # fmt: skip
    assert "Nothing matches this search." in olive.get("/audit?kind=import.done").text
    for wrong in ("person=x", "kind=x", "first=x", "after=x"):
        assert olive.get(f"/audit?{wrong}").status_code == 404


def test_long_log_is_read_in_parts(cast, sign_in):
    with cast.changing() as c:
        for n in range(120):
            c.audit(None, AuditKind.IMPORTED, name=f"entry {n:03}")
    olive, seen, address = sign_in("olive"), [], "/audit?kind=import.done"
    while address:
        page = olive.get(address).text
        seen += words(page).split("entry ")[1:]
        older = page.partition('">Older ›')[0].rpartition('href="')[2] if "Older ›" in page else ""
        address = older.replace("&amp;", "&")
    assert [word[:3] for word in seen] == [f"{n:03}" for n in reversed(range(120))]


def test_file_is_for_spreadsheets(cast, sign_in):
    with cast.changing() as c:
        c.audit(cast.olive.id, AuditKind.WEBHOOK_ADDED, name="=1+1", after={"events": ["a", "b"]})
    reply = sign_in("olive").get("/audit.csv?kind=webhook.added")
    assert reply.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(reply.text.lstrip("\ufeff")))
    told = dict(zip(head, row, strict=True))
    assert (told["who"], told["what"], told["about"], told["after"]) == (
        "Olive",
        "webhook.added",
        "'=1+1",
        "events: a, b",
    )


def test_networks_are_forgotten_after_90_days(cast, clock, db, log, sign_in):
    sign_in("alice")
    clock.forward(seconds=NETWORKS_FOR.total_seconds() + 60)
    sign_in("alice")
    run_daily(db, cast.alice.organisation_id, clock())
    assert [bool(row.network) for row in log(AuditKind.SIGNED_IN)] == [False, True]


def test_sign_in_costs_one_statement_more(app, cast, db):
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
    Browser(app.test_client()).post("/sign-in", {"email": cast.alice.email, "password": PASSWORD})
    assert len([statement for statement in asked if "audit" in statement]) == 1


@pytest.mark.usefixtures("db")
def test_each_kind_has_a_label():
    assert set(AUDIT_LABELS) == set(AuditKind)


def test_name_in_a_change_stays_as_it_is_written(cast, sign_in):
    """Of whom it is asked by mail by itself stands there by name."""
    cast.add("noor", "rep", "North", named="Noor van den Berg")
    with cast.changing() as c:
        choose_asking(c, cast.olive.id, False, {cast.noor.id: True})
    text = words(sign_in("olive").get("/audit?kind=settings.changed").text)
    assert "Noor van den Berg: nothing → yes" in text
