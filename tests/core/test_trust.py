"""What an answer's circumstances tell."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.trust import NOT_LISTED, STRONG, Circumstances, Signal, quarantined, signals_of, unusual

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
SIX = (5, 4, 5, 4, 5, 4)


def noticed(ratings=SIX, **how) -> set[str]:
    usual = {"opened_at": NOON, "complete_at": NOON + timedelta(seconds=20)}
    return set(signals_of(Circumstances(ratings, **{**usual, **how})))


def test_ordinary_answer_has_no_signal():
    assert noticed() == set()


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"reps_device": True}, {"reps_browser"}),
        ({"contacts_on_device": 3}, {"one_device"}),
        ({"contacts_on_device": 2}, set()),
        ({"same_place": True}, {"same_place"}),
        ({"complete_at": NOON + timedelta(seconds=4)}, {"hurried"}),
        ({"complete_at": NOON + timedelta(seconds=4.1)}, set()),
        ({"complete_at": NOON - timedelta(seconds=1)}, set()),  # a clock that was put back
        ({"alike": 3}, {"alike"}),
        ({"alike": 2}, set()),
        ({"handed_over": True}, {"handed_over"}),
        ({"scripted": False}, {"no_script"}),
        ({"opened_at": None}, {"no_script"}),
        ({"opened_at": None, "from_outside": False}, set()),
        ({"held_at": NOON, "address_typed_at": NOON + timedelta(seconds=1)}, {"typed_address"}),
        ({"held_at": NOON, "address_typed_at": NOON}, {"new_address"}),
        ({"held_at": NOON, "address_typed_at": NOON - timedelta(seconds=1)}, set()),
        ({"own_address": True}, {"own_address"}),
    ],
)
def test_each_circumstance_has_its_signal(how, expected):
    assert noticed(**how) == expected


def test_handed_over_phone_has_one_signal():
    assert noticed(handed_over=True, reps_device=True, contacts_on_device=9, same_place=True) == {
        "handed_over"
    }


def test_incomplete_answer_is_not_hurried_or_alike():
    assert noticed((*SIX[:5], None), complete_at=None, alike=9) == set()


@pytest.mark.parametrize("signal", Signal)
def test_strong_signals_quarantine_weak_are_unusual(signal):
    assert quarantined([signal]) is (signal in STRONG)
    assert unusual([signal]) is (signal not in STRONG | NOT_LISTED)


def test_strong_and_quiet_signals_are_fixed():
    assert {"reps_browser", "one_device", "rep_began_again", "guest"} == STRONG
    assert {"same_place", "new_address"} == NOT_LISTED
