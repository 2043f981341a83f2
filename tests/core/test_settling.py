"""When an answer counts."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.settling import IDLE, AnswerState, notify_at, settles_at, state_at

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=14)


def minutes(n: float) -> datetime:
    return NOON + timedelta(minutes=n)


@pytest.mark.parametrize(
    ("rated", "last_tap_at", "done_at", "closes_at", "expected"),
    [
        (0, NOON, None, LATER, None),
        (0, NOON, NOON, LATER, None),  # Done with nothing rated settles nothing
        (1, NOON, None, LATER, minutes(10)),
        (6, NOON, None, LATER, minutes(10)),  # six taps are not Done
        (6, NOON, minutes(1), LATER, minutes(1)),
        (2, NOON, None, minutes(3), minutes(3)),  # the page closes first
    ],
)
def test_answer_settles_when_done_idle_or_closed(rated, last_tap_at, done_at, closes_at, expected):
    assert settles_at(rated, last_tap_at, done_at, closes_at) == expected


@pytest.mark.parametrize(
    ("due", "settled_at", "now", "expected"),
    [
        (None, None, NOON, AnswerState.OPEN),
        (minutes(10), None, minutes(9.99), AnswerState.TAPPING),
        (minutes(10), None, minutes(10), AnswerState.SETTLED),  # before anybody has noticed
        (minutes(10), minutes(10), minutes(-60), AnswerState.SETTLED),  # the clock was put back
    ],
)
def test_answer_state_follows_clock_until_settled(due, settled_at, now, expected):
    assert state_at(due, settled_at, now) is expected


@pytest.mark.parametrize(
    ("changed_at", "extras_at", "closes_at", "expected"),
    [
        (NOON, minutes(1), LATER, minutes(1)),
        (NOON, None, LATER, minutes(10)),
        (minutes(4), None, LATER, minutes(14)),
        (NOON, None, minutes(2), minutes(2)),
        (minutes(-10), None, LATER, NOON),  # settled by idling: nothing more is waited for
        (minutes(-30), None, LATER, NOON),  # never before it has settled
    ],
)
def test_webhooks_wait_until_client_is_through(changed_at, extras_at, closes_at, expected):
    assert notify_at(NOON, changed_at, extras_at, closes_at) == expected


def test_idle_is_ten_minutes():
    assert timedelta(minutes=10) == IDLE
