"""What opens an alert, what is added to it, and what does not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlmodel import select

from feedback.actions import answers
from feedback.actions.answers import State
from feedback.models import Alert, AlertCause


@pytest.fixture
def alerts(db):
    """alerts() is every alert: kind, severity, how many answers gave cause, and whether it is open."""

    def look() -> list[tuple[str, str, int, bool]]:
        with db.reading() as session:
            causes = list(session.exec(select(AlertCause.alert_id)))
            return sorted(
                (a.kind, a.severity, causes.count(a.id), a.closed_at is None)
                for a in session.exec(select(Alert))
            )

    return look


@pytest.fixture
def close(db, clock):
    """close() closes whatever is open."""

    def end() -> None:
        with db.writing() as session:
            session.execute(update(Alert).values(closed_at=clock(), outcome="recovered"))

    return end


def test_a_low_answer_opens_one(cast, alerts):
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, True)]


def test_a_good_answer_opens_none(cast, alerts):
    cast.seal(met := cast.meeting(), 4)
    cast.answer(met, 4)
    assert alerts() == []


def test_the_same_answer_saved_again_is_the_same_cause(cast, alerts):
    met = cast.meeting()
    for _ in range(3):
        cast.answer(met, 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, True)]


def test_a_further_answer_is_added_to_the_open_one(cast, alerts):
    for _ in range(2):
        cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 2, True)]


def test_each_relationship_has_its_own(cast, alerts):
    for rep, contact in (("alice", "Dana"), ("alice", "Eli"), ("bob", "Dana")):
        cast.answer(cast.meeting(rep, contact), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, True)] * 3


def test_severity_rises_and_does_not_fall(cast, alerts):
    seen = []
    for worst in (2, 1, 2):
        cast.answer(cast.meeting(), 5, 5, 5, 5, 5, worst)
        seen += [severity for _, severity, _, _ in alerts()]
    assert seen == ["watch", "urgent", "urgent"]


def test_severity_rises_with_a_tap_that_is_changed(cast, alerts):
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 2)
    cast.answer(met, 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, True)]


def test_a_closed_one_does_not_open_again_for_the_same_answer(cast, alerts, close):
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 1)
    close()
    cast.answer(met, 5, 5, 5, 5, 1, 1)
    cast.seal(met, 1)
    assert alerts() == [("low", "urgent", 1, False)]


def test_the_next_bad_answer_opens_a_new_one(cast, alerts, close):
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    close()
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, False), ("low", "urgent", 1, True)]


def test_nothing_is_made_of_taps_that_are_still_coming_in(cast, alerts):
    met = cast.meeting()
    tapping = {"integrity": 1, "savvy": 1}
    answers.save(cast.db, met.organisation_id, met.id, State(tapping), cast.clock())
    assert alerts() == []
    answers.save(cast.db, met.organisation_id, met.id, State(done=True), cast.clock())
    assert alerts() == [("low", "urgent", 1, True)]


@pytest.mark.parametrize("first", ["answer", "seal"])
def test_a_blind_spot_waits_for_both_sides_in_either_order(cast, alerts, first):
    met = cast.meeting()
    steps = [lambda: cast.answer(met, 5, 5, 5, 5, 5, 3), lambda: cast.seal(met, 5)]
    for step in steps if first == "answer" else reversed(steps):
        assert alerts() == []
        step()
    assert alerts() == [("blind_spot", "watch", 1, True)]


def test_a_drop_is_measured_against_the_meetings_before(cast, clock, alerts):
    # 100 before; 4 4 4 4 5 5 is (4 * 56.25 + 200) / 6 = 70.83: 29 below
    cast.answer(cast.meeting(), 5)
    clock.forward(days=1)
    cast.answer(cast.meeting(), 4, 4, 4, 4, 5, 5)
    assert alerts() == [("drop", "urgent", 1, True)]


def test_an_earlier_meeting_answered_late_is_no_drop(cast, clock, alerts):
    earlier = cast.meeting()
    clock.forward(days=1)
    cast.answer(cast.meeting(), 5)
    cast.answer(earlier, 4, 4, 4, 4, 5, 5)
    assert alerts() == []


def test_fine_is_worth_a_watch(cast, alerts):
    cast.answer(cast.meeting(), 3, 3, 4, 4, 3, 3)
    assert alerts() == [("fine", "watch", 1, True)]


def test_a_rep_two_stages_ahead_is_worth_a_watch(cast, alerts):
    cast.seal(met := cast.meeting(), 5, stage="comparing")
    cast.answer(met, 5, stage="problem")
    assert alerts() == [("ahead", "watch", 1, True)]


def test_it_is_due_at_the_end_of_the_second_working_day(cast, clock, db):
    clock.now = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # a Friday
    cast.answer(cast.meeting(), 1)
    with db.reading() as session:
        assert session.scalar(select(Alert.due_at)) == datetime(
            2026, 11, 24, 23, 0, tzinfo=UTC
        )  # Wednesday 0:00 there
