"""Which backups are kept."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from feedback.core.backups import backup_day, backup_name, days_kept

FIRST = date(2026, 1, 1)


def test_a_year_of_days_keeps_eleven():
    kept = set()
    for day in (FIRST + timedelta(days=n) for n in range(365)):
        kept = days_kept({*kept, day})
        assert {day - timedelta(days=n) for n in range(7) if day - timedelta(days=n) >= FIRST} <= kept
    older = sorted(kept)[:-7]
    assert len(kept) == 11
    assert {each.weekday() for each in older} == {0}  # the first of a week, however late it is looked at
    assert [b - a for a, b in pairwise(older)] == [timedelta(days=7)] * 3


def test_gaps_cost_no_old_backup():
    days = {date(2025, 1, 6), date(2025, 6, 2), date(2026, 1, 5)}
    assert days_kept(days) == days


@pytest.mark.parametrize(
    "name",
    ["feedback.sqlite3", "feedback-2026-11-27.sqlite3.old", "feedback-2026-13-01.dump", "2026-11-27",
     "my-feedback-2026-11-27.dump", "feedback-2026-11-27.sqlite3.part"],
)  # fmt: skip
def test_other_names_are_not_ours(name):
    assert backup_day(name) is None


def test_name_tells_its_day():
    for sqlite in (True, False):
        assert backup_day(backup_name(FIRST, sqlite=sqlite)) == FIRST
    assert backup_day("feedback-2026-01-01.dump.part", unfinished=True) == FIRST
