"""When the weekly mail is due, and what moved a score."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.core.calendar.weekly_mail import Shift, score_shift, shift_reasons, weekly_mail_due_at
from feedback.core.calendar.weeks import Week
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, relationship_numbers

BEGAN = datetime(2026, 11, 16, tzinfo=UTC)
ENDED = BEGAN + timedelta(days=7)
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 15, 23, tzinfo=UTC)  # there


@pytest.mark.parametrize(
    ("week", "zone", "expected"),
    [
        (Week(2026, 47), "Europe/Berlin", datetime(2026, 11, 23, 6, tzinfo=UTC)),
        (Week(2026, 12), "Europe/Berlin", datetime(2026, 3, 23, 6, tzinfo=UTC)),
        (Week(2026, 13), "Europe/Berlin", datetime(2026, 3, 30, 5, tzinfo=UTC)),  # the clocks went forward
        (Week(2026, 53), "Pacific/Auckland", datetime(2027, 1, 3, 18, tzinfo=UTC)),
    ],
)
def test_weekly_mail_is_due_monday_at_seven(week, zone, expected):
    assert weekly_mail_due_at(week, ZoneInfo(zone)) == expected


def said(days, rating):
    return Moment(BEGAN + timedelta(days=days), client=(rating,) * 6)


def test_shift_ignores_answers_after_the_week():
    moved = score_shift("Dana", [said(-10, 5), said(2, 1), said(9, 5)], Scoring(90), BEGAN, ENDED)
    assert moved.before == 100
    # twelve days apart: 2 ** (-12/90) = 0.9117 of a voice said 100, and one said 0: 91.17 / 1.9117
    assert moved.after == pytest.approx(47.7, abs=0.1)


def test_shift_equals_numbers_of_histories():
    scoring, dice = Scoring(90, BERLIN), random.Random(5)
    for _ in range(200):
        hours = [dice.choice((-1, 0, 1, 23, 24)) + 24 * dice.randrange(-3, 12) for _ in range(8)]
        past = [Moment(MONDAY + timedelta(hours=h), (dice.choice((None, 1, 3, 5)),) * 6) for h in hours]
        moved = score_shift("Dana", past, scoring, MONDAY, MONDAY + timedelta(days=7))
        for name, until in (("after", MONDAY + timedelta(days=7)), ("before", MONDAY)):
            wanted = relationship_numbers((m for m in past if m.held_at < until), scoring).loyalty
            assert (moved and getattr(moved, name)) == wanted or (moved is None and name == "before")


def test_no_answer_gives_no_shift():
    assert score_shift("Dana", [said(9, 5)], Scoring(90), BEGAN, ENDED) is None


def test_widest_shifts_in_same_direction_are_reasons():
    shifts = [Shift("a", 80, 60), Shift("b", 80, 79), Shift("c", 50, 90), Shift("d", 70, 40)]
    assert [each.key for each in shift_reasons(shifts, -2.0, 70)] == ["d", "a"]
    assert [each.key for each in shift_reasons(shifts, 2.0, 70)] == ["c"]


def test_new_client_is_compared_with_score_before():
    """60 lowers a score of 77, though it lies above the middle of the scale."""
    first = Shift("new", None, 60)
    assert shift_reasons([first], -1.6, 77) == [first]
    assert shift_reasons([first], 1.6, 77) == []


def test_what_did_not_move_explains_nothing():
    assert shift_reasons([Shift("a", 80, 80), Shift("b", 80, 81)], 2.0, 70) == [Shift("b", 80, 81)]
    assert shift_reasons([Shift("a", 80, 70)], 0.0, 70) == []
