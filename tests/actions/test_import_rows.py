"""What the cells of a row mean, and every reason to refuse one."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cast import NOON

from feedback.imports import cells
from feedback.imports.cells import Moments
from feedback.imports.history.row import COLUMNS, past_meeting

BERLIN = ZoneInfo("Europe/Berlin")
GOOD = dict.fromkeys(COLUMNS, "") | {
    "rep_email": "Alice@Example.com", "account": "Northwind", "contact": "Dana Whitfield",
    "held_at": "2026-05-01T10:00+02:00", "client_savvy": "4", "rep_savvy": "5",
}  # fmt: skip


def moments() -> Moments:
    return Moments(NOON, BERLIN)


def test_good_row_is_read():
    found = past_meeting(GOOD | {"comment": " Cafe\u0301\r\n", "nps": "10", "stage": "Change"}, moments())
    assert (found.rep_email, found.contact, found.held_at.isoformat()) == (
        "alice@example.com", "Dana Whitfield", "2026-05-01T08:00:00+00:00",
    )  # fmt: skip
    assert (found.said.comment, found.said.nps, found.said.stage) == ("Café", 10, "change")
    assert (found.said.client[4], found.said.rep[4], found.said.client[0]) == (4, 5, None)


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("rep_email", "", "rep_email is needed"),
        ("rep_email", "alice", "'alice' is not an e-mail address"),
        ("contact_email", "d@", "is not an e-mail address"),
        ("account", " ", "account is needed"),
        ("contact", "", "contact is needed"),
        ("contact", "x" * 201, "at most 200 characters; this has 201"),
        ("contact", "ﷺ" * 20, "at most 200 characters"),
        ("contact", "Da\x1bna", "control character"),
        ("held_at", "", "held_at is needed"),
        ("held_at", "2026-11-18 12:00:01", "is in the future"),
        ("held_at", "1/5/2026 10:00", "is no date and time"),
        ("held_at", "2026-11-18T12:00:01+01:00", "is in the future"),
        ("held_at", "1999-12-31T23:59Z", "is before the year 2000"),
        ("held_at", "0001-01-01T00:00+14:00", "is no date of ours"),
        ("client_savvy", "6", "client_savvy: a rating is a whole number from 1 to 5, not '6'"),
        ("client_savvy", "5.5", "whole number"),
        ("rep_chemistry", "0", "rep_chemistry: a rating"),
        ("nps", "11", "from 0 to 10"),
        ("nps", "-1", "from 0 to 10"),
        ("comment", "x" * 2001, "at most 2000 characters"),
        ("stage", "lost", "one of curious, problem"),
        ("rep_stage", "won", "rep_stage: one of curious"),
    ],
)
def test_wrong_cell_is_refused_with_reason(column, text, said):
    reasons = past_meeting(GOOD | {column: text}, moments())
    assert isinstance(reasons, list)
    assert len(reasons) == 1
    assert said in reasons[0]


def test_every_problem_of_a_row_is_told():
    assert len(past_meeting(GOOD | {"client_savvy": "9", "nps": "x", "held_at": "now"}, moments())) == 3


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T10:00+02:00", "2026-05-01 08:00Z", "20260501T080000+0000", "2026-05-01 08:00:00 UTC",
        "2026-05-01t08:00:00z", "2026-05-01 10:00:00 +0200", "2026-05-01 10:00:00+02", "2026-05-01T08:00 gmt",
    ],
)  # fmt: skip
def test_time_is_converted_to_utc(text):
    reading = moments()
    assert reading.read(text).isoformat() == "2026-05-01T08:00:00+00:00"
    assert reading.assumed == 0


@pytest.mark.parametrize(
    ("text", "read"), [("2026-05-01 10:00", "2026-05-01T08:00"), ("2026-01-01", "2025-12-31T23:00")]
)
def test_time_without_zone_takes_the_given_one(text, read):
    reading = moments()
    assert reading.read(text).isoformat() == f"{read}:00+00:00"
    assert reading.assumed == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0), ("1200.50", 1200.5), ("1200,50", 1200.5), ("0,125", 0.125), ("1200,125", 1200.125),
        ("999999999999999", 999999999999999.0), ("1200.4999999999998", 1200.4999999999998), ("1.200,50", 1200.5),
        ("1,200.50", 1200.5), ("1.234.567", 1234567), ("1,234,567.8", 1234567.8), ("1'234'567.89", 1234567.89),
        ("12’000", 12000), ("1 234,5", 1234.5), ("1\u202f234\u202f567", 1234567), ("12\xa0000,50", 12000.5),
    ],
)  # fmt: skip
def test_amount_is_parsed(text, value):
    assert cells.amount(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "1,200",
        "1.200",
        "120.000",
        "1.200.50",
        "1,234,56",
        "12,34,567.00",
        "1 23",
        "1 234'567",
        "0.200,50",
        "12.0000,5",
        "1,",
        "-1",
        "1e9",
        "nan",
        "inf",
        "€5",
        "9" * 400,
        "١",
    ],
)
def test_wrong_amount_is_refused(text):
    with pytest.raises(ValueError, match="a number from 0"):
        cells.amount(text)


@pytest.mark.parametrize("text", ["0", "3651", "1.5", "-3", "many", "99999"])
def test_review_days_outside_range_are_refused(text):
    with pytest.raises(ValueError, match="from 1 to 3650"):
        cells.days(text)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=30)))
def test_reading_survives_any_cells(strange):
    assert past_meeting(GOOD | strange, moments())
