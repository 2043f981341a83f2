"""How an account stands, whether it is at risk, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.accounts import (
    AccountRelationship,
    AccountState,
    Risk,
    account_state,
    loyalty_line,
    risks,
    soundness,
    worst_first,
)
from feedback.core.gaps.analysis import GapClass
from feedback.core.scoring.levels import Level, steps
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment

NOW = datetime(2026, 11, 18, tzinfo=UTC)
GOOD = AccountRelationship(80.0, 1.0)


def test_soundness_weighs_relationships_by_voice():
    # (1 * 100 + 0.5 * 25) / 1.5 = 75; voices (1 + 0.5) / 0.5
    sound = soundness(
        [AccountRelationship(100.0, 1.0), AccountRelationship(25.0, 0.5), AccountRelationship(None, 0.0)], 0.5
    )
    assert (sound.loyalty, sound.level, sound.voices) == (75.0, Level.PREDISPOSED, 3.0)
    assert (sound.relationships, sound.heard, sound.single_threaded) == (3, 2, False)


def test_unanswered_account_has_no_loyalty():
    sound = soundness([AccountRelationship(None, 0.0)], 1.0)
    assert (sound.loyalty, sound.level, sound.voices, sound.single_threaded) == (None, None, 0.0, True)


@pytest.mark.parametrize(
    ("ties", "days", "expected"),
    [
        ([GOOD, GOOD], 10, ()),
        ([AccountRelationship(74.9, 1.0), AccountRelationship(74.9, 1.0)], 10, (Risk.LOYALTY,)),
        ([AccountRelationship(75.0, 1.0), AccountRelationship(75.0, 1.0)], 10, ()),
        ([AccountRelationship(49.0, 1.0)], 10, (Risk.LOYALTY,)),
        # one good relationship outweighs a poor one: (100 + 50) / 2 = 75
        ([AccountRelationship(100.0, 1.0), AccountRelationship(50.0, 1.0)], 10, ()),
        # silence: longer than the review interval, with or without an answer
        ([GOOD, GOOD], 90, ()),
        ([GOOD, GOOD], 91, (Risk.SILENT,)),
        ([AccountRelationship(None, 0.0)], 91, (Risk.SILENT,)),
        # nobody was ever met: nothing is known, and that is no risk
        ([], None, ()),
        ([AccountRelationship(None, 0.0)], 10, ()),
        # a single thread alone is none either; a thin one is
        ([GOOD], 10, ()),
        ([AccountRelationship(80.0, 1.0, lukewarm=True)], 10, (Risk.LUKEWARM,)),
        ([AccountRelationship(80.0, 1.0, lukewarm=True), GOOD], 10, ()),
        ([AccountRelationship(80.0, 1.0, field=GapClass.BLIND_SPOT)], 10, (Risk.BLIND_SPOT,)),
        ([AccountRelationship(80.0, 1.0, field=GapClass.WEAKNESS)], 10, ()),
        ([AccountRelationship(80.0, 1.0, field=GapClass.BLIND_SPOT), GOOD], 10, ()),
        (
            [AccountRelationship(50.0, 1.0, lukewarm=True, field=GapClass.BLIND_SPOT)],
            91,
            (Risk.LOYALTY, Risk.SILENT, Risk.LUKEWARM, Risk.BLIND_SPOT),
        ),
    ],
)
def test_account_risks_are_found(ties, days, expected):
    assert risks(ties, soundness(ties, 1.0), days, 90) == expected


def test_account_state_follows_risks_and_answers():
    heard, unheard = soundness([GOOD], 1.0), soundness([], 1.0)
    assert [account_state(heard, ()), account_state(unheard, ())] == [
        AccountState.SOUND,
        AccountState.UNKNOWN,
    ]
    assert [account_state(each, (Risk.SILENT,)) for each in (heard, unheard)] == [AccountState.AT_RISK] * 2


def test_accounts_are_ordered_worst_first():
    expected = [
        (AccountState.AT_RISK, 500.0, 50.0, "b"),
        (AccountState.AT_RISK, 100.0, None, "c"),
        (AccountState.AT_RISK, None, 20.0, "z"),
        (AccountState.AT_RISK, 0.0, 30.0, "d"),
        (AccountState.SOUND, 100.0, 60.0, "e"),
        (AccountState.SOUND, 900.0, 90.0, "a"),
        (AccountState.SOUND, 900.0, 90.0, "f"),
        (AccountState.UNKNOWN, 9000.0, None, "g"),
    ]
    shuffled = expected[3:] + expected[:3]
    assert sorted(shuffled, key=lambda row: worst_first(*row)) == expected


def test_loyalty_line_follows_past_loyalty():
    first = Moment(NOW - timedelta(days=90), client=(5,) * 6)  # 100
    second = Moment(NOW, client=(3,) * 6)  # 50
    other = Moment(NOW, client=(4,) * 6)  # 75
    at = [NOW - timedelta(days=91), NOW - timedelta(days=90), NOW]
    scoring = Scoring(90)
    line = loyalty_line([[first, second], [other]], at, scoring)
    # nothing before the first; then 100; then (0.5 * 100 + 50) / 1.5 = 66.67 beside 75, with one voice each
    assert line == [None, 100.0, pytest.approx((100 / 1.5 + 75) / 2)]
    assert scoring.weight(NOW) == 2 * scoring.weight(NOW - timedelta(days=90))


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(49.9, 50, 1), (0, 100, 3), (90, 89.9, -1), (75, 89, 0), (100, 0, -3)]
)
def test_level_steps_are_counted(before, after, expected):
    assert steps(before, after) == expected
