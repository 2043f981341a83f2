"""The organisation's working days: its week, the public holidays of its country, and its own days off."""

import json
import subprocess
import sys
from collections.abc import Container
from datetime import date
from functools import cache
from typing import cast

from feedback.core.calendar.workdays import WorkingDays
from feedback.models import Organisation

_PLACES = "import holidays, json; print(json.dumps(holidays.list_supported_countries()))"


class _Either:
    """The days that are in one of two calendars."""

    def __init__(self, one: Container[date], other: Container[date]) -> None:
        self._both = (one, other)

    def __contains__(self, day: object) -> bool:
        return any(day in each for each in self._both)


def working_days(organisation: Organisation) -> WorkingDays:
    """Return an organisation's working days."""
    own = frozenset(organisation.days_off)
    weekdays = frozenset(int(number) for number in organisation.workdays)
    if not organisation.holidays:
        return WorkingDays(weekdays, own)
    return WorkingDays(weekdays, _Either(own, public_holidays(organisation.holidays)))


@cache
def public_holidays(code: str) -> Container[date]:
    """Return the public holidays of a country ("DE") or one of its parts ("DE-BY"), for any year. Raises
    NotImplementedError for a place that is not known."""
    import holidays  # loads the calendars of the world

    country, _, part = code.partition("-")
    found: Container[date] = holidays.country_holidays(country, subdiv=part or None)
    return found


@cache
def places() -> dict[str, list[str]]:
    """Return every country and its parts that public_holidays knows. A process of its own is asked, since the
    calendars of the whole world would stay in this one, 34 MB of them."""
    asked = subprocess.run([sys.executable, "-c", _PLACES], capture_output=True, check=True)  # noqa: S603 (our own words)
    return cast(dict[str, list[str]], json.loads(asked.stdout))
