"""What others wrote because of an answer goes with it, and what they quote of it; that they wrote stays."""

import pytest
from sqlalchemy import update
from sqlmodel import select
from support.dump import TABLES, dump
from support.tokens import token_of

from feedback.actions import promises
from feedback.actions.alerts import handle
from feedback.actions.answers import erase_answer
from feedback.actions.api_tokens import keep_replay
from feedback.actions.client_lines import tell_client
from feedback.actions.decisions import decide_answer
from feedback.actions.erasure import erase_contact
from feedback.actions.outcomes import OutcomeSaid, note_outcome
from feedback.actions.promises import NewPromise
from feedback.actions.receipts import queue_receipt
from feedback.actions.rooms import Guest, enter_room, open_room
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.imports.jobs import add_job
from feedback.models import (
    Alert,
    AlertEvent,
    ApiReplay,
    ApiToken,
    Audit,
    ClientLine,
    Contact,
    Feedback,
    ImportJob,
    ImportRow,
    Invitation,
    JobState,
    Meeting,
    NotedOutcome,
    Outbox,
    Promise,
    Side,
    WebhookDelivery,
)
from feedback.models.webhook import Event
from feedback.store.answers import find_answer
from feedback.store.api_tokens import StoredReplay
from feedback.webhooks import subscriptions

SAID = "The blue heron left at dawn without a word"
QUOTED = "“Heron left at dawn without” Bob: then"  # not the whole, and in another case
HERE = "https://here.example"


def columns_with(db, *words: str) -> set[str]:
    """In which columns one of these words is, as SQL shows them."""
    found = set()
    for table in TABLES:
        for row in dump(db)[table.name]:
            for column, value in zip(table.columns.keys(), row, strict=True):
                text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
                if any(each.casefold() in text.casefold() for each in words):
                    found.add(f"{table.name}.{column}")
    return found


def rows(db, table) -> list:
    with db.reading() as session:
        return list(session.exec(select(table).order_by(table.id)).all())


@pytest.fixture
def answered(cast):
    """Dana has answered, badly and in words; Carol's alert is open. An answer from before has given an alert, too."""
    before = cast.meeting()
    cast.answer(before, 1, comment="Nothing to see here at all")
    cast.settle()
    (alert,) = rows(cast.db, Alert)
    with cast.changing() as c:
        handle.close_alert(c, alert.id, cast.carol.id, outcome="accepted", words="about the first")
    met = cast.meeting(email="dana@northwind.example")
    cast.answer(met, 1, comment=SAID)
    cast.settle()
    with cast.changing() as c:
        c.session.get_one(Contact, (c.organisation_id, met.contact_id)).email_typed_at = None
    return met


@pytest.fixture
def write_about(cast, answered):
    """write_about(words) writes them wherever somebody can because of that answer."""
    alerts = rows(cast.db, Alert)

    def write(words: str) -> None:
        alert = next(each for each in alerts if each.closed_at is None)
        with cast.changing() as c:
            handle.note_on_alert(c, alert.id, cast.carol.id, words)
            decided = c.session.exec(
                select(Feedback).where(Feedback.invitation_id == answered.id, Feedback.side == Side.CLIENT)
            ).one()
            decided.disputed_at = c.now
            c.session.flush()
            decide_answer(c, answered.id, cast.carol.id, accept=True, reason=words)
            handle.close_alert(c, alert.id, cast.carol.id, outcome="lost", words=words)
            tell_client(c, alert.id, cast.carol.id, words, HERE)
            contact = c.session.get_one(Contact, (c.organisation_id, answered.contact_id))
            said = OutcomeSaid(ClientOutcome.LOST, c.now.date(), contact.id, reason=words)
            note_outcome(c, cast.carol.id, contact.account_id, said, OutcomeSource.ALERT, alert.id)

    return write


def test_words_because_of_an_erased_answer_go(cast, db, answered, write_about):
    write_about("they will not wait any more")
    assert columns_with(db, "will not wait") == {
        "alert_events.note", "audit.reason", "client_lines.words", "outcomes.reason",
    }  # fmt: skip
    with cast.changing() as c:
        erase_answer(c, answered.id)
    assert columns_with(db, "will not wait") == set()
    (mail,) = [each for each in rows(db, Outbox) if each.kind == "we_did"]
    assert (mail.recipient, mail.given_up_at is not None) == ("", True)


