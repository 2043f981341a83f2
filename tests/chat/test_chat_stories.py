"""What becomes of alerts, weeks, languages and works agreements in chat: longer stories than test_chat_delivery tells."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select, update
from support.chat_services import WORST_NAMES, ChatReceiver

from feedback.actions.alerts import handle
from feedback.actions.answers import erase_answer
from feedback.actions.erasure import erase_contact
from feedback.chat.channels import pause_channel, post_test
from feedback.core.chat import ChatTopic, PauseCause
from feedback.jobs.daily import run_daily
from feedback.models import Alert, ChatChannel, Organisation
from feedback.sending import http, queue
from feedback.sending.worker import deliver_mails

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
BASE = "https://doughnuts.example"
ALL = tuple(topic.value for topic in ChatTopic)
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 07:30 in Berlin, in week 48


def test_alerts_within_seconds_are_one_message(cast, service, channel, send, log):
    channel(service)
    for contact in ("Dana Whitfield", "Eli Marsh", "Zoë Ünal"):
        cast.answer(cast.meeting(contact=contact), 1)
    assert [send(), send()] == [1, 0]
    (told,) = service.told
    assert "3 urgent alerts" in told
    assert all(name in told for name in ("Dana", "Eli", "Zoë"))
    assert {line.sent_at for line in log()} == {log()[0].sent_at}


def test_team_is_told_of_its_own_clients(cast, channel, send):
    with ChatReceiver("slack") as north, ChatReceiver("teams") as south, ChatReceiver("slack") as both:
        channel(north, team="North"), channel(south, team="South"), channel(both, name="#all")
        cast.answer(cast.meeting("alice", "Dana Whitfield"), 1)
        cast.answer(cast.meeting("bob", "Eli Marsh"), 1)
        assert send() == 3
        told = [each.told[0] for each in (north, south, both)]
    assert [("Dana" in words, "Eli" in words) for words in told] == [
        (True, False),
        (False, True),
        (True, True),
    ]


def test_what_becomes_of_an_alert_follows(cast, service, channel, send, alert):
    channel(service)
    cast.answer(cast.meeting(), 1)
    send()
    deeds = (
        lambda c: handle.take_alert(c, alert().id, cast.carol.id),
        lambda c: handle.close_alert(
            c, alert().id, cast.carol.id, outcome="recovered", words="We called at once."
        ),
        lambda c: handle.reopen_alert(c, alert().id, cast.olive.id),
    )
    for deed in deeds:
        with cast.changing() as c:
            deed(c)
        assert send() == 1
    taken, closed, reopened = service.told[1:]
    assert "Carol takes care of it." in taken
    assert "Closed by Carol: Recovered." in closed
    assert "Opened again by Olive." in reopened
    assert all("Dana Whitfield, Northwind" in words for words in service.told)
    assert "called at once" not in service.received[2].body


def test_taken_and_closed_at_once_is_one_message(cast, slack, channel, send, alert):
    channel(slack)
    cast.answer(cast.meeting(), 1)
    send()
    with cast.changing() as c:
        handle.take_alert(c, alert().id, cast.carol.id)
        handle.close_alert(c, alert().id, cast.carol.id, outcome="lost", words="")
    send(), send()
    assert len(slack.told) == 2
    assert "Closed by Carol: Lost." in slack.told[1]


def weeks(cast, clock):
    """Three weeks of answers; the worker's day turns on the Monday after."""
    for number, contact in enumerate(("Dana Whitfield", "Eli Marsh", "Zoë Ünal", "Kim Lee")):
        for rep in ("alice", "bob"):
            met = cast.meeting(rep, f"{contact} of {rep}")
            cast.answer(met, 4 if rep == "alice" else 5 - number % 2)
            cast.seal(met, 4)
    clock.now = MONDAY
    run_daily(cast.db, cast.olive.organisation_id, clock())


