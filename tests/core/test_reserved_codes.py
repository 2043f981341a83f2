"""Codes that wait on a rep's phone."""

from datetime import UTC, datetime, timedelta

import pytest

from feedback.core.reserved import MOST_USABLE, STOCK, how_many, when_held

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (HOUR, NOON - HOUR),
        (3 * HOUR, NOON - 2 * HOUR),  # not before its code was reserved
        (-HOUR, NOON),  # the phone's clock was put back meanwhile
        (0 * HOUR, NOON),
    ],
)
def test_late_meeting_was_held_between_its_code_and_now(ago, expected):
    assert when_held(NOON - 2 * HOUR, ago, NOON) == expected


def test_code_reserved_in_the_future_leads_to_no_meeting_there():
    assert when_held(NOON + HOUR, HOUR, NOON) == NOON  # our clock was put back


@pytest.mark.parametrize(
    ("on_the_phone", "usable", "expected"),
    [(0, 0, STOCK), (STOCK, STOCK, 0), (-3, 0, STOCK), (99, 0, 0), (0, MOST_USABLE - 2, 2), (0, MOST_USABLE, 0)],
)  # fmt: skip
def test_phone_gets_what_it_lacks_and_no_more(on_the_phone, usable, expected):
    assert how_many(on_the_phone, usable) == expected