def test_that_it_was_written_stays(cast, db, answered, write_about):
    write_about("they will not wait any more")
    before = [(each.created_at, each.user_id, each.what, each.outcome) for each in rows(db, AlertEvent)]
    log = [(each.created_at, each.user_id, each.what) for each in rows(db, Audit)]
    with cast.changing() as c:
        erase_answer(c, answered.id)
    after = [(each.created_at, each.user_id, each.what, each.outcome) for each in rows(db, AlertEvent)]
    assert after[: len(before)] == before
    assert [(each.created_at, each.user_id, each.what) for each in rows(db, Audit)][: len(log)] == log
    (outcome,) = rows(db, NotedOutcome)
    assert (outcome.outcome, outcome.noted_by_id) == (ClientOutcome.LOST, cast.carol.id)


def test_words_about_another_answer_stay(cast, db, answered, write_about):
    write_about("whatever")
    with cast.changing() as c:
        erase_answer(c, answered.id)
    assert columns_with(db, "about the first") == {"alert_events.note"}


def test_words_from_before_the_answer_stay(cast, db, clock):
    """Of an alert that another answer had opened."""
    first = cast.meeting()
    cast.answer(first, 1)
    cast.settle()
    (alert,) = rows(db, Alert)
    with cast.changing() as c:
        handle.note_on_alert(c, alert.id, cast.carol.id, "said before")
    clock.forward(minutes=1)
    second = cast.meeting()
    cast.answer(second, 1)
    cast.settle()
    with cast.changing() as c:
        handle.note_on_alert(c, alert.id, cast.carol.id, "said after")
        erase_answer(c, second.id)
    assert [each.note for each in rows(db, AlertEvent)] == ["said before", None]


@pytest.fixture
def quoted(cast, db, answered):
    """Others quote the answer, in words that are not about it."""
    (elsewhere,) = [each for each in rows(db, Alert) if each.closed_at]
    with cast.changing() as c:
        new = NewPromise(side="rep", words=f"{QUOTED} call", due_on=None)
        promises.note_promise(c, answered.meeting_id, answered.contact_id, new)
        handle.note_on_alert(c, elsewhere.id, cast.carol.id, QUOTED)
        tell_client(c, elsewhere.id, cast.carol.id, QUOTED, None)
        contact = c.session.get_one(Contact, (c.organisation_id, answered.contact_id))
        said = OutcomeSaid(ClientOutcome.SHRANK, c.now.date(), None, reason=f"{SAID}!")
        note_outcome(c, cast.carol.id, contact.account_id, said, OutcomeSource.PAGE)
    later = cast.meeting()
    with cast.changing() as c:
        here = update(Meeting).where(Meeting.id == later.meeting_id)
        c.session.execute(here.values(topic=f"{QUOTED} a coffee"))


def test_quotes_elsewhere_go_and_the_rest_stays(cast, db, answered, quoted):
    with cast.changing() as c:
        erase_answer(c, answered.id)
    assert columns_with(db, "left at dawn") == set()
    assert [each.words for each in rows(db, Promise)] == ["“…” Bob: then call"]
    assert "“…” Bob: then a coffee" in {each.topic for each in rows(db, Meeting)}
    assert [each.reason for each in rows(db, NotedOutcome)] == [None]
    assert rows(db, ClientLine) == []
    assert {each.note for each in rows(db, AlertEvent)} == {"about the first", None}


def test_quotes_go_with_an_erased_contact(cast, db, answered, quoted):
    with cast.changing() as c:
        erase_contact(c, cast.olive.id, answered.contact_id)
    assert columns_with(db, "left at dawn") == set()


def test_reasons_of_decisions_go_with_an_erased_contact(cast, db, answered, write_about):
    write_about("they will not wait any more")
    with cast.changing() as c:
        erase_contact(c, cast.olive.id, answered.contact_id)
    assert columns_with(db, "will not wait") == set()


def test_quotes_in_other_clients_words_stay(cast, db, answered):
    other = cast.meeting("bob", "Eli", "Quarry")
    cast.answer(other, 3, comment=SAID)
    with cast.changing() as c:
        erase_answer(c, answered.id)
    assert columns_with(db, SAID) == {"feedback.comment"}


def test_replies_about_its_alert_go(cast, db, answered):
    with cast.changing() as c:
        alert = c.session.exec(select(Alert).where(Alert.closed_at.is_(None))).one()
        hook = subscriptions.add_webhook(c, cast.olive.id, "https://8.8.8.8/", [Event.ALERT_OPENED])
        here = {
            "organisation_id": c.organisation_id,
            "created_at": c.now,
            "due_at": c.now,
            "webhook_id": hook,
        }
        about = {"event": Event.ALERT_OPENED, "about_id": alert.id}
        c.session.add(WebhookDelivery(**here, **about, error=f"400 {SAID}"))
        c.session.flush()
        c.session.execute(update(Outbox).values(alert_id=alert.id, error=f"554 {SAID}"))
        erase_answer(c, answered.id)
    assert columns_with(db, SAID) == set()


