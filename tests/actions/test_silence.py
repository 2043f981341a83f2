"""Silence opens an alert as days pass, and meeting again closes it."""

import pytest
from sqlmodel import col, select, update

from feedback.actions.alerts import handle
from feedback.jobs.daily import run_daily
from feedback.models import Account, Alert, AlertEvent, User


@pytest.fixture
def pass_days(cast, clock):
    def on(days):
        clock.forward(days=days)
        run_daily(cast.db, cast.alice.organisation_id, clock())

    return on


@pytest.fixture
def silences(db):
    def look():
        with db.reading() as session:
            return session.exec(
                select(Alert).where(col(Alert.kind) == "silence").order_by(col(Alert.created_at))
            ).all()

    return look


def test_ninety_days_without_a_meeting_are_silence(cast, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    pass_days(90)
    assert silences() == []
    pass_days(1)
    assert [(alert.severity, alert.closed_at) for alert in silences()] == [("watch", None)]


def test_looking_every_minute_opens_one(cast, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    for _ in range(3):
        pass_days(91)
    assert len(silences()) == 1


def test_somebody_who_never_answered_is_not_silent(cast, pass_days, silences):
    cast.meeting()
    pass_days(200)
    assert silences() == []


def test_an_account_has_its_own_interval(cast, db, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    cast.answer(cast.meeting(contact="Eli", account="Southwind"), 5)
    with db.writing() as session:
        session.exec(update(Account).where(col(Account.name) == "Northwind").values(review_days=14))
    pass_days(15)
    assert len(silences()) == 1


def test_meeting_again_closes_it_by_itself(cast, db, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    pass_days(91)
    pass_days(1)
    cast.meeting()
    pass_days(0)
    assert silences()[0].outcome == "recovered"
    with db.reading() as session:
        assert session.exec(select(AlertEvent.user_id, AlertEvent.note)).all() == [
            (None, "They have met again.")
        ]


def test_what_was_accepted_is_not_told_again_before_another_interval(cast, pass_days, silences, clock):
    cast.answer(cast.meeting(), 5)
    pass_days(91)
    handle.close_alert(cast.db, cast.alice.organisation_id, silences()[0].id, cast.carol.id, outcome="accepted",
                       words="They close for winter", now=clock())  # fmt: skip
    pass_days(90)
    assert len(silences()) == 1
    pass_days(1)
    assert len(silences()) == 2


def test_a_rep_who_left_is_not_asked(cast, db, pass_days, silences, clock):
    cast.answer(cast.meeting(), 5)
    with db.writing() as session:
        session.exec(update(User).where(col(User.id) == cast.alice.id).values(ended_at=clock()))
    pass_days(100)
    assert silences() == []


def test_another_organisations_silence_is_its_own(cast, pass_days, silences):
    cast.add("mara", "rep", "East", organisation_id=cast.mallory.organisation_id)
    cast.answer(cast.meeting("mara"), 5)
    pass_days(100)
    assert silences() == []
