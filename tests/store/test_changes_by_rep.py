"""What clients changed by from one half-year to the next, as the estimate of drift reads it."""

from datetime import timedelta

import pytest

from feedback.actions.answers import Submission
from feedback.core.scoring.drift import HALF_YEAR
from feedback.core.scoring.points import Scoring
from feedback.store.drift import changes_by_rep, votes_now


def changes(cast, db, at):
    with db.reading() as session:
        return changes_by_rep(session, cast.olive.organisation_id, at, [cast.alice.id, cast.bob.id])


def test_complete_answers_are_compared_by_client_and_half_year(cast, db, clock):
    """Dana said 26 / 6 and then 3 on average, Erin 3 and then 5: 33.3 points less and 50 more."""
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 5, 4, 4, 3, 5, 5)
    cast.answer(cast.meeting("alice", "Erin"), 3)
    cast.answer(cast.meeting("bob", "Dana Whitfield"), 1)
    clock.forward(days=HALF_YEAR.days)
    first = clock()
    for rating in (2, 4):
        cast.answer(cast.meeting("alice", "Dana Whitfield"), rating)
        clock.forward(days=1)
    cast.answer(cast.meeting("alice", "Erin"), 5)
    clock.forward(days=15)
    (found,) = changes(cast, db, clock())
    assert (found.rep_id, found.half_year, found.clients) == (cast.alice.id, 0, 2)
    assert found.total == pytest.approx(50 - 100 / 3)
    assert found.squares == pytest.approx(50**2 + (100 / 3) ** 2)
    assert changes(cast, db, first) == []


def test_half_years_that_are_no_neighbours_are_not_compared(cast, db, clock):
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 5)
    clock.forward(days=2 * HALF_YEAR.days)
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 1)
    clock.forward(days=15)
    assert changes(cast, db, clock()) == []
    clock.forward(days=HALF_YEAR.days - 20)
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 4)
    clock.forward(days=15)
    (found,) = changes(cast, db, clock())
    assert (found.half_year, found.total) == (0, pytest.approx(75))


def test_answers_that_had_not_settled_are_left_out(cast, db, clock):
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 5)
    clock.forward(days=HALF_YEAR.days)
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 1, done=False)
    at = clock() + timedelta(minutes=1)
    assert changes(cast, db, at) == []
    clock.forward(days=15)
    assert len(changes(cast, db, clock())) == 1
    cast.settle()
    assert len(changes(cast, db, clock())) == 1
    assert changes(cast, db, at) == []  # a freeze made up later finds the same


def test_answers_that_are_not_complete_are_left_out(cast, db, clock):
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 5)
    clock.forward(days=HALF_YEAR.days)
    met = cast.meeting("alice", "Dana Whitfield")
    cast.submit(met, Submission(ratings={"integrity": 1}, extras={}, done=True, extras_sent=True))
    clock.forward(days=15)
    assert changes(cast, db, clock()) == []


def test_of_very_many_meetings_those_of_some_reps_are_looked_at(cast, db, clock, monkeypatch):
    for days in (HALF_YEAR.days, 15):
        for rep in ("alice", "bob"):
            cast.answer(cast.meeting(rep, "Dana Whitfield"), 5)
        clock.forward(days=days)
    both = {each.rep_id for each in changes(cast, db, clock())}
    monkeypatch.setattr("feedback.store.drift.MOST_MEETINGS", 3)
    (found,) = changes(cast, db, clock())
    assert both == {cast.alice.id, cast.bob.id}
    assert found.rep_id == min(both)


def test_votes_are_added_up_as_they_weigh_now(cast, db, clock):
    """A voice of today and one of 90 days ago."""
    cast.answer(cast.meeting("alice", "Dana Whitfield"), 5)
    clock.forward(days=90)
    cast.answer(cast.meeting("bob", "Erin"), 5)
    now = clock()
    with db.reading() as session:
        found = votes_now(session, cast.olive.organisation_id, Scoring(90).weight(now))
        nobody = votes_now(session, cast.mallory.organisation_id, 1.0)
    assert (found.relationships, found.reps) == (2, 2)
    assert found.voices == pytest.approx(1.5, rel=0.01)
    assert found.squares == pytest.approx(1.25, rel=0.01)
    assert nobody.relationships == nobody.voices == nobody.squares == 0
