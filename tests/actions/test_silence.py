"""Silence opens an alert as days pass, and meeting again closes it."""

import io

import pytest
from sqlmodel import col, select, update

from feedback.actions.alerts import handle
from feedback.actions.change import change
from feedback.imports.run import ImportKind, import_file
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


def test_silence_alert_after_90_days(cast, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    pass_days(90)
    assert silences() == []
    pass_days(1)
    assert [(alert.severity, alert.closed_at) for alert in silences()] == [("watch", None)]


def test_silence_opens_one_alert_only(cast, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    for _ in range(3):
        pass_days(91)
    assert len(silences()) == 1


def test_unanswered_contact_is_not_silent(cast, pass_days, silences):
    cast.meeting()
    cast.answer(cast.meeting(contact="Eli"), 5)
    pass_days(200)
    assert len(silences()) == 1  # Eli's; nobody knows yet how Dana sees it


def test_silence_uses_accounts_review_days(cast, db, pass_days, silences):
    cast.answer(cast.meeting(), 5)
    cast.answer(cast.meeting(contact="Eli", account="Southwind"), 5)
    with db.writing() as session:
        session.exec(update(Account).where(col(Account.name) == "Northwind").values(review_days=14))
    pass_days(15)
    assert len(silences()) == 1


def test_new_meeting_closes_silence_alert(cast, db, pass_days, silences):
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


def test_accepted_silence_returns_after_another_interval(cast, pass_days, silences, clock):
    cast.answer(cast.meeting(), 5)
    pass_days(91)
    with change(cast.db, cast.alice.organisation_id, clock()) as c:
        handle.close_alert(c, silences()[0].id, cast.carol.id, outcome="accepted", words="They close for winter")  # fmt: skip
    pass_days(90)
    assert len(silences()) == 1
    pass_days(1)
    assert len(silences()) == 2


def test_former_rep_gets_no_silence_alert(cast, db, pass_days, silences, clock):
    cast.answer(cast.meeting(), 5)
    with db.writing() as session:
        session.exec(update(User).where(col(User.id) == cast.alice.id).values(ended_at=clock()))
    cast.answer(cast.meeting("bob", "Eli"), 5)
    pass_days(100)
    assert len(silences()) == 1  # Bob's


def test_silence_check_is_per_organisation(cast, pass_days, silences):
    cast.add("mara", "rep", "East", organisation_id=cast.mallory.organisation_id)
    cast.answer(cast.meeting("mara"), 5)
    cast.answer(cast.meeting(), 5)
    pass_days(100)
    assert [alert.organisation_id for alert in silences()] == [cast.alice.organisation_id]


def test_imported_silence_waits_until_the_import_cannot_be_undone(cast, pass_days, silences, clock):
    """An alert would forbid to undo it."""
    row = "rep_email,account,contact,held_at,client_integrity\nalice@example.com,Northwind,Dana,2026-05-04T10:00+02:00,4\n"
    import_file(
        cast.db, cast.olive.organisation_id, ImportKind.HISTORY, io.BytesIO(row.encode()), now=clock()
    )
    clock.forward(hours=23, minutes=59)
    pass_days(0)
    assert silences() == []
    clock.forward(minutes=1)
    pass_days(0)
    assert len(silences()) == 1


def test_of_several_silences_the_one_closed_last_counts(cast, pass_days, silences, clock):
    cast.answer(cast.meeting(), 5)
    pass_days(91)
    for _ in range(2):
        with change(cast.db, cast.alice.organisation_id, clock()) as c:
            handle.close_alert(c, silences()[-1].id, cast.carol.id, outcome="accepted", words="They close for winter")  # fmt: skip
        known = len(silences())
        pass_days(90)
        assert len(silences()) == known
        pass_days(1)
        assert len(silences()) == known + 1
