"""Reading a file: which rows there are, what a cell means, and every reason to refuse one."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cast import NOON

from feedback.imports import cells
from feedback.imports.cells import past_moment
from feedback.imports.csv_rows import LONGEST_ROW, read_rows
from feedback.imports.history.row import COLUMNS, past_meeting

GOOD = dict.fromkeys(COLUMNS, "") | {
    "rep_email": "Alice@Example.com", "account": "Northwind", "contact": "Dana Whitfield",
    "held_at": "2026-05-01T10:00+02:00", "client_savvy": "4", "rep_savvy": "5",
}  # fmt: skip


def read(text: str | bytes, *columns: str):
    data = text.encode() if isinstance(text, str) else text
    return list(read_rows(io.BytesIO(data), columns or ("a", "b")))


def cells_of(text: str | bytes):
    return [tuple(row.cells.values()) for row in read(text)]


def problem_of(text: str | bytes) -> tuple[int, str]:
    last = read(text)[-1]
    assert last.problem
    return last.number, last.problem


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n", "\ufeffa,b\r\n1,2\r\n", " A , B\n1,2", '"a","b"\n"1","2"\n', "a;b\n1;2\n", "a\tb\n1\t2\n"],
    ids=["plain", "BOM and CRLF", "spaced header, no last line end", "quoted", "semicolons", "tabs"],
)
def test_common_csv_dialects_are_read(text):
    assert cells_of(text) == [("1", "2")]


def test_columns_may_be_in_any_order():
    assert read("b,a\n2,1\n")[0].cells == {"a": "1", "b": "2"}


def test_row_numbers_match_a_spreadsheet():
    found = read('a,b\n"two\nlines",1\n\n,\nx,y\n')
    assert [(row.number, row.cells["a"]) for row in found] == [(2, "two\nlines"), (5, "x")]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("a,c", "unknown: c; missing: b"),
        ("a", "missing: b"),
        ("a,b,A", "there twice: a"),
        ("a,b,", "unknown: (a column without a name)"),
        ("", "missing: a, b"),
    ],
)
def test_wrong_header_is_refused_with_right_one(header, said):
    number, problem = problem_of(f"{header}\n1,2\n")
    assert number == 1
    assert said in problem
    assert problem.endswith("The columns are: a, b")


@pytest.mark.parametrize(
    ("text", "number", "said"),
    [
        ("a,b\n1,2\n1,2,3\n", 3, "has 3 cells; the header has 2"),
        ("a,b\n1\n", 2, "has 1 cells; the header has 2"),
        ("a,b\n1,2\nMüller,3\n".encode("latin-1"), 3, "its byte 2 (0xFC) is not UTF-8"),
        ("a,b\n1,\0\n", 2, "NUL byte"),
        ("a,b\n".encode("utf-16"), 1, "save it as"),
        ('a,b\n1,2\n"open,2\n3,4\n', 3, "opened here and never closed"),
        ('a,b\n"x"y,2\n', 2, "written twice"),
        ("a,b\n1,2\r3,4\n", 2, "carriage return"),
        ('a,b\n"' + "x\n" * LONGEST_ROW, 2, "never closed?"),
    ],
    ids=["many", "few", "latin-1", "NUL", "UTF-16", "open quote", "text after quote", "old Mac", "endless"],
)
def test_unreadable_row_is_named_with_reason(text, number, said):
    assert problem_of(text)[0] == number
    assert said in problem_of(text)[1]


def test_rows_around_a_broken_one_are_read():
    found = read(b"a,b\n1,2\n1\n3,4\n" + b"\xff,5\n6,7\n")
    assert [(row.number, bool(row.problem)) for row in found] == [
        (2, False),
        (3, True),
        (4, False),
        (5, True),
    ]


def test_good_row_is_read():
    found = past_meeting(GOOD | {"comment": " Cafe\u0301\r\n", "nps": "10", "stage": "Change"}, NOON)
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
        ("held_at", "2026-05-01T10:00", "has no zone"),
        ("held_at", "2026-05-01", "has no zone"),
        ("held_at", "1.5.2026 10:00", "is no date and time"),
        ("held_at", "2026-11-18T12:00:01+01:00", "is in the future"),
        ("held_at", "1999-12-31T23:59Z", "is before the year 2000"),
        ("held_at", "0001-01-01T00:00+14:00", "is no date of ours"),
        ("client_savvy", "6", "client_savvy: a rating is a whole number from 1 to 5, not '6'"),
        ("client_savvy", "5.0", "whole number"),
        ("rep_chemistry", "0", "rep_chemistry: a rating"),
        ("nps", "11", "from 0 to 10"),
        ("nps", "-1", "from 0 to 10"),
        ("comment", "x" * 2001, "at most 2000 characters"),
        ("stage", "lost", "one of curious, problem"),
        ("rep_stage", "won", "rep_stage: one of curious"),
    ],
)
def test_wrong_cell_is_refused_with_reason(column, text, said):
    reasons = past_meeting(GOOD | {column: text}, NOON)
    assert isinstance(reasons, list)
    assert len(reasons) == 1
    assert said in reasons[0]


def test_every_problem_of_a_row_is_told():
    assert len(past_meeting(GOOD | {"client_savvy": "9", "nps": "x", "held_at": "now"}, NOON)) == 3


@pytest.mark.parametrize("text", ["2026-05-01T10:00+02:00", "2026-05-01 08:00Z", "20260501T080000+0000"])
def test_time_is_converted_to_utc(text):
    assert past_moment(text, NOON).isoformat() == "2026-05-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0.0), ("1200.50", 1200.5), ("999999999999999", 999999999999999.0)]
)
def test_amount_is_parsed(text, value):
    assert cells.amount(text) == value


@pytest.mark.parametrize("text", ["1,200", "1.200,50", "-1", "1e9", "nan", "inf", "€5", "9" * 400, "١"])
def test_wrong_amount_is_refused(text):
    with pytest.raises(ValueError, match="a number from 0"):
        cells.amount(text)


@pytest.mark.parametrize("text", ["0", "3651", "1.5", "-3", "many", "99999"])
def test_review_days_outside_range_are_refused(text):
    with pytest.raises(ValueError, match="from 1 to 3650"):
        cells.days(text)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_reading_survives_any_bytes(data):
    for start in (b"", b"a,b\n", b"\xef\xbb\xbfa;b\r\n"):
        assert all(
            row.problem or len(row.cells) == 2 for row in read_rows(io.BytesIO(start + data), ("a", "b"))
        )


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=30)))
def test_reading_survives_any_cells(strange):
    assert past_meeting(GOOD | strange, NOON)
