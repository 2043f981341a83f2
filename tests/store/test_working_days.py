"""The organisation's own calendar."""

from datetime import date

import pytest

from feedback.models import Organisation
from feedback.store.working_days import places, public_holidays, working_days

CHRISTMAS, EPIPHANY = date(2026, 12, 25), date(2027, 1, 6)


def of(**values):
    return working_days(
        Organisation(code="x", name="x", **{"workdays": "12345", "holidays": "", "days_off": (), **values})
    )


def test_default_week_is_monday_to_friday():
    days = of()
    assert [days.works_on(date(2026, 11, day)) for day in range(16, 23)] == [True] * 5 + [False] * 2
    assert days.works_on(CHRISTMAS)


def test_public_holidays_follow_country_and_region():
    assert [of(holidays=code).works_on(CHRISTMAS) for code in ("DE", "DE-BY", "SA")] == [False, False, True]
    assert [of(holidays=code).works_on(EPIPHANY) for code in ("DE", "DE-BY")] == [True, False]


def test_own_days_off_are_added():
    days = of(holidays="DE", days_off=(date(2026, 11, 20), date(2026, 12, 24)), workdays="71234")
    assert [days.works_on(d) for d in (date(2026, 12, 24), CHRISTMAS, date(2026, 11, 22), date(2026, 11, 19))] == [
        False, False, True, True,
    ]  # fmt: skip


def test_unknown_country_is_refused():
    with pytest.raises(NotImplementedError):
        public_holidays("XX")


def test_regions_are_listed():
    assert "BY" in places()["DE"]
