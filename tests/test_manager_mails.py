"""Mails to managers: the alert within a minute, the week on Monday at seven; each once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update
from support.mail_server import mail_server

from feedback.actions.alerts import handle
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.change import change
from feedback.config import Settings
from feedback.core.dimensions import DIMENSIONS
from feedback.jobs.daily import run_daily
from feedback.jobs.weekly_mails import queue_weekly
from feedback.models import Alert, Organisation, Outbox, User
from feedback.sending.worker import deliver_mails, run_due_jobs

HERE = "https://feedback.example"
MONDAY_SEVEN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # in Berlin


@pytest.fixture
def office():
    with mail_server() as office:
        yield office


@pytest.fixture
def post(app, cast, clock, office, tmp_path):
    """post(): the worker looks once, `seconds` later; returns what arrived."""
    settings = Settings(
        tmp_path, "", "k" * 40, smtp_url=office.url, mail_from="us@feedback.example", base_url=HERE
    )

    def look(seconds=0):
        clock.forward(seconds=seconds)
        before = len(office.mails)
        with app.app_context():
            run_due_jobs(cast.db, clock())
            deliver_mails(cast.db, settings, clock)
        return office.mails[before:]

    return look


def text(mail):
    return mail.get_body(("plain",)).get_content()


def test_urgent_alert_is_mailed_within_a_minute(cast, post, db):
    invitation = cast.meeting()
    cast.seal(invitation, 5)
    cast.answer(invitation, 5, 1, 5, 5, 5, 5, comment="Late again")
    assert post(5) == []  # more may come
    (mail,) = post(40)
    assert mail["To"] == "carol@example.com"
    assert mail["Subject"] == "Low rating, Blind spot: Dana Whitfield, with Alice"
    words = " ".join(text(mail).split())
    assert "LOW RATING, BLIND SPOT: Dana Whitfield, Northwind with Alice, 18 Nov; due 20 Nov" in words
    assert "Competency 1 Alice guessed 5 <" in words
    assert "Late again" in words
    assert "So far: Predisposed, loyalty 67" not in words
    assert "from 1 answer" in words
    assert "To try (Competency): Bring the one person who can answer" in words
    with db.reading() as session:
        alert = session.exec(select(Alert.id).where(col(Alert.kind) == "low")).one()
    assert f"{HERE}/alerts/{alert}" in words
    assert post(60) == []


def test_several_alerts_share_one_mail(cast, post):
    for contact in ("Dana", "Eli", "Fay", "Gus", "Hal", "Ida"):
        cast.answer(cast.meeting(contact=contact), 1)
    (mail,) = post(40)
    assert mail["Subject"] == "6 alerts: Dana, Eli, Fay, Gus and 2 more"


def test_mail_tried_before_gathers_nothing_new(cast, clock, office, post):
    """It may have arrived: sent again it is the same mail, under the same Message-ID."""
    cast.answer(cast.meeting(contact="Dana"), 1)
    cast.answer(cast.meeting(contact="Eli"), 1)
    office.refuse = 1
    assert post(40) == []
    clock.forward(seconds=30)
    cast.answer(cast.meeting(contact="Fay"), 1)
    again, new = sorted(mail["Subject"] for mail in post(60))
    assert (again, new) == ("2 alerts: Dana, Eli", "Low rating, Unusual: Fay, with Alice")


def test_watch_alert_is_not_mailed(cast, post):
    cast.answer(cast.meeting(), 3)
    with cast.db.reading() as session:
        assert session.exec(select(Alert.severity)).one() == "watch"
    assert post(60) == []


def test_further_urgent_reason_is_mailed_again(cast, clock, post):
    met = cast.meeting()
    cast.answer(met, 1)
    assert len(post(40)) == 1
    cast.answer(met, 1)
    assert post(40) == []
    clock.forward(days=1)
    cast.answer(cast.meeting(), 1)
    assert len(post(40)) == 1


def test_reason_that_comes_while_the_mail_waits_goes_with_it(cast, post, db):
    for _ in range(2):
        cast.answer(cast.meeting(), 1)
    with db.reading() as session:
        assert len(session.exec(select(Outbox).where(col(Outbox.kind) == "alert")).all()) == 1
    assert len(post(40)) == 1


def test_alert_closed_before_mailing_is_not_mailed(cast, clock, post, db):
    cast.answer(cast.meeting(), 1)
    with db.reading() as session:
        alert = session.exec(select(Alert)).one()
    with change(cast.db, cast.alice.organisation_id, clock()) as c:
        handle.close_alert(c, alert.id, cast.carol.id, outcome="recovered", words="Called")  # fmt: skip
    cast.answer(cast.meeting(contact="Fay"), 1)
    assert ["Fay" in mail["Subject"] for mail in post(40)] == [True]


def test_alert_goes_to_teams_manager_or_owner(cast, post):
    cast.answer(cast.meeting("alice", "Dana"), 1)
    cast.answer(cast.meeting("bob", "Eli"), 1)
    arrived = {mail["To"]: mail["Subject"] for mail in post(40)}
    assert arrived == {
        "carol@example.com": "Low rating: Dana, with Alice",
        "olive@example.com": "Low rating: Eli, with Bob",
    }


def test_refused_mail_is_retried_as_one(cast, office, post):
    for contact in ("Dana", "Eli"):
        cast.answer(cast.meeting(contact=contact), 1)
    office.refuse = 1
    assert post(40) == []
    (mail,) = post(70)
    assert mail["Subject"] == "2 alerts: Dana, Eli"


def test_former_manager_gets_no_alert_mail(cast, clock, post, db):
    cast.answer(cast.meeting(), 1)
    with db.writing() as session:
        session.exec(update(User).where(col(User.id) == cast.carol.id).values(ended_at=clock()))
    assert post(40) == []
    with db.reading() as session:
        waiting = session.exec(select(Outbox)).one()
    assert (waiting.recipient, waiting.error) == (
        "carol@example.com",
        "not told: the person it was for has left",
    )


@pytest.fixture
def week(cast, clock):
    """A week in which Dana fell from 100 to 0 for Alice, and Eli was fine; and the week before it."""
    cast.answer(cast.meeting("alice", "Dana"), 5)
    cast.answer(cast.meeting("bob", "Gus"), 5)
    clock.now += timedelta(days=6)
    for contact, said in (("Dana", 1), ("Eli", 3)):
        cast.answer(cast.meeting("alice", contact), said)
    clock.now = MONDAY_SEVEN + timedelta(days=7, minutes=-1)


@pytest.mark.usefixtures("week")
def test_weekly_mail_tells_the_week_on_monday(cast, clock, post):
    post()  # the alerts of the week
    assert post() == []
    arrived = {mail["To"]: mail for mail in post(60)}
    assert arrived.keys() == {"carol@example.com", "olive@example.com"}
    words = " ".join(text(arrived["carol@example.com"]).split())
    assert words.startswith("WEEK 48, 23 Nov - 29 Nov Team loyalty ")
    assert "- Alice: " in words
    assert (
        "after Dana, Northwind: now 49, before 100" in words
    )  # 100 and then 0, six days apart with a half-life of 90
    assert "ALERTS OVERDUE: 2 of 2 open" in words
    assert 'TURNED "FINE": 1 - Eli, Northwind, with Alice' in words
    assert f"{HERE}/leaderboard/2026-W48" in words
    assert "Bob" not in words
    assert "Bob" in text(arrived["olive@example.com"])


@pytest.mark.usefixtures("week")
def test_weekly_mail_has_an_html_part(post):
    post()
    mail = next(mail for mail in post(60) if mail["To"] == "carol@example.com")
    page = mail.get_body(("html",)).get_content()
    assert "after Dana, Northwind: now 49, before 100" in " ".join(page.split())
    assert "width=device-width" in page


@pytest.mark.usefixtures("week")
def test_weekly_mail_goes_once(post):
    post()
    assert len(post(60)) == 2
    assert [post(3600) for _ in range(5)] == [[]] * 5


@pytest.mark.usefixtures("week")
def test_late_worker_still_sends_weekly_mail(clock, post):
    clock.forward(days=2)
    assert {mail["To"] for mail in post(60)} >= {"carol@example.com", "olive@example.com"}


def test_week_is_told_once_it_was_recorded(cast, clock, db):
    cast.answer(cast.meeting(), 5)
    clock.now = MONDAY_SEVEN + timedelta(minutes=1)

    def queued() -> int:
        queue_weekly(db, cast.olive.organisation_id, clock())
        with db.reading() as session:
            return len(session.exec(select(Outbox).where(col(Outbox.kind) == "weekly")).all())

    before = queued()
    run_daily(db, cast.olive.organisation_id, clock())
    assert (before, queued()) == (0, 2)


@pytest.mark.usefixtures("week")
def test_who_comes_after_the_weekly_mail_begins_with_the_next(cast, clock, post):
    clock.forward(days=2)
    cast.add("dora", "manager", "North")
    assert {mail["To"] for mail in post(60)} == {"carol@example.com", "olive@example.com"}


@pytest.mark.usefixtures("week")
def test_resent_mail_keeps_its_message_id(cast, post, db):
    post()
    first = post(60)
    with db.writing() as session:  # as if the worker was killed before it could report
        session.exec(update(Outbox).where(col(Outbox.kind) == "weekly").values(sent_at=None))
    again = post(600)
    assert {mail["Message-ID"] for mail in again} == {mail["Message-ID"] for mail in first}


@pytest.mark.usefixtures("week")
def test_weekly_mail_for_reps_hides_unsealed_answers(cast, clock, post, db):
    with db.writing() as session:
        session.exec(update(Organisation).values(reps_weekly_mail=True))
    post()
    arrived = {mail["To"]: text(mail) for mail in post(60)}
    assert {"alice@example.com", "bob@example.com"} < arrived.keys()
    assert "To guess and seal" in arrived["alice@example.com"]
    # Nothing she has not guessed shows: not the score it moved, and not what was said.
    assert "appears once the guesses" in arrived["alice@example.com"]


def test_owner_without_reps_gets_no_weekly_mail(cast, clock, post):
    clock.now = MONDAY_SEVEN
    assert {mail["To"] for mail in post(60)} == {
        "carol@example.com",
        "olive@example.com",
    }


def test_weekly_mail_uses_organisations_time_zone(cast, clock, post, db):
    with db.writing() as session:
        session.exec(update(Organisation).values(timezone="Pacific/Auckland"))
    clock.now = MONDAY_SEVEN - timedelta(hours=12, minutes=1)  # a minute to seven there
    assert post() == []
    assert len(post(60)) == 2


def test_only_latest_missed_weekly_mail_is_sent(cast, clock, app, post):
    clock.now = MONDAY_SEVEN
    for _ in range(3):  # no mail server is set
        run_due_jobs(cast.db, clock.forward(days=7))
    assert len(post(60)) == 2  # Carol's and Olive's about last week


@pytest.mark.usefixtures("week")
def test_urgent_alert_goes_before_weekly_mails(cast, clock, post):
    post()
    clock.forward(minutes=1)
    cast.answer(cast.meeting("alice", "Fay"), 1)
    clock.forward(seconds=30)  # all are due, the weekly ones for longer
    assert next(mail["Subject"] for mail in post()).startswith("Low rating: Fay")


def test_manager_mail_is_english_after_foreign_receipt(cast, clock, app, post):
    met = cast.meeting(email="tanaka@example.com")
    state = Submission(ratings=dict.fromkeys(DIMENSIONS, 1), done=True, language="ja")
    cast.submit(met, state, Sender(receipts=HERE))
    clock.forward(seconds=30)
    arrived = {mail["To"]: text(mail) for mail in post()}
    assert "さん" in arrived["tanaka@example.com"]
    assert "18 Nov; due 20 Nov" in arrived["carol@example.com"]


def test_mails_are_in_the_persons_language(cast, clock, db, post):
    with db.writing() as session:
        session.exec(update(Organisation).values(language="fr"))
        session.exec(update(User).where(col(User.id) == cast.carol.id).values(language="de"))
    met = cast.meeting()
    cast.seal(met, 5)
    cast.answer(met, 1)
    (alert,) = post(30)
    assert alert["Subject"] == "Schlechte Bewertung, Blinder Fleck: Dana Whitfield, mit Alice"
    assert "mit Alice, 18. Nov.; fällig am 20. Nov." in text(alert)
    assert '<html lang="de">' in alert.get_body(("html",)).get_content()
    clock.now = MONDAY_SEVEN
    weekly = {mail["To"]: mail["Subject"] for mail in post(60)}
    assert weekly["carol@example.com"] == "Woche 47: wer mehr als Doughnuts mitbringt"
    assert (
        weekly["olive@example.com"].replace("\xa0", " ") == "Semaine 47 : qui apporte plus que des doughnuts"
    )


def test_weekly_mail_tells_rep_it_is_early(cast, clock, db, post):
    with db.writing() as session:
        session.exec(update(Organisation).values(reps_weekly_mail=True))
    met = cast.meeting()
    cast.seal(met, 4)
    cast.answer(met, 4)
    clock.now = MONDAY_SEVEN
    arrived = {mail["To"]: text(mail) for mail in post(60)}
    assert "too early for a loyalty score: 0.9 of the three voices" in arrived["alice@example.com"]


def test_broken_mail_stops_no_other(cast, clock, db, post):
    """A rep's weekly mail, for somebody who is a rep no more."""
    with db.writing() as session:
        session.exec(update(Organisation).values(reps_weekly_mail=True))
    clock.now = MONDAY_SEVEN
    run_due_jobs(cast.db, clock())
    with db.writing() as session:
        session.exec(update(User).where(col(User.id) == cast.alice.id).values(role="manager"))
    assert {mail["To"] for mail in post(60)} >= {"olive@example.com", "bob@example.com"}