def test_week_is_told_to_managers_with_samples_and_places(cast, clock, service, channel, send):
    channel(service)
    weeks(cast, clock)
    assert [send(), send()] == [1, 0]
    (told,) = service.told
    for words in (
        "Week 47: who brings more than doughnuts", "voices)", "of 8 invitations were answered",
        "Alerts overdue: 2 of 2 open", "1. Bob:", "2. Alice:", "too close to call", f"{BASE}/leaderboard/2026-W47",
    ):  # fmt: skip
        assert words in told.replace("\\", ""), words
    run_daily(cast.db, cast.olive.organisation_id, clock())
    assert send() == 0  # once for each week


def test_every_message_with_the_worst_names_is_taken(cast, db, clock, service, channel, send):
    """Each kind of message, in each language, where everybody and everything is called so."""
    which = channel(service)
    weeks(cast, clock)
    send()
    for number, name in enumerate(WORST_NAMES):
        clock.forward(minutes=1)
        with db.writing() as session:
            session.execute(text("DELETE FROM chat_messages"))
        cast.answer(cast.meeting(contact=f"Client {number}"), 1)
        with db.writing() as session:
            newest = session.scalars(select(Alert.id).order_by(Alert.id.desc())).first()
            language = ("en", "de", "fr", "es")[number % 4]
            session.execute(update(Organisation).values(language=language, name=name[:200]))
            for table in ("users", "teams", "contacts", "accounts"):
                session.execute(
                    text(f"UPDATE {table} SET name = :name || substr(id, -4)"),  # noqa: S608
                    {"name": name[:196]},
                )
            session.execute(update(ChatChannel).values(name=name[:60]))
        assert send() == 1, name
        for deed in (
            lambda c, newest=newest: handle.take_alert(c, newest, cast.carol.id),
            lambda c, newest=newest: handle.close_alert(c, newest, cast.carol.id, outcome="lost", words=""),
            lambda c, newest=newest: handle.reopen_alert(c, newest, cast.olive.id),
            lambda c: post_test(c, which, cast.olive.id),
        ):
            with cast.changing() as c:
                deed(c)
            assert send() == 1, name
        run_daily(db, cast.olive.organisation_id, clock())
        assert send() == 1, name
    assert len(service.told) == 1 + 6 * len(WORST_NAMES)  # each held against what is published
    assert all("http" in each for each in service.told)


def test_week_in_a_channel_of_reps_is_what_every_rep_sees(cast, db, clock, service, channel, send, reached):
    """Nothing but where to look, unless the organisation shows reps the whole board; then no answer still to be guessed."""
    which = channel(service, managers_only=False)
    weeks(cast, clock)
    send()
    (told,) = service.told
    assert "Week 47 is over" in told
    assert not any(words in told for words in ("Alice", "Bob", "oyalty", "voices", "Dana"))
    with db.writing() as session:
        session.execute(update(Organisation).values(reps_see_all=True))
        session.execute(text("DELETE FROM chat_messages"))
    run_daily(db, cast.olive.organisation_id, clock())
    send()
    assert "1. Bob:" in service.told[1]
    # An answer of that week that can still be guessed: the board is withheld, as it is on the page.
    clock.now = MONDAY + timedelta(days=6)
    unsealed = cast.meeting("alice", "Late Client")
    cast.answer(unsealed, 1)
    clock.now = MONDAY + timedelta(days=7)
    run_daily(db, cast.olive.organisation_id, clock())
    send()
    assert "Week 48 is over" in service.told[2]
    assert not any(words in service.told[2] for words in ("Alice", "Bob", "Late"))
    assert which


def test_works_agreement_leaves_no_name_and_no_figure(cast, db, clock, service, channel, send, alert):
    channel(service)
    with db.writing() as session:
        session.execute(update(Organisation).values(works_agreement=True))
    met = cast.meeting()
    cast.seal(met, 5)
    cast.answer(met, 5, 4, 1, 4, 2, 5)
    send()
    with cast.changing() as c:
        handle.take_alert(c, alert().id, cast.carol.id)
    send()
    weeks(cast, clock)
    send()
    told = "\n".join(service.told)
    assert "Low rating" in told
    assert "Rated low: Recognition, Savvy" in told
    assert "Somebody takes care of it." in told
    assert "Figures appear once clients of at least 5 reps" in told
    for words in ("Alice", "Bob", "Carol", "guessed", "Blind spot", "oyalty 6", "1.", "invitations"):
        assert words not in told.replace("\\", "").replace("127.0.0.1", ""), words


