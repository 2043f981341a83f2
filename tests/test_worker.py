"""The worker: receipts go out once, to the right person, in their language; and what happens when they cannot."""

import re
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlmodel import select, update
from support.dump import dump
from support.mail_server import mail_server

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.config import Settings
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.settling import settle_due
from feedback.models import Contact, FrozenWeek, Organisation, Outbox
from feedback.sending import queue
from feedback.sending.rounds import in_turn
from feedback.sending.worker import deliver_mails, run_due_jobs, run_worker
from feedback.store.mail_queue import due_mails

HERE = "https://feedback.example"


@pytest.fixture
def office():
    with mail_server() as office:
        yield office


@pytest.fixture
def settings(office, tmp_path):
    sender = "Feedback <us@feedback.example>"
    return Settings(tmp_path, "", "k" * 40, smtp_url=office.url, mail_from=sender, base_url=HERE)


@pytest.fixture
def done(cast, clock):
    """done(email, language) is a client with that address who tapped Done."""

    def answer(email="dana@northwind.example", language=None):
        invitation = cast.meeting(email=email)
        state = Submission(ratings=dict.fromkeys(DIMENSIONS, 4), done=True, language=language)
        for _ in range(2):  # twice: a retry
            cast.submit(invitation, state, Sender(receipts=HERE))
        return invitation

    return answer


def test_receipt_is_mailed_once(app, cast, clock, office, settings, done):
    invitation = done()
    with app.app_context():
        sent = [deliver_mails(cast.db, settings, clock) for _ in range(2)]
    assert sent == [1, 0]
    (mail,) = office.mails
    assert mail["To"] == "dana@northwind.example"
    (address,) = re.findall(rf"{HERE}(/f/{invitation.token}/\w{{22}}/receipt)", mail.get_content())
    page = app.test_client().get(address).text
    assert "What you said" in page
    assert "Erase now" in page


def test_receipt_that_left_keeps_no_address(app, cast, clock, office, settings, done):
    done()
    with app.app_context(), cast.db.reading() as session:
        assert deliver_mails(cast.db, settings, clock) == 1
        assert session.exec(select(Outbox.recipient)).all() == [""]


def test_receipt_that_was_given_up_keeps_no_address(app, cast, clock, office, settings, done):
    done()
    office.recipients_reply = b"450 4.2.0 dana@northwind.example is busy"
    with app.app_context():
        assert deliver_mails(cast.db, settings, clock) == 0
        with cast.db.reading() as session:
            assert session.exec(select(Outbox.recipient)).all() == ["dana@northwind.example"]
        for _ in range(60):
            clock.forward(hours=1)
            deliver_mails(cast.db, settings, clock)
    with cast.db.reading() as session:
        (mail,) = session.exec(select(Outbox)).all()
    assert (mail.recipient, mail.given_up_at is not None) == ("", True)
    assert "dana@" not in mail.error
    assert "4.2.0 … is busy" in mail.error


def test_receipt_waits_for_public_address(app, cast, clock, office, settings, done):
    done()
    with app.app_context():
        assert deliver_mails(cast.db, replace(settings, base_url=None), clock) == 0
        assert deliver_mails(cast.db, settings, clock) == 1


def test_worker_says_that_links_are_missing(app, settings, caplog):
    context, stop = app.extensions["feedback"], Event()
    app.extensions["feedback"] = replace(context, settings=replace(settings, base_url=None))
    stop.set()
    run_worker(app, stop)
    assert "FEEDBACK_BASE_URL is not set: mails carry no links, and receipts for clients wait" in caplog.text


def test_receipt_key_is_not_stored(app, cast, clock, office, settings, done):
    invitation = done()
    with app.app_context():
        deliver_mails(cast.db, settings, clock)
    (key,) = re.findall(r"/(\w{22})/receipt", office.mails[0].get_content())
    assert app.test_client().get(f"/f/{invitation.token}/{key}/receipt").status_code == 200
    assert key not in str(dump(cast.db))


def test_unfinished_answer_gets_receipt_when_settled(app, cast, clock, office, settings):
    met = cast.meeting(email="dana@northwind.example")
    cast.answer(met, 4, done=False)
    settle_due(cast.db, clock.forward(minutes=10), HERE)
    with app.app_context():
        deliver_mails(cast.db, settings, clock)
    assert [mail["To"] for mail in office.mails] == ["dana@northwind.example"]


def test_receipt_is_in_clients_language(app, cast, clock, office, settings, done):
    done(language="de")
    with app.app_context():
        deliver_mails(cast.db, settings, clock)
    assert "Guten Tag" in office.mails[0].get_content()


@pytest.mark.parametrize(
    ("page", "contact", "organisation", "subject"),
    [
        ("de", "fr", "es", "Ihre Antworten"),
        (None, "fr", "es", "Vos réponses"),
        (None, None, "es", "Sus respuestas"),
        (None, None, "en", "What you said"),
    ],
)
def test_receipt_falls_back_to_contact_then_organisation(
    app, cast, clock, office, settings, done, page, contact, organisation, subject
):
    done(language=page)
    with cast.db.writing() as session:
        session.execute(update(Contact).values(language=contact))
        session.execute(update(Organisation).values(language=organisation))
    with app.app_context():
        deliver_mails(cast.db, settings, clock)
    assert office.mails[0]["Subject"] == f"{subject} · Alice"


def test_client_without_email_gets_no_receipt(app, cast, clock, office, settings, done):
    met = done(email=None)
    assert cast.reload(met).client.settled_at == clock()
    with app.app_context():
        assert deliver_mails(cast.db, settings, clock) == 0


def test_failed_mail_is_given_up_after_two_days(app, cast, clock, tmp_path, done):
    done()
    nobody_there = Settings(
        tmp_path, "", "k" * 40, smtp_url="smtp://127.0.0.1:1", mail_from="us@feedback.example", base_url=HERE
    )
    tries = 0
    with app.app_context():
        for _ in range(60):
            clock.forward(hours=1)
            deliver_mails(cast.db, nobody_there, clock)
    with cast.db.reading() as session:
        row = session.exec(select(Outbox)).one()
        tries = row.tries
    assert row.given_up_at is not None
    assert "Connection" in row.error
    assert 6 <= tries <= 12


def test_worker_freezes_ended_weeks(cast, clock):
    run_due_jobs(cast.db, clock.forward(days=8))
    with cast.db.reading() as session:
        assert len(session.exec(select(FrozenWeek)).all()) == 2  # one for either organisation


def test_worker_that_stops_begins_no_further_message():
    stop, sent = Event(), []

    def send(message):
        sent.append(message)
        stop.set()
        return True

    assert (in_turn([["first", "second"]], send, stop), sent) == (1, ["first"])


def test_mail_claimed_by_a_clock_that_was_ahead_waits_as_long(app, cast, clock, office, settings, done):
    """Its worker ended before it could report, and the clock was set right: the mail goes once, hours later."""
    done()
    clock.forward(hours=6)
    with cast.db.writing() as session:
        (mail,) = due_mails(session, clock())
        assert queue.claim(session, mail, clock())
    clock.forward(hours=-6)
    with app.app_context():
        assert deliver_mails(cast.db, settings, clock) == 0
        assert deliver_mails(cast.db, settings, lambda: clock() + timedelta(hours=6, minutes=4)) == 0
        assert deliver_mails(cast.db, settings, lambda: clock() + timedelta(hours=6, minutes=5)) == 1
    assert len(office.mails) == 1
