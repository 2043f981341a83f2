"""Webhooks on their way: signed, tried again, sent once, and never into a private network."""

import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select
from standardwebhooks import WebhookVerificationError
from support.cast import Clock
from support.pages import NOBODY
from support.receiver import Receiver

from feedback.actions import answers
from feedback.actions.change import change
from feedback.actions.erasure import erase_contact
from feedback.models import Audit, Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.pages.webhook_payload import payload
from feedback.sending import http
from feedback.sending.webhooks import deliver_webhooks
from feedback.sending.worker import run_worker
from feedback.store.webhooks import secret_mark
from feedback.webhooks import subscriptions
from feedback.webhooks.events import enqueue_event

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.fixture
def clock():
    """The real time, for a receiver refuses what is old."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def hook(cast, clock, receiver):
    """hook() adds a webhook that leads to the receiver; gives its id."""

    def make(*events, url=None, who="olive", private=True):
        owner = cast.people[who]
        checked = subscriptions.checked_url(url or receiver.url, private=private)
        with cast.changing(owner.organisation_id) as c:
            return subscriptions.add_webhook(c, owner.id, checked, events or (Event.FEEDBACK_RECEIVED,))

    return make


@pytest.fixture
def secret(db):
    """secret() is that of the only webhook."""

    def look():
        with db.reading() as session:
            return session.exec(select(Webhook)).one().secrets[0]

    return look


@pytest.fixture
def lines(db):
    """lines() is the log, in the order of the telling."""

    def look():
        with db.reading() as session:
            return session.exec(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()

    return look


@pytest.fixture
def send(db, clock):
    """send() is one round, in which private targets are allowed; gives how many went out."""
    return lambda private=True: deliver_webhooks(db, private, clock)


@pytest.fixture
def names(monkeypatch):
    """names(crm={...}) is a name server: each look-up of a name takes its next address."""
    real = socket.getaddrinfo

    def serve(**known):
        left = {f"{name}.example": list(addresses) for name, addresses in known.items()}

        def look_up(host, port, *args, **kwargs):
            if host in left:
                if not left[host]:
                    raise socket.gaierror(f"{host} was looked up once too often")
                return real(left[host].pop(0), port, *args, **kwargs)
            return real(host, port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return serve


def test_receiver_can_verify_the_signature(cast, receiver, hook, secret, send):
    hook()
    cast.answer(invitation := cast.meeting(), 4, comment="Grüße 🍩")
    assert [send(), send()] == [1, 0]
    (got,) = receiver.received
    message = got.verified(secret())
    assert message["type"] == "feedback.received"
    assert message["data"]["invitation_id"] == str(invitation.id)
    assert message["data"]["comment"] == "Grüße 🍩"
    assert got.path == "/feedback?key=1"
    assert got.headers["Content-Type"] == "application/json"


def test_changed_message_does_not_verify(cast, receiver, hook, secret, send):
    hook()
    cast.answer(cast.meeting(), 4)
    send()
    (got,) = receiver.received
    got.body = got.body.replace('"integrity": 4', '"integrity": 5')
    with pytest.raises(WebhookVerificationError):
        got.verified(secret())


def test_both_secrets_verify_after_rotation(cast, clock, receiver, hook, secret, send):
    who, webhook, old = cast.olive, hook(), secret()
    mark = secret_mark(old)
    with change(cast.db, who.organisation_id, clock()) as c:
        subscriptions.rotate_secret(c, webhook, who.id, mark=mark)
    cast.answer(cast.meeting(), 4)
    send()
    (got,) = receiver.received
    assert got.verified(secret()) == got.verified(old)
    assert secret() != old


def test_two_workers_send_a_message_once(cast, receiver, hook, send):
    hook()
    for n in range(4):
        cast.answer(cast.meeting(contact=f"Client {n}"), 4)
    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(lambda _: send(), range(4)))
    assert sent + send() == 4
    assert len({got.id for got in receiver.received}) == len(receiver.received) == 4


def test_refused_message_is_given_up_after_two_days(cast, clock, receiver, hook, send, lines):
    hook()
    receiver.status, receiver.words = 503, "back\n\x00 soon"
    cast.answer(cast.meeting(), 4)
    send()
    (line,) = lines()
    assert (line.status, line.error) == (503, "Service Unavailable back soon")
    assert (line.tries, (line.due_at - line.tried_at).total_seconds()) == (1, 60)
    for _ in range(60):
        clock.forward(hours=1)
        send()
    (line,) = lines()
    assert line.given_up_at is not None
    assert line.sent_at is None
    assert len(receiver.received) == line.tries == 9
    assert len({got.id for got in receiver.received}) == 1


def test_failed_message_is_sent_on_retry(cast, clock, receiver, hook, send, lines):
    hook()
    receiver.status = 500
    cast.answer(cast.meeting(), 4)
    send()
    receiver.status = 200
    clock.forward(minutes=1)
    assert send() == 1
    (line,) = lines()
    assert (line.status, line.error, line.tries, line.sent_at) == (200, None, 2, clock())


def test_unreported_claim_is_retried(cast, clock, receiver, hook, send, lines):
    hook()
    cast.answer(cast.meeting(), 4)
    receiver.answer = lambda _: cast.clock.forward(minutes=6)  # a worker that is cut off while it waits
    send()
    receiver.answer = None
    assert (lines()[0].tries, lines()[0].sent_at) == (1, None)
    assert send() == 1


def test_resending_keeps_the_message_id(cast, clock, receiver, hook, send, lines):
    who, webhook = cast.olive, hook()
    cast.answer(cast.meeting(), 4)
    send()
    with change(cast.db, who.organisation_id, clock.forward(days=3)) as c:
        resent = subscriptions.resend_delivery(c, webhook, lines()[0].id, who.id)
    assert resent
    assert send() == 1
    first, second = receiver.received
    assert first.id == second.id
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]


def test_given_up_message_is_retried_when_resent(cast, clock, receiver, hook, send, lines):
    who, webhook = cast.olive, hook()
    receiver.status = 500
    cast.answer(cast.meeting(), 4)
    for _ in range(60):
        clock.forward(hours=1)
        send()
    with change(cast.db, who.organisation_id, clock()) as c:
        subscriptions.resend_delivery(c, webhook, lines()[0].id, who.id)
    send()
    assert lines()[0].given_up_at is None
    assert len(receiver.received) == 10


def test_delivery_of_another_webhook_is_not_resent(cast, clock, hook, send, lines):
    who, webhook = cast.olive, hook()
    cast.answer(cast.meeting(), 4)
    send()
    (told,), other = lines(), hook(url="https://8.8.8.8/")
    with change(cast.db, who.organisation_id, clock()) as c:
        assert not subscriptions.resend_delivery(c, webhook, UUID(NOBODY), who.id)
        assert not subscriptions.resend_delivery(c, other, told.id, who.id)
        assert subscriptions.resend_delivery(c, webhook, told.id, who.id)


def test_erased_answer_is_sent_without_content(cast, clock, receiver, hook, send):
    hook()
    cast.answer(invitation := cast.meeting(), 4, comment="Between us")
    with change(cast.db, invitation.organisation_id, clock()) as c:
        answers.erase_answer(c, invitation.id)
    send()
    (got,) = receiver.received
    assert set(got.message["data"]["ratings"].values()) == {None}
    assert "Between us" not in got.body
    assert got.message["data"]["counts"] == "erased"


@pytest.mark.parametrize("status", [400, 410])
@pytest.mark.parametrize("erased", ["answer", "contact", None])
def test_receiver_that_echoes_what_is_erased_meanwhile_is_not_quoted(
    cast, receiver, hook, send, lines, status, erased
):
    hook(Event.FEEDBACK_RECEIVED, *([Event.ALERT_OPENED] if status == 400 else []))
    met = cast.meeting()
    cast.answer(met, 1, comment="The blue heron left")

    def echo(request):
        if erased:
            with cast.changing() as c:
                if erased == "answer":
                    answers.erase_answer(c, met.id)
                else:
                    erase_contact(c, cast.olive.id, met.contact_id)
        said = receiver.received[-1].body
        words = said[max(said.find("heron") - 9, 0) :].encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(words)))
        request.end_headers()
        request.wfile.write(words)

    receiver.answer = echo
    for _ in range(3):
        send()
    kept = [line.error for line in lines() if line.error and line.status == status]
    assert kept
    assert any("heron" in each for each in kept) is (erased is None)
    if erased:
        assert "what it answered is not kept, for the answer was erased" in kept


def test_status_410_ends_the_webhook(cast, receiver, hook, send, lines):
    webhook = hook()
    receiver.status = 410
    for name in ("Dana", "Eli"):
        cast.answer(cast.meeting(contact=name), 4)
    assert [send(), send()] == [0, 0]
    assert len(receiver.received) == 1
    assert [(line.status, line.error) for line in lines()] == [
        (410, "Gone"),
        (None, "ended before it was sent"),
    ]
    with cast.db.reading() as session:
        noted = session.exec(select(Audit).where(Audit.what == "webhook.ended")).one()
    assert (noted.about_id, noted.user_id, noted.reason) == (webhook, None, "answered 410 Gone")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed(cast, receiver, hook, send, lines, status):
    hook()
    receiver.status, receiver.extra = status, {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere"}
    cast.answer(cast.meeting(), 4)
    assert send() == 0
    assert [got.path for got in receiver.received] == ["/feedback?key=1"]
    assert lines()[0].status == status


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"],  # noqa: S104
)
def test_private_target_is_refused_when_sending(cast, db, receiver, hook, send, lines, host):
    """The row as an owner could have made it while private targets were allowed."""
    hook(url=f"https://{host}:{receiver.port}/")
    cast.answer(cast.meeting(), 4)
    assert send(private=False) == 0
    assert receiver.received == []
    assert "leads into a private network" in lines()[0].error


def test_plain_http_is_refused_when_sending(cast, receiver, hook, send, lines):
    hook()
    cast.answer(cast.meeting(), 4)
    assert send(private=False) == 0
    assert "https://" in lines()[0].error


def test_rebound_host_name_is_refused(cast, receiver, hook, send, lines, names):
    names(crm=["8.8.8.8", "127.0.0.1"])
    hook(url=f"https://crm.example:{receiver.port}/", private=False)
    cast.answer(cast.meeting(), 4)
    assert send(private=False) == 0
    assert receiver.received == []
    assert "crm.example leads into a private network" in lines()[0].error


def test_checked_address_is_the_one_used(cast, receiver, hook, send, names):
    names(crm=["127.0.0.1", "127.0.0.1"])  # one for adding it, one for sending, and none in between
    hook(url=f"http://crm.example:{receiver.port}/")
    cast.answer(cast.meeting(), 4)
    assert send() == 1
    assert receiver.received[0].headers["Host"] == f"crm.example:{receiver.port}"


@pytest.mark.parametrize(("name", "sent"), [("receiver", 1), ("other", 0)])
def test_certificate_must_match_the_name(
    cast, receiver, hook, send, lines, names, monkeypatch, tmp_path, name, sent
):
    monkeypatch.setenv("SSL_CERT_FILE", str(receiver.with_certificate(tmp_path)))
    names(**{name: ["127.0.0.1", "127.0.0.1"]})
    hook(url=f"https://{name}.example:{receiver.port}/")
    cast.answer(cast.meeting(), 4)
    assert send() == len(receiver.received) == sent
    assert ("doesn't match" in re.sub("not valid for", "doesn't match", lines()[0].error or "")) == (not sent)


def test_unsigned_certificate_is_refused(cast, receiver, hook, send, lines, names, tmp_path):
    receiver.with_certificate(tmp_path)
    names(receiver=["127.0.0.1", "127.0.0.1"])
    hook(url=f"https://receiver.example:{receiver.port}/")
    cast.answer(cast.meeting(), 4)
    assert send() == len(receiver.received) == 0
    assert "CERTIFICATE_VERIFY_FAILED" in lines()[0].error


def drip(handler, first, drop):
    handler.wfile.write(first)
    for _ in range(100):
        handler.wfile.write(drop)
        handler.wfile.flush()
        time.sleep(0.05)


SLOW = {
    "silent": lambda _: time.sleep(2),
    "status": lambda handler: drip(handler, b"HTTP/1.1 2", b"0"),
    "head": lambda handler: drip(handler, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "body": lambda handler: drip(handler, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
    "chunk": lambda handler: drip(
        handler, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", b"x"
    ),
}


@pytest.mark.parametrize("slow", SLOW)
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_slow_receiver_is_abandoned(
    cast, receiver, hook, send, lines, names, monkeypatch, tmp_path, slow, secure
):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.4)
    if secure:
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.with_certificate(tmp_path)))
    names(receiver=["127.0.0.1", "127.0.0.1"])
    hook(url=f"{'https' if secure else 'http'}://receiver.example:{receiver.port}/")
    receiver.answer = SLOW[slow]
    cast.answer(cast.meeting(), 4)
    began = time.monotonic()
    sent = send()
    assert time.monotonic() - began < 1.5
    assert sent == (slow in ("head", "body", "chunk"))
    assert ("no answer within" in (lines()[0].error or "")) == (not sent)


def test_long_response_is_cut(cast, receiver, hook, send, lines):
    hook()
    receiver.status, receiver.words = 500, "no " * 1_000_000
    cast.answer(cast.meeting(), 4)
    send()
    assert lines()[0].error.startswith("Internal Server Error no no")
    assert len(lines()[0].error) <= 200


def test_refused_connection_is_logged(cast, hook, send, lines):
    hook(url="http://127.0.0.1:1/")
    cast.answer(cast.meeting(), 4)
    assert send() == 0
    assert (lines()[0].status, "refused" in lines()[0].error) == (None, True)


def test_dead_receiver_does_not_block_others(cast, receiver, hook, send, lines):
    hook(url="http://127.0.0.1:1/")
    for n in range(8):
        cast.answer(cast.meeting(contact=f"Client {n}"), 4)
    hook()
    cast.answer(cast.meeting(contact="Dana"), 4)
    assert send() == 1
    assert len(receiver.received) == 1
    assert sum(line.tries for line in lines() if line.sent_at is None) == 1


def test_message_without_subject_is_given_up(cast, clock, db, receiver, hook, send, lines):
    hook(Event.ALERT_CLOSED)
    with cast.changing() as c:
        enqueue_event(c, Event.ALERT_CLOSED, cast.alice.id)
    assert send() == 0
    assert receiver.received == []
    assert lines()[0].given_up_at is not None
    assert "not there any more" in lines()[0].error


def test_worker_sends_webhooks_and_stops(app, cast, clock, db, receiver, hook, monkeypatch):
    hook()
    here = app.extensions["feedback"]
    app.extensions["feedback"] = replace(here, settings=replace(here.settings, private_webhooks=True))
    cast.answer(cast.meeting(), 4)
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(app, stop))
    worker.start()
    for _ in range(200):
        if receiver.received:
            break
        time.sleep(0.02)
    stop.set()
    worker.join(10)
    assert not worker.is_alive()
    assert len(receiver.received) == 1
    assert [thread for thread in threading.enumerate() if thread.name == "webhooks"] == []


def test_readme_example_has_all_fields(cast, clock):
    cast.answer(invitation := cast.meeting(), 4)
    shown = json.loads(re.search(r"```json\n(.+?)```", README, re.S)[1])
    with cast.db.reading() as session:
        sent = payload(
            session, invitation.organisation_id, Event.FEEDBACK_RECEIVED, invitation.id, clock(), clock()
        )
    assert _fields(shown) == _fields(sent)
    assert all(f"`{event}`" in README for event in Event)


def _fields(message):
    """Its keys, and theirs."""
    return {key: _fields(value) for key, value in message.items()} if isinstance(message, dict) else None