def test_language_is_the_organisations(cast, db, service, channel, send):
    channel(service)
    with db.writing() as session:
        session.execute(update(Organisation).values(language="de"))
    cast.answer(cast.meeting(), 1)
    send()
    assert "1 dringende Warnung" in service.told[0]
    assert "Warnung öffnen" in service.told[0]
    with db.writing() as session:
        session.execute(update(Organisation).values(language="ja"))  # none of the app's: English as a whole
    cast.answer(cast.meeting(contact="Eli Marsh"), 1)
    send()
    assert "1 urgent alert" in service.told[1]
    assert "Open the alert" in service.told[1]


def test_service_that_is_away_or_slow_is_tried_again(cast, clock, slack, channel, send, log, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.3)
    channel(slack)
    cast.answer(cast.meeting(), 1)
    slack.answer = lambda handler: handler.server.stopped.wait(1)
    import threading

    slack.stopped = threading.Event()
    assert send() == 0
    slack.stopped.set()
    assert log()[0].error == "no answer within 0 seconds"
    slack.answer = lambda handler: handler.connection.close()
    assert send(60) == 0
    assert log()[0].tries == 2
    for pause in queue.PAUSES[1:]:
        send(pause.total_seconds())
    assert log()[0].given_up_at


def test_paused_channel_is_told_to_its_owner_by_mail(
    cast, app, db, clock, channel, slack, monkeypatch, reached
):
    which = channel(slack)
    with cast.changing() as c:
        pause_channel(c, which, PauseCause.GONE)
    sent = []
    monkeypatch.setattr("feedback.sending.worker.send", lambda _settings, message: sent.append(message))
    reached(smtp_url="smtp://localhost", mail_from="us@example.com")
    with app.app_context():
        deliver_mails(db, app.extensions["feedback"].settings, clock)
    (mail,) = [each for each in sent if "chat" in each["Subject"]]
    body = mail.get_content()
    assert mail["To"] == cast.olive.email
    assert "#managers" in body
    assert "Slack refuses" in body
    assert f"{BASE}/chat/{which}" in body


def test_message_refused_for_good_is_given_up_and_the_channel_goes_on(cast, db, slack, channel, send, log):
    channel(slack)
    cast.answer(cast.meeting(), 1)
    slack.status, slack.words = 400, "invalid_blocks"
    assert send() == 0
    assert log()[0].error == "400 invalid_blocks"
    with db.reading() as session:
        assert session.exec(select(ChatChannel)).one().paused_at is None
    slack.taken()
    cast.answer(cast.meeting(contact="Eli Marsh"), 1)
    assert send() == 1


def test_erased_before_it_was_told_is_not_told(cast, slack, channel, send, log):
    channel(slack)
    erased, gone = cast.meeting(), cast.meeting(contact="Eli Marsh")
    cast.answer(erased, 1, comment="They never call back.")
    cast.answer(gone, 1)
    with cast.changing() as c:
        erase_answer(c, erased.id)
        counts = erase_contact(c, cast.olive.id, gone.contact_id)
    assert counts["posts"] == 1
    send(), send()
    assert "Low rating" not in "".join(slack.told)
    assert not any("Eli" in words for words in slack.told)


def test_example_is_told_to_nobody_but_a_test_is(cast, db, slack, channel, send, log, clock):
    which = channel(slack)
    with db.writing() as session:
        session.execute(update(Organisation).values(demo=True))
    cast.answer(cast.meeting(), 1)
    weeks(cast, clock)
    assert log() == []
    with cast.changing() as c:
        post_test(c, which, cast.olive.id)
    assert send() == 1
    assert "A test" in slack.told[0]
