"""When a manager should look."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.core.alerts.reasons import (
    DUE_WORKING_DAYS,
    REVIEW_DAYS,
    AnswerFacts,
    Kind,
    Outcome,
    Reason,
    Severity,
    due_at,
    is_silent,
    leading,
    meeting_loyalty,
    reasons_of,
    reasons_of_trust,
)
from feedback.core.calendar.workdays import WorkingDays
from feedback.core.dimensions import NO_RATINGS
from feedback.core.trust import Signal

URGENT, WATCH = Severity.URGENT, Severity.WATCH
FIVES, FOURS, THREES = (5,) * 6, (4,) * 6, (3,) * 6


def severity_of(kind, answer):
    return next((reason.severity for reason in reasons_of(answer) if reason.kind is kind), None)


def test_good_answer_gives_no_reason():
    assert (
        reasons_of(AnswerFacts(FOURS, mirror=FOURS, loyalty_before=75, comment="She saved our launch")) == []
    )


def test_unrated_answer_gives_no_reason():
    assert reasons_of(AnswerFacts(NO_RATINGS, mirror=FIVES, loyalty_before=100)) == []
    assert reasons_of(AnswerFacts((1,) * 6, mirror=FIVES, loyalty_before=100)) != []


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ((1, 5, 5, 5, 5, 5), URGENT),
        ((2, 2, 5, 5, 5, 5), URGENT),
        ((2, 5, 5, 5, 5, 5), WATCH),
        ((2, None, None, None, None, None), WATCH),
        ((3, 5, 5, 5, 5, 5), None),
    ],
)
def test_one_or_two_twos_are_urgent(client, expected):
    assert severity_of(Kind.LOW, AnswerFacts(client)) is expected


@pytest.mark.parametrize(
    ("client", "before", "expected"),
    [
        (FOURS, 100, URGENT),  # 100 - 75 = 25
        (FOURS, 99.99, None),
        (FOURS, None, None),  # the first answer drops from nothing
        (FIVES, 50, None),
        (NO_RATINGS, 100, None),
        ((1, None, None, None, None, None), 25.0, URGENT),  # 25 - 0: no points at all is still a drop
    ],
)
def test_drop_of_25_points_is_urgent(client, before, expected):
    assert severity_of(Kind.DROP, AnswerFacts(client, loyalty_before=before)) is expected


def test_meeting_loyalty_is_mean_of_points():
    assert meeting_loyalty((5, 4, None, 3, None, 1)) == 56.25  # (100 + 75 + 50 + 0) / 4
    assert meeting_loyalty(NO_RATINGS) is None


@pytest.mark.parametrize(
    ("client", "mirror", "expected"),
    [
        ((2, 4, 4, 4, 4, 4), (5, 4, 4, 4, 4, 4), URGENT),  # 3 in one
        ((3, 3, 4, 4, 4, 4), (5, 5, 4, 4, 4, 4), URGENT),  # 2 in two
        ((3, 4, 4, 4, 4, 4), (5, 4, 4, 4, 4, 4), WATCH),  # 2 in one
        ((2, 4, 4, 4, 4, 4), (4, 4, 4, 4, 4, 4), WATCH),
        ((3, 3, 3, 3, 3, 3), (4, 4, 4, 4, 4, 4), None),  # 1 in all
        ((4, 4, 4, 4, 4, 4), (5, 5, 5, 5, 5, 5), None),
        ((5, 5, 5, 5, 5, 5), (1, 1, 1, 1, 1, 1), None),  # the client sees more: no blind spot
        ((1, None, 4, 4, 4, 4), (None, 5, 4, 4, 4, 4), None),  # no dimension rated by both
    ],
)
def test_blind_spot_severity_follows_overestimation(client, mirror, expected):
    assert severity_of(Kind.BLIND_SPOT, AnswerFacts(client, mirror)) is expected


def test_broken_promise_is_urgent():
    assert reasons_of(AnswerFacts(FIVES, promise_broken=True)) == [Reason(Kind.BROKEN_PROMISE, URGENT)]


@pytest.mark.parametrize("answer", [AnswerFacts(THREES), AnswerFacts(FIVES, comment="It was fine.")])
def test_fine_answer_is_a_watch(answer):
    assert reasons_of(answer) == [Reason(Kind.FINE, WATCH)]


@pytest.mark.parametrize(("rep_stage", "expected"), [("change", WATCH), ("problem", None), (None, None)])
def test_rep_two_stages_ahead_is_a_watch(rep_stage, expected):
    assert (
        severity_of(Kind.AHEAD, AnswerFacts(FIVES, client_stage="curious", rep_stage=rep_stage)) is expected
    )


def test_one_answer_gives_several_reasons():
    answer = AnswerFacts(
        (1, 1, 3, 3, 3, 3), mirror=FIVES, loyalty_before=90, promise_broken=True, comment="ok"
    )
    assert [reason.kind for reason in reasons_of(answer)] == [
        Kind.LOW,
        Kind.DROP,
        Kind.BLIND_SPOT,
        Kind.BROKEN_PROMISE,
        Kind.FINE,
    ]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, False), (0, False), (1, True)])
def test_silence_exceeds_the_review_interval(seconds, expected):
    last = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert is_silent(last, 30, last + timedelta(days=30, seconds=seconds)) is expected


def test_default_review_interval_is_90_days():
    assert REVIEW_DAYS == 90


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([], None),
        ([Reason(Kind.FINE, WATCH)], Kind.FINE),
        ([Reason(Kind.LOW, WATCH), Reason(Kind.BLIND_SPOT, URGENT)], Kind.BLIND_SPOT),  # urgent leads
        ([Reason(Kind.DROP, URGENT), Reason(Kind.LOW, URGENT)], Kind.LOW),  # then what matters most
        ([Reason(Kind.UNUSUAL, WATCH), Reason(Kind.SILENCE, WATCH)], Kind.SILENCE),
    ],
)
def test_most_urgent_reason_leads(reasons, expected):
    found = leading(reasons)
    assert (found and found.kind) is expected


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, []),
        ({"disputed": True}, [Reason(Kind.DISPUTED, URGENT)]),
        ({"quarantined": True}, [Reason(Kind.DOUBTFUL, URGENT)]),
        ({"disputed": True, "quarantined": True}, [Reason(Kind.DISPUTED, URGENT)]),
        ({"signals": [Signal.HURRIED]}, [Reason(Kind.UNUSUAL, WATCH)]),
        ({"signals": [Signal.SAME_PLACE]}, []),
        ({"signals": [Signal.HURRIED], "disputed": True, "quarantined": True, "decided": True}, []),
    ],
)
def test_undecided_doubt_is_a_reason(how, expected):
    usual = {"signals": (), "disputed": False, "quarantined": False, "decided": False}
    assert reasons_of_trust(**{**usual, **how}) == expected


@pytest.mark.parametrize(
    ("opened", "zone", "expected"),
    [
        # due at the end of the second working day: the midnight after it
        ("2026-11-16 09:00", "UTC", "2026-11-19 00:00"),  # Monday: Tuesday, Wednesday
        ("2026-11-19 09:00", "UTC", "2026-11-24 00:00"),  # Thursday: Friday, Monday
        ("2026-11-20 09:00", "UTC", "2026-11-25 00:00"),  # Friday: Monday, Tuesday
        ("2026-11-21 09:00", "UTC", "2026-11-25 00:00"),  # Saturday: the same
        ("2026-11-22 12:00", "Pacific/Auckland", "2026-11-25 11:00"),  # there Monday 01:00, at +13
        ("2026-10-22 09:00", "Europe/Berlin", "2026-10-26 23:00"),  # Monday's end is at +1 again
    ],
)
def test_due_end_of_second_working_day(opened, zone, expected):
    moment = datetime.fromisoformat(opened).replace(tzinfo=UTC)
    assert due_at(moment, ZoneInfo(zone)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("working_days", "holidays", "expected"),
    [
        (DUE_WORKING_DAYS, [date(2026, 11, 17)], date(2026, 11, 20)),  # Wednesday, Thursday
        (DUE_WORKING_DAYS, [date(2026, 11, 21)], date(2026, 11, 19)),  # a Saturday was free anyway
        (1, [], date(2026, 11, 18)),
        (0, [], date(2026, 11, 17)),  # the day itself
        (5, [], date(2026, 11, 24)),  # Tuesday to Friday, Monday
    ],
)
def test_due_date_skips_the_organisations_holidays(working_days, holidays, expected):
    monday = datetime(2026, 11, 16, 9, tzinfo=UTC)
    days = WorkingDays(off=holidays)
    assert due_at(monday, ZoneInfo("UTC"), working_days, days) == datetime(
        expected.year, expected.month, expected.day, tzinfo=UTC
    )


def test_alert_kinds_severities_and_outcomes_are_fixed():
    urgent = ["low", "broken_promise", "drop", "blind_spot", "disputed", "doubtful"]
    assert list(Kind) == [*urgent, "fine", "ahead", "silence", "unusual"]
    assert list(Severity) == ["urgent", "watch"]
    assert list(Outcome) == ["recovered", "accepted", "lost", "mistaken"]
