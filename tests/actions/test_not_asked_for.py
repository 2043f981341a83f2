"""What nobody asked for changes nothing: a decision about an answer that has not settled, a verdict on a promise."""

from datetime import date, timedelta

import pytest
from sqlmodel import select
from support.dump import dump
from support.pages import six

from feedback.actions import answers, decisions, promises
from feedback.actions.answers import Submission
from feedback.actions.promises import NewPromise
from feedback.core.dimensions import DIMENSIONS
from feedback.db.change import Invalid
from feedback.models import Feedback, Promise, Side

# What people are promised, by its own number: one that moves in the code is to be noticed.
IDLE = timedelta(minutes=10)

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


def test_unsettled_answer_cannot_be_decided(cast, clock, db):
    """It is disputed already, so that nothing but its settling is missing."""
    met = cast.meeting()
    cast.answer(met, 4, done=False)
    with cast.changing() as c:
        answers.dispute_answer(c, met.id, with_key=True)
    before = dump(db)
    for accept in (True, False):
        with cast.changing() as c, pytest.raises(Invalid, match="nothing to decide"):
            decisions.decide_answer(c, met.id, cast.carol.id, accept=accept, reason="I called Dana")
    assert dump(db)["feedback"] == before["feedback"]
    assert dump(db)["audit"] == before["audit"]
    clock.forward(seconds=IDLE.total_seconds() + 1)
    with cast.changing() as c:
        decisions.decide_answer(c, met.id, cast.carol.id, accept=True, reason="I called Dana")
        assert c.session.exec(select(Feedback.decided_at).where(Feedback.side == Side.CLIENT)).one() == c.now


@pytest.fixture
def promised(cast):
    """promised(due) is a promise of Alice's to Dana, and the invitation of the next meeting."""

    def meet(due: date):
        met = cast.meeting()
        with cast.changing() as c:
            said = NewPromise(side="rep", words="Send the numbers", due_on=due)
            promises.note_promise(c, met.meeting_id, met.contact_id, said)
        cast.clock.forward(days=7)
        with cast.db.reading() as session:
            return session.exec(select(Promise.id)).one(), cast.meeting()

    return meet


def judge(cast, met, promise_id):
    """Dana sends a verdict with Done, whether or not she was asked; what is stored then."""
    state = Submission(six(4), verdicts={promise_id: "kept"}, done=True)
    cast.submit(met, state)
    with cast.db.reading() as session:
        return session.get(Promise, (met.organisation_id, promise_id)).verdict


def test_verdict_that_was_asked_for_is_stored(cast, promised):
    promise_id, met = promised(date(2026, 11, 20))
    assert judge(cast, met, promise_id) == "kept"


def test_verdict_is_ignored_where_another_question_was_asked(cast, promised):
    """The promise came up only after the question had been chosen: it is due, and was not asked about."""
    met = cast.meeting()
    cast.answer(met, *([4] * len(DIMENSIONS)))
    promise_id, later = promised(date(2026, 11, 20))
    assert judge(cast, met, promise_id) is None
    assert judge(cast, later, promise_id) == "kept"


def test_verdict_on_anothers_promise_is_ignored(cast, promised):
    """Dana was asked about hers; Eli's is due as well."""
    eli = cast.meeting(contact="Eli")
    with cast.changing() as c:
        said = NewPromise(side="rep", words="Call Eli", due_on=date(2026, 11, 20))
        promises.note_promise(c, eli.meeting_id, eli.contact_id, said)
        elis = c.session.exec(select(Promise.id)).one()
    met = cast.meeting()
    with cast.changing() as c:
        said = NewPromise(side="rep", words="Send the numbers", due_on=date(2026, 11, 20))
        promises.note_promise(c, met.meeting_id, met.contact_id, said)
    cast.clock.forward(days=7)
    assert judge(cast, cast.meeting(), elis) is None