def test_what_the_api_answered_about_it_is_forgotten(cast, db, answered):
    token_of(cast, "olive")
    with cast.changing() as c:
        token = c.session.exec(select(ApiToken.id)).one()
        keep_replay(c, token, "k" * 64, StoredReplay("r" * 64, 200, f'{{"answer": "{answered.id}"}}'))
        keep_replay(c, token, "l" * 64, StoredReplay("r" * 64, 200, '{"answer": "another"}'))
        erase_answer(c, answered.id)
    assert [each.key_hash for each in rows(db, ApiReplay)] == ["l" * 64]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_file_that_waits_with_it_is_forgotten(cast, db, answered, encoding):
    with cast.changing() as c:
        for name, comment in (("with", f"{SAID}\nand “more”"), ("without", "fine")):
            job = add_job(
                c, cast.olive.id, "history", f"{name}.csv", f'comment\n"{comment}"'.encode(encoding)
            )
            c.session.get_one(ImportJob, (c.organisation_id, job)).state = JobState.CHECKED
        erase_answer(c, answered.id)
    kept = {each.file_name: (each.content is not None, each.state) for each in rows(db, ImportJob)}
    assert kept == {"with.csv": (False, JobState.STOPPED), "without.csv": (True, JobState.CHECKED)}


def test_receipt_that_left_keeps_no_address_and_one_that_waits_does(cast, db, answered):
    with cast.changing() as c:
        for _ in range(2):
            queue_receipt(c, find_answer(c.session, c.organisation_id, answered.id), HERE)
        c.session.flush()
        left, _ = c.session.exec(select(Outbox).where(Outbox.kind == "receipt").order_by(Outbox.id)).all()
        left.sent_at = c.now
        c.session.flush()
        erase_answer(c, answered.id)
    mails = [each for each in rows(db, Outbox) if each.kind == "receipt"]
    assert [each.recipient for each in mails] == ["", "dana@northwind.example"]
    assert (
        mails[1].given_up_at is None
    )  # by it the real client finds out that somebody answered, and erased it


@pytest.mark.parametrize("again", [False, True])
def test_address_that_a_guest_typed_goes_unless_they_were_asked_again(cast, db, again):
    first = cast.meeting()
    with cast.changing() as c:
        open_room(c, first.meeting_id)
        enter_room(c, first.meeting_id, Guest("Gil Guest", "gil@delmar.example", "once"))
    (guest,) = [each for each in rows(db, Invitation) if each.guest]
    with cast.changing() as c:
        job = add_job(c, cast.olive.id, "history", "old.csv", b"comment")
        says = {"says": ["Joined by name to Gil Guest, gil@delmar.example"], "about": "x", "about_key": "x"}
        c.session.add(ImportRow(organisation_id=c.organisation_id, job_id=job, number=2, **says))
    if again:
        another = cast.meeting("alice", "Zed")
        with cast.changing() as c:
            c.session.add(
                Invitation(
                    organisation_id=c.organisation_id,
                    created_at=c.now,
                    meeting_id=another.meeting_id,
                    contact_id=guest.contact_id,
                    token="x" * 16,
                    closes_at=c.now,
                )
            )
    with cast.changing() as c:
        erase_answer(c, guest.id)
    kept = {"contacts.email", "contacts.search", "import_rows.says"} if again else set()
    assert columns_with(db, "delmar") == kept
    assert "contacts.name" in columns_with(db, "Gil Guest")


def test_pages_say_that_the_words_are_gone(cast, db, sign_in, answered, write_about):
    write_about("they will not wait any more")
    (alert,) = [each for each in rows(db, Alert) if each.outcome == "lost"]
    carol = sign_in("carol")
    for path in (f"/alerts/{alert.id}", f"/answers/{answered.id}"):
        assert "they will not wait any more" in carol.get(path).text
    with cast.changing() as c:
        erase_answer(c, answered.id)
    for path, times in ((f"/alerts/{alert.id}", 2), (f"/answers/{answered.id}", 1)):
        page = carol.get(path).text
        assert page.count("The words are gone, with what they were about.") == times
        assert "“”" not in page
        assert "None" not in page
