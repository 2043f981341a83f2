"""The organisation's own calendar."""

from datetime import date

import pytest

from feedback.models import Organisation
from feedback.store.working_days import places, public_holidays, working_days

CHRISTMAS, EPIPHANY = date(2026, 12, 25), date(2027, 1, 6)


def of(**values):
    return working_days(
        Organisation(code="x", name="x", **{"workdays": "12345", "holidays": "", "days_off": "", **values})
    )


def test_a_week_is_monday_to_friday_without_a_word():
    days = of()
    assert [days.works_on(date(2026, 11, day)) for day in range(16, 23)] == [True] * 5 + [False] * 2
    assert days.works_on(CHRISTMAS)


def test_public_holidays_of_a_country_and_of_its_parts():
    assert [of(holidays=code).works_on(CHRISTMAS) for code in ("DE", "DE-BY", "SA")] == [False, False, True]
    assert [of(holidays=code).works_on(EPIPHANY) for code in ("DE", "DE-BY")] == [True, False]


def test_its_own_days_off_come_on_top():
    days = of(holidays="DE", days_off="2026-11-20 2026-12-24", workdays="71234")
    assert [days.works_on(d) for d in (date(2026, 12, 24), CHRISTMAS, date(2026, 11, 22), date(2026, 11, 19))] == [
        False, False, True, True,
    ]  # fmt: skip


def test_a_place_nobody_knows_is_refused():
    with pytest.raises(NotImplementedError):
        public_holidays("XX")


def test_places_are_listed():
    assert "BY" in places()["DE"]
