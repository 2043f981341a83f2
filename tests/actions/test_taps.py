"""The short way of a tap: it writes what it read about, and nothing once somebody else has written."""

from datetime import timedelta

import pytest
from sqlmodel import select

from feedback.actions import answer_keys
from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission
from feedback.actions.taps import save_next_tap
from feedback.actions.trust import Fingerprint
from feedback.core.answer_key import Browser, new_key
from feedback.models import Feedback
from feedback.store.taps import find_tapped

SENDER = Sender(new_key())


@pytest.fixture
def met(cast):
    """One row was tapped under SENDER's key."""
    found = cast.meeting()
    cast.submit(found, Submission({"savvy": 4}, sequence=1), SENDER)
    return found


@pytest.fixture
def tap(db, clock, met):
    """tap(meanwhile) reads the row, lets that happen, and taps; whether it was saved."""

    def save(meanwhile=lambda: None, sender=SENDER):
        with db.connection() as connection:
            row = find_tapped(connection, met.token, sender.key)
            meanwhile()
            return row is not None and save_next_tap(
                db, connection, row, Submission({"chemistry": 5}, sequence=3), sender, clock()
            )

    return save


def ratings(cast, met):
    return cast.reload(met).client.ratings[4:]


def test_tap_adds_to_what_was_tapped(cast, met, tap):
    assert tap()
    assert ratings(cast, met) == (4, 5)


def test_each_tap_puts_off_when_the_answer_settles(clock, db, met, tap):
    clock.forward(minutes=9)
    assert tap()
    with db.reading() as session:
        assert session.exec(select(Feedback.settles_at)).one() == clock() + timedelta(minutes=10)


def test_tap_loses_nothing_written_meanwhile(cast, met, tap):
    late = Submission({"integrity": 2}, sequence=0)  # fills in what is missing, and is not the newest
    assert not tap(lambda: cast.submit(met, late, SENDER))
    assert cast.reload(met).client.ratings == (2, None, None, None, 4, None)


def test_tap_on_ended_key_is_not_saved(cast, met, tap):
    def begin_again():
        with cast.changing() as c:
            answer_keys.begin_again(c, met.id)

    assert not tap(begin_again)
    assert not tap()
    assert ratings(cast, met) == (4, None)


def test_settled_or_closed_answer_takes_long_way(clock, tap):
    clock.forward(minutes=9)
    assert tap()
    clock.forward(minutes=11)
    assert not tap()
    clock.forward(days=20)
    assert not tap()


def test_unknown_key_takes_long_way(tap):
    assert not tap(sender=Sender(new_key()))
    assert tap()


def test_reps_browser_takes_long_way(tap):
    assert not tap(sender=Sender(SENDER.key, Fingerprint(whose=Browser.REPS)))
    assert tap()
