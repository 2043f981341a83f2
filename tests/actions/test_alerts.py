"""One open alert per relationship: what opens it, what is added to it, and what is struck out."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlmodel import col, select

from feedback.actions import answers
from feedback.actions.alerts import handle
from feedback.actions.answers import Submission
from feedback.jobs.daily import run_daily
from feedback.models import Alert, AlertReason


@pytest.fixture
def alerts(db):
    """alerts() is every alert: what it is filed under, its severity, how many reasons stand, whether it is open."""

    def look() -> list[tuple[str, str, int, bool]]:
        with db.reading() as session:
            stands = list(
                session.exec(select(AlertReason.alert_id).where(col(AlertReason.struck_at).is_(None)))
            )
            return sorted(
                (a.kind, a.severity, stands.count(a.id), a.closed_at is None)
                for a in session.exec(select(Alert))
            )

    return look


@pytest.fixture
def reasons(db):
    """reasons() is every reason as (kind, severity, whether it stands), in the order they were given."""

    def look() -> list[tuple[str, str, bool]]:
        with db.reading() as session:
            rows = session.exec(
                select(AlertReason).order_by(col(AlertReason.created_at), col(AlertReason.kind))
            )
            return [(row.kind, row.severity, row.struck_at is None) for row in rows]

    return look


@pytest.fixture
def close(cast, db, clock):
    """close() is Carol closing whatever is open."""

    def end() -> None:
        with db.reading() as session:
            waiting = session.exec(select(Alert).where(col(Alert.closed_at).is_(None))).all()
        for alert in waiting:
            handle.close_alert(db, alert.organisation_id, alert.id, cast.carol.id, outcome="recovered", words="x",
                               now=clock())  # fmt: skip

    return end


def test_a_low_answer_opens_one(cast, alerts):
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, True)]


def test_a_good_answer_opens_none(cast, alerts):
    cast.seal(met := cast.meeting(), 4)
    cast.answer(met, 4)
    assert alerts() == []


def test_the_same_answer_saved_again_is_the_same_reason(cast, alerts):
    met = cast.meeting()
    for _ in range(3):
        cast.answer(met, 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, True)]


def test_a_further_answer_is_added_to_the_open_one(cast, alerts):
    for _ in range(2):
        cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 2, True)]


def test_one_bad_meeting_makes_one_alert_with_all_its_reasons(cast, clock, alerts, reasons):
    """A low answer that is a drop and a blind spot as well was three alerts with the same six figures."""
    cast.answer(cast.meeting(), 5)
    clock.forward(days=1)
    cast.seal(met := cast.meeting(), 5)
    cast.answer(met, 1)
    assert alerts() == [("low", "urgent", 3, True)]
    assert reasons() == [("blind_spot", "urgent", True), ("drop", "urgent", True), ("low", "urgent", True)]


def test_an_alert_is_filed_under_its_leading_reason(cast, clock, alerts):
    cast.answer(cast.meeting(), 3)  # fine: watch
    clock.forward(days=1)
    cast.seal(met := cast.meeting(), 5)
    cast.answer(met, 4, 4, 4, 4, 2, 4)  # a single 2, a watch; guessed 5, three away: urgent
    assert alerts() == [("blind_spot", "urgent", 3, True)]


def test_a_reason_that_falls_away_is_struck_out_and_the_rest_stands(cast, clock, alerts, reasons):
    cast.answer(cast.meeting(), 3)
    clock.forward(days=1)
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 1)
    cast.answer(met, 5)
    assert reasons() == [("fine", "watch", True), ("low", "urgent", False)]
    assert alerts() == [("fine", "watch", 1, True)]


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


def test_a_blind_spot_that_shows_after_it_was_closed_opens_anew(cast, alerts, close):
    """It is another reason than the one that was dealt with."""
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 1)
    close()
    cast.seal(met, 5)
    assert alerts() == [("blind_spot", "urgent", 1, True), ("low", "urgent", 1, False)]


def test_the_next_bad_answer_opens_a_new_one(cast, alerts, close):
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    close()
    cast.answer(cast.meeting(), 5, 5, 5, 5, 5, 1)
    assert alerts() == [("low", "urgent", 1, False), ("low", "urgent", 1, True)]


def test_nothing_is_made_of_taps_that_are_still_coming_in(cast, alerts):
    met = cast.meeting()
    tapping = {"integrity": 1, "savvy": 1}
    answers.save_answer(cast.db, met.organisation_id, met.id, Submission(tapping), cast.clock())
    assert alerts() == []
    answers.save_answer(cast.db, met.organisation_id, met.id, Submission(done=True), cast.clock())
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
    # 100 before; six fours are 75: 25 below
    cast.answer(cast.meeting(), 5)
    clock.forward(days=1)
    cast.answer(cast.meeting(), 4)
    assert alerts() == [("drop", "urgent", 1, True)]


def test_twenty_four_points_below_are_no_drop(cast, clock, alerts):
    # 4 4 4 4 4 5 is 25 * (25 / 6 - 1) = 79.17
    cast.answer(cast.meeting(), 5)
    clock.forward(days=1)
    cast.answer(cast.meeting(), 4, 4, 4, 4, 4, 5)
    assert alerts() == []


def test_an_earlier_meeting_answered_late_is_no_drop(cast, clock, alerts):
    earlier = cast.meeting()
    clock.forward(days=1)
    cast.answer(cast.meeting(), 5)
    cast.answer(earlier, 4)
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


def test_a_tap_that_is_corrected_takes_its_alert_back(cast, alerts, clock):
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 1)
    clock.forward(seconds=3)
    cast.answer(met, 5)
    assert alerts() == [("low", "urgent", 0, False)]
    cast.answer(met, 1)  # and it was right after all
    assert ("low", "urgent", 1, True) in alerts()


def test_an_erased_answer_takes_its_watch_back(cast, alerts, clock):
    met = cast.meeting()
    cast.answer(met, 3)
    answers.erase_answer(cast.db, met.organisation_id, met.id, clock())
    assert alerts() == [("fine", "watch", 0, False)]


def test_what_somebody_has_taken_stays_open(cast, alerts, db, clock):
    met = cast.meeting()
    cast.answer(met, 1)
    with db.reading() as session:
        alert = session.exec(select(Alert)).one()
    handle.take_alert(db, alert.organisation_id, alert.id, cast.carol.id, clock())
    cast.answer(met, 5)
    assert alerts() == [("low", "urgent", 0, True)]


def test_what_others_gave_reason_for_stays_open(cast, alerts, clock):
    cast.answer(cast.meeting(), 1)
    clock.forward(days=1)
    met = cast.meeting()
    cast.answer(met, 2)
    cast.answer(met, 4)
    assert alerts() == [("low", "urgent", 1, True)]


def test_what_gets_worse_after_it_was_closed_opens_again(cast, alerts, close):
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 2)
    close()
    cast.answer(met, 1)
    assert alerts() == [("low", "urgent", 1, True), ("low", "watch", 1, False)]


def test_sealing_over_a_half_finished_answer_is_no_alert_yet(cast, alerts, clock):
    met = cast.meeting()
    answers.save_answer(cast.db, met.organisation_id, met.id, Submission(ratings={"integrity": 1}), clock())
    cast.seal(met, 5)
    assert alerts() == []


@pytest.mark.parametrize("sealed", [False, True])
def test_a_half_done_answer_is_looked_at_once_it_has_settled(cast, alerts, clock, sealed):
    met = cast.meeting()
    answers.save_answer(
        cast.db, met.organisation_id, met.id, Submission(ratings={"integrity": 1, "savvy": 2}), clock()
    )
    if sealed:
        cast.seal(met, 5)
    clock.forward(minutes=9)
    cast.settle()
    assert alerts() == []
    for _ in range(2):
        clock.forward(minutes=1)
        cast.settle()
        assert alerts() == [("low", "urgent", 2 if sealed else 1, True)]


def test_silence_is_one_more_reason_of_the_open_alert(cast, alerts, reasons, clock):
    cast.answer(cast.meeting(), 3)
    run_daily(cast.db, cast.alice.organisation_id, clock.forward(days=91))
    assert alerts() == [("fine", "watch", 2, True)]
    assert reasons() == [("fine", "watch", True), ("silence", "watch", True)]


def test_reopened_or_worse_it_is_due_anew(cast, close, clock, db):
    met = cast.meeting()
    cast.answer(met, 5, 5, 5, 5, 5, 2)
    clock.forward(days=12)  # a Monday
    cast.answer(cast.meeting(), 1)
    with db.reading() as session:
        worse = session.exec(select(Alert)).one()
    close()
    clock.forward(days=10)
    handle.reopen_alert(db, worse.organisation_id, worse.id, cast.carol.id, clock())
    with db.reading() as session:
        again = session.get_one(Alert, (worse.organisation_id, worse.id))
    assert [alert.due_at > clock.now - timedelta(days=10 * n) for n, alert in ((1, worse), (0, again))] == [
        True,
        True,
    ]


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_a_bad_answer_that_meets_the_closing_of_its_alert_is_heard(cast, alerts, clock, db):
    """Many times over: the answer is saved, and an alert of it is open, whoever is faster."""
    for n in range(8):
        cast.answer(cast.meeting(), 1)
        with db.reading() as session:
            alert = session.exec(
                select(Alert).where(col(Alert.kind) == "low", col(Alert.closed_at).is_(None))
            ).one()
        clock.forward(hours=1)
        met = cast.meeting()
        closing = Thread(
            target=handle.close_alert, args=(db, alert.organisation_id, alert.id, cast.carol.id),
            kwargs={"outcome": "recovered", "words": str(n), "now": clock()},
        )  # fmt: skip
        closing.start()
        cast.answer(met, 1)
        closing.join()
        with db.reading() as session:
            mine = select(AlertReason.alert_id).where(col(AlertReason.invitation_id) == met.id)
            kept = session.exec(select(Alert).where(col(Alert.id).in_(mine))).all()
            closed = session.get_one(Alert, (alert.organisation_id, alert.id))
        # Either the answer came first and Carol closed it knowing it, or a new alert stands open.
        assert kept
        assert kept[0].id == closed.id or kept[0].closed_at is None
