"""The example organisation's people are made up: no mail is queued for them, whatever happens."""

from datetime import timedelta

import pytest
from sqlmodel import select, update

from feedback.actions.answers import dispute_answer
from feedback.jobs.daily import run_daily
from feedback.models import Alert, Organisation, Outbox


@pytest.fixture
def eventful(cast, clock):
    """eventful() is all that mails are queued for, over two weeks; the kinds of mail that are."""

    def play():
        low, disputed = cast.meeting("alice", "Dana"), cast.meeting("bob", "Eli")
        cast.answer(low, 1)
        cast.answer(disputed, 5)
        with cast.changing() as c:
            dispute_answer(c, disputed.id, with_key=True)
        for _ in range(2):
            clock.now += timedelta(days=7)
            run_daily(cast.db, cast.olive.organisation_id, clock())
        with cast.db.reading() as session:
            assert len(session.exec(select(Alert)).all()) == 2
            return {mail.kind for mail in session.exec(select(Outbox))}

    return play


@pytest.mark.parametrize(("demo", "queued"), [(False, {"alert", "weekly", "own_weekly"}), (True, set())])
def test_example_organisation_queues_no_mail(cast, eventful, demo, queued):
    with cast.db.writing() as session:
        session.execute(update(Organisation).values(demo=demo, reps_weekly_mail=True))
    assert eventful() == queued
