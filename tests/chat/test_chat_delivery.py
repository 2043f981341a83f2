"""Alerts, what becomes of them and the weekly board, posted to servers that answer as Slack and Teams do."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select
from support.dump import dump

from feedback.actions.alerts import handle
from feedback.actions.erasure import erase_person
from feedback.actions.staff import end_person
from feedback.chat.channels import Gets, change_channel
from feedback.core.chat import ChatTopic, PauseCause
from feedback.models import Audit, ChatChannel, Mail, Outbox
from feedback.store.chat import without_week

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
BASE = "https://doughnuts.example"
ALL = tuple(topic.value for topic in ChatTopic)
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 07:30 in Berlin, in week 48


def row(db, table):
    with db.reading() as session:
        return session.exec(select(table)).one()


def test_urgent_alert_is_told_with_all_that_a_manager_needs(cast, service, channel, send, log, alert):
    channel(service)
    met = cast.meeting()
    cast.seal(met, 5)
    cast.answer(met, 5, 4, 1, 4, 2, 5, comment="They never call back.")
    assert [send(), send()] == [1, 0]
    (told,) = service.told
    for words in (
        "1 urgent alert", "Low rating", "Blind spot", "Dana Whitfield, Northwind", "with Alice", "due 20 Nov",
        "is telling you something", "Recognition 1 (guessed 5)", "Savvy 2 (guessed 5)",
        "loyalty 62 from 1 answer", "Next: call Dana yourself", f"{BASE}/alerts/{alert().id}",
    ):  # fmt: skip
        assert words in told.replace("\\", ""), words
    assert "call back" not in service.received[0].body  # what a client wrote stays here
    assert [(line.status, line.tries, line.error) for line in log()] == [(service.status, 1, None)]
    assert service.received[0].headers["Content-Type"] == "application/json"


def test_channel_that_reps_may_read_is_told_of_no_alert(cast, service, channel, send, log):
    """Neither before the seal nor after, and not of what was waiting when managers stopped being alone there."""
    which = channel(service)
    met = cast.meeting()
    cast.answer(met, 1)
    with cast.changing() as c:
        change_channel(c, which, cast.olive.id, Gets(None, ("week",), managers_only=False))
    cast.answer(cast.meeting(contact="Eli Marsh"), 1)
    cast.seal(met, 5)
    send()
    assert service.received == []
    assert [line.error for line in log()] == [
        "not told: closed, or not for whoever reads this channel, before it was sent"
    ]


def test_alerts_are_for_channels_that_managers_alone_read_whatever_is_stored(
    cast, db, slack, channel, send, log
):
    which = channel(slack)
    with db.writing() as session:
        session.execute(update(ChatChannel).values(managers_only=False))
    cast.answer(cast.meeting(), 1)
    send()
    assert log() == []
    with db.writing() as session:
        session.execute(update(ChatChannel).values(managers_only=True))
    cast.answer(cast.meeting("bob", "Eli Marsh"), 1)
    assert send() == 1
    assert [line.channel_id for line in log()] == [which]


def test_paused_channel_gets_not_even_what_waits(cast, clock, db, slack, channel, send, log):
    """As when it is paused at the very moment in which a message is queued."""
    channel(slack)
    cast.answer(cast.meeting(), 1)
    with db.writing() as session:
        session.execute(update(ChatChannel).values(paused_at=clock(), paused_because=PauseCause.OWNER))
    assert send() == 0
    assert (slack.received, [line.tries for line in log()]) == ([], [0])
    with db.writing() as session:
        session.execute(update(ChatChannel).values(paused_at=None, paused_because=None))
    assert send() == 1


def test_channel_that_was_added_after_the_weekly_messages_begins_with_the_next(
    cast, clock, db, slack, channel
):
    which = channel(slack)
    here = cast.olive.organisation_id
    with db.reading() as session:
        assert without_week(session, here, MONDAY.date(), clock()) == []
        assert without_week(session, here, MONDAY.date(), clock() + timedelta(minutes=1)) == [which]


def test_alert_closed_before_it_was_told_is_not_told(cast, slack, channel, send, log, alert):
    channel(slack)
    cast.answer(cast.meeting(), 1)
    with cast.changing() as c:
        handle.close_alert(c, alert().id, cast.carol.id, outcome="accepted", words="")
    assert [send(), send()] == [0, 0]
    assert slack.received == []
    assert all(line.given_up_at for line in log())


FAILURES = [
    (429, {"Retry-After": "600"}, 600, "429"),
    (429, {}, 60, "429"),
    (500, {}, 60, "500"),
    (302, {"Location": "http://127.0.0.1:9/"}, 60, "302"),
]


@pytest.mark.parametrize(("status", "extra", "pause", "error"), FAILURES)
def test_failure_is_tried_again(cast, clock, slack, channel, send, log, status, extra, pause, error):
    channel(slack)
    cast.answer(cast.meeting(), 1)
    slack.status, slack.words, slack.extra = status, "", extra
    assert send() == 0
    (line,) = log()
    assert (line.status, line.error, line.due_at) == (status, error, clock.now + timedelta(seconds=pause))
    slack.taken()
    assert send(pause - 1) == 0
    assert send(1) == 1
    assert len({received.body for received in slack.received}) == 1


@pytest.mark.parametrize(("status", "words", "because"), [(404, "no_service", "gone"), (410, "channel_is_archived", "gone"), (403, "action_prohibited", "refused")])  # fmt: skip
def test_address_that_is_over_pauses_the_channel(
    cast, app, db, clock, slack, channel, send, log, status, words, because, reached
):
    channel(slack, name="#managers")
    for contact in ("Dana Whitfield", "Eli Marsh"):
        cast.answer(cast.meeting(contact=contact), 1)
        clock.forward(seconds=1)
    slack.status, slack.words = status, words
    assert send() == 0
    found = row(db, ChatChannel)
    assert (found.paused_at, found.paused_because) == (clock.now, because)
    assert {line.error for line in log()} == {f"{status} {words}"}
    cast.answer(cast.meeting(contact="Zoë Ünal"), 1)
    assert send() == 0
    assert len(log()) == 2  # nothing is queued for it meanwhile
    with db.reading() as session:
        mails = session.exec(select(Outbox).where(Outbox.kind == Mail.CHAT_PAUSED)).all()
        (entry,) = session.exec(select(Audit).where(Audit.what == "chat.paused")).all()
    assert [mail.user_id for mail in mails] == [cast.olive.id]
    assert (entry.user_id, entry.reason, entry.about_name) == (None, because, "#managers")


def test_nothing_is_posted_without_a_public_address(cast, slack, channel, send, log, reached):
    reached(base_url=None)
    channel(slack)
    cast.answer(cast.meeting(), 1)
    assert send() == 0
    assert slack.received == []
    assert log()[0].error.startswith("not told: FEEDBACK_BASE_URL is not set")


def test_deed_of_somebody_who_is_erased_meanwhile_is_not_told(cast, slack, channel, send, log, alert):
    channel(slack)
    cast.answer(cast.meeting(), 1)
    send()
    with cast.changing() as c:
        handle.take_alert(c, alert().id, cast.carol.id)
    with cast.changing() as c:
        end_person(c, cast.olive.id, cast.carol.id)
        counts = erase_person(c, cast.olive.id, cast.carol.id)
    assert (counts["posts"], send(), len(slack.told)) == (1, 0, 1)
    assert [line.error for line in log()] == [None, "erased"]


def test_nothing_is_posted_into_a_private_network(cast, slack, channel, send, log, reached):
    channel(slack)
    reached(private_webhooks=False)
    cast.answer(cast.meeting(), 1)
    assert send() == 0
    assert slack.received == []
    assert log()[0].error == "An address begins with https://."


def test_name_that_leads_inside_by_now_is_not_posted_to(cast, db, service, channel, send, log, reached):
    """Whatever is stored: a name that was public when it was typed may lead elsewhere when a message goes out."""
    channel(service)
    with db.writing() as session:
        (stored,) = session.exec(select(ChatChannel))
        stored.address = service.url.replace("http://127.0.0.1", "https://localhost")
    reached(private_webhooks=False)
    cast.answer(cast.meeting(), 1)
    assert send() == 0
    assert service.received == []
    assert log()[0].error == "localhost leads into a private network; only public servers are written to."


def test_address_is_in_no_log_and_encrypted_at_rest(cast, db, slack, channel, send, caplog):
    caplog.set_level(logging.DEBUG)
    which = channel(slack)
    for status in (500, 404):
        slack.status, slack.words = status, slack.url
        cast.answer(cast.meeting(contact=f"Client {status}"), 1)
        send(100)
    assert "x4Kq" not in caplog.text
    assert "x4Kq" not in str(dump(db))
    assert which
