"""ISO weeks by the clocks of an organisation. 2026 begins on a Thursday, so it has a week 53."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.core.calendar.weeks import Week, parse_week, week_of, week_on


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2025-12-28", Week(2025, 52)),  # a Sunday
        ("2025-12-29", Week(2026, 1)),  # a Monday of the old year
        ("2026-01-01", Week(2026, 1)),
        ("2026-11-22", Week(2026, 47)),
        ("2026-12-31", Week(2026, 53)),
        ("2027-01-03", Week(2026, 53)),  # a Sunday of the new year
        ("2027-01-04", Week(2027, 1)),
        ("2021-01-01", Week(2020, 53)),
    ],
)
def test_week_belongs_to_its_thursdays_year(day, week):
    assert week_on(date.fromisoformat(day)) == week


def test_week_runs_monday_to_sunday():
    assert (Week(2026, 53).monday, Week(2026, 53).sunday) == (date(2026, 12, 28), date(2027, 1, 3))


def test_week_is_written_with_two_digits():
    assert str(Week(2026, 7)) == "2026-W07"
    assert parse_week("2026-W07") == Week(2026, 7)


def test_weeks_sort_by_time():
    assert sorted([Week(2027, 1), Week(2026, 10), Week(2026, 9)]) == [
        Week(2026, 9),
        Week(2026, 10),
        Week(2027, 1),
    ]


@pytest.mark.parametrize(
    ("week", "steps", "expected"),
    [
        (Week(2026, 52), 1, Week(2026, 53)),
        (Week(2026, 53), 1, Week(2027, 1)),
        (Week(2027, 1), -1, Week(2026, 53)),
        (Week(2025, 52), 1, Week(2026, 1)),
        (Week(2026, 47), 0, Week(2026, 47)),
        (Week(2026, 13), -13, Week(2025, 52)),
    ],
)
def test_counting_weeks_crosses_the_year(week, steps, expected):
    assert week.plus(steps) == expected


@pytest.mark.parametrize(
    ("zone", "week", "starts", "ends"),
    [
        ("UTC", Week(2026, 53), "2026-12-28 00:00", "2027-01-04 00:00"),
        ("America/Sao_Paulo", Week(2026, 53), "2026-12-28 03:00", "2027-01-04 03:00"),  # -3
        ("Pacific/Auckland", Week(2026, 1), "2025-12-28 11:00", "2026-01-04 11:00"),  # +13
        ("Asia/Kathmandu", Week(2026, 1), "2025-12-28 18:15", "2026-01-04 18:15"),  # +5:45
        # the clocks change on the Sunday that ends these weeks
        ("America/New_York", Week(2026, 10), "2026-03-02 05:00", "2026-03-09 04:00"),  # 167 hours
        ("Europe/Berlin", Week(2026, 43), "2026-10-18 22:00", "2026-10-25 23:00"),  # 169 hours
        ("Pacific/Auckland", Week(2026, 14), "2026-03-29 11:00", "2026-04-05 12:00"),  # 169 hours
        # Monday's midnight did not exist: the clocks went from 00:00 to 01:00, at -3 and at +3:30
        ("America/Sao_Paulo", Week(1997, 41), "1997-10-06 03:00", "1997-10-13 02:00"),
        ("Asia/Tehran", Week(2021, 12), "2021-03-21 20:30", "2021-03-28 19:30"),
        # Monday's midnight came twice: the clocks went back from 01:00 to 00:00, and the first one counts
        ("Asia/Jerusalem", Week(2001, 39), "2001-09-23 21:00", "2001-09-30 22:00"),
    ],
)
def test_week_bounds_follow_the_time_zone(zone, week, starts, ends):
    assert week.starts(ZoneInfo(zone)) == utc(starts)
    assert week.ends(ZoneInfo(zone)) == utc(ends)


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Tehran", "Asia/Jerusalem", "Pacific/Auckland"])
@pytest.mark.parametrize("week", [Week(1997, 41), Week(2001, 39), Week(2021, 12), Week(2026, 53)])
def test_weeks_meet_without_gap(zone, week):
    clocks, tick = ZoneInfo(zone), timedelta(microseconds=1)
    assert week_of(week.starts(clocks), clocks) == week_of(week.ends(clocks) - tick, clocks) == week
    assert week_of(week.starts(clocks) - tick, clocks) == week.plus(-1)


def test_moment_falls_into_week_by_zone():
    moment = utc("2026-11-22 12:00")  # Sunday noon in London, Monday 01:00 in Auckland
    assert week_of(moment, ZoneInfo("Europe/London")) == Week(2026, 47)
    assert week_of(moment, ZoneInfo("Pacific/Auckland")) == Week(2026, 48)


def test_week_bounds_are_in_utc():
    assert Week(2026, 47).starts(ZoneInfo("Asia/Kathmandu")).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "2026-47", "2026-W7", "2026W47", "2026-w47", " 2026-W47", "2026-W47\n", "26-W47", "2026-W047"],
)
def test_malformed_week_is_refused(text):
    with pytest.raises(ValueError, match="written like 2026-W47"):
        parse_week(text)


@pytest.mark.parametrize("text", ["2025-W53", "2026-W54", "2026-W00"])
def test_nonexistent_week_is_refused(text):
    with pytest.raises(ValueError, match=r"Invalid week|out of range|Invalid year"):
        parse_week(text)
