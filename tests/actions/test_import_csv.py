"""Reading a CSV file: which rows there are, in every encoding and dialect, and every reason to refuse one."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.imports.csv_rows import read_rows

# What people are promised, by its own number: one that moves in the code is to be noticed.
LONGEST_ROW = 100_000


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
    [
        "a,b\n1,2\n",
        "\ufeffa,b\r\n1,2\r\n",
        " A , B\n1,2",
        '"a","b"\n"1","2"\n',
        "a;b\n1;2\n",
        "a\tb\n1\t2\n",
        "a|b\n1|2\n",
        "a,b\r1,2\r",
        'a, b\n"1", "2"\n',
        "sep=;\r\na;b\r\n1;2\r\n",
        '"sep=\t"\na\tb\n1\t2\n',
        "\n,\na,b\n1,2\n",
        "a,b,,\n1,2,,\n",
        "a,b\n1,2,,\n",
    ],
    ids=[
        "plain",
        "BOM and CRLF",
        "spaced header, no last line end",
        "quoted",
        "semicolons",
        "tabs",
        "bars",
        "old Mac",
        "a space after each comma",
        "line for Excel",
        "the same for tabs",
        "blank rows first",
        "columns without a name",
        "commas after each row",
    ],
)
def test_common_csv_dialects_are_read(text):
    assert cells_of(text) == [("1", "2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_read(encoding):
    assert cells_of("a\tb\r\nMüller\t“Łódź”\r\n".encode(encoding)) == [("Müller", "“Łódź”")]


def test_windows_1252_is_read_and_told():
    notes = []
    data = "a,b\nMüller,5 €\nO’Neil – Œuvre,«é»\n".encode("cp1252")
    found = list(read_rows(io.BytesIO(data), ("a", "b"), on_note=notes.append))
    assert [tuple(row.cells.values()) for row in found] == [("Müller", "5 €"), ("O’Neil – Œuvre", "«é»")]
    assert 'Windows-1252, such as "Müller" in row 2, "O’Neil" in row 3' in notes[0]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Müller", "mac-roman"), ("René", "mac-roman"), ("Jérôme", "cp850"), ("Müller", "cp850"),
        ("Łódź", "cp1250"), ("Paweł Żak", "cp1250"), ("Пётр", "cp1251"), ("Γιώργος", "cp1253"), ("田中さん", "cp932"),
        ("田中 花子", "cp932"), ("本田", "cp932"), ("伊藤", "cp932"), ("ｱｲｳ", "cp932"), ("北京公司", "gbk"), ("삼성", "euc-kr"),
        ("דנה כהן", "cp1255"), ("علي", "cp1256"), ("Ольга Ким", "cp1251"), ("Élodie", "mac-roman"), ("Zoë", "cp850"),
    ],
)  # fmt: skip
def test_garbled_names_are_refused(name, encoding):
    number, problem = problem_of(f"a,b\n1,2\n{name},3\n".encode(encoding))
    assert number == 3
    assert "is not UTF-8" in problem


@pytest.mark.parametrize(
    "name",
    ["«Le Bœuf»", "“Mot”»", "L’Équipe", "¿Qué?", "Þór Ýmisson", "Alþýðubankinn", "Øre–Ås", "Mª José", "N°5 ½", "Ça va®", "50 €"],
)  # fmt: skip
def test_names_of_windows_1252_are_read(name):
    assert cells_of(f"a,b\n{name},3\n".encode("cp1252")) == [(name, "3")]


def test_mixed_encodings_are_refused():
    modern, old = "Müller,1\n".encode(), "Müller,1\n".encode("latin-1")
    assert problem_of(b"a,b\n" + modern + old)[1].startswith("its byte 2 (0xFC) is not UTF-8")
    assert problem_of(b"a,b\n" + old + modern)[1].startswith("is UTF-8, which row 2 is not")
    assert problem_of(b"\xef\xbb\xbfa,b\n" + old)[0] == 2


@pytest.mark.parametrize(
    ("text", "said"), [("3\n", "Row 2 is"), ("3\n4,\n5\n", "2 rows, the first is row 2, are")]
)
def test_short_row_is_blank_at_its_end_and_told(text, said):
    notes = []
    first, *_ = read_rows(io.BytesIO(f"a,b\n{text}".encode()), ("a", "b"), on_note=notes.append)
    assert first.cells == {"a": "3", "b": ""}
    assert notes == [f"{said} shorter than the header: the cells left out were taken as blank."]


def test_cells_beyond_the_header_are_told():
    notes = []
    rows = list(read_rows(io.BytesIO(b"a,b\n1,2,,\n3,4,,\n"), ("a", "b"), on_note=notes.append))
    assert [row.cells["b"] for row in rows] == ["2", "4"]
    assert notes == ["Every row has 2 blank cells more than the header; nothing stands there."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,b\n1,2\n\ufeffA,b\n3,4\n", "Row 3 repeats"),
        ("a,b\na,b\n1,2\na,b\n3,4\n", "2 rows, the first is row 2, repeat"),
        ("a,b\n1,2\n A ,B,\n3,4\n", "Row 3 repeats"),
    ],
)
def test_header_that_is_repeated_is_left_out_and_told(text, said):
    notes = []
    rows = list(read_rows(io.BytesIO(text.encode()), ("a", "b"), on_note=notes.append))
    assert [tuple(row.cells.values()) for row in rows] == [("1", "2"), ("3", "4")]
    assert f"{said} the header, as files do that were put together: left out." in notes


@pytest.mark.parametrize(
    "text",
    [
        "List\n\n------\n|a|b|\n------\n|1|2|\n------\n",  # of SAP
        " a | b \n---+---\n 1 | 2 \n",  # of a database
        "| a | b |\n|---|:-:|\n| 1 | 2 |\n",
        "a,b\n==,==\n1,2\n",
    ],
)
def test_line_that_is_drawn_between_rows_is_no_row(text):
    assert [tuple(cell.strip() for cell in cells) for cells in cells_of(text)] == [("1", "2")]


@pytest.mark.parametrize(
    "text", ['"a,b"\n"1,2"\n', 'a,b\n"1,""2"""\n', '"a;b"\n1;2\n', '"a,b"\r\n"""1"",2"\r\n']
)
def test_row_that_a_spreadsheet_took_for_one_text_is_read(text):
    assert cells_of(text) == [("1", "2")]


def test_what_stands_below_a_blank_row_is_asked_about():
    notes = '\n\n"Sales report"\n"Copyright (c) 2026, Inc."\n(2 rows)\n'
    found = read(f"a,b\n1,2{notes}")
    assert [(row.number, (row.problem or "")[:12]) for row in found] == [
        (2, ""), (4, "stands alone"), (5, "stands alone"), (6, "stands alone"),
    ]  # fmt: skip
    assert [row.problem for row in read("a,b\n1\n2\n\n3,\n")] == [None] * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_mark_of_an_encoding_is_no_letter(encoding):
    assert cells_of("\ufeff\ufeffa,b\nMü\ufeff,2\n".encode(encoding)) == [("Mü", "2")]


@pytest.mark.parametrize(
    "above",
    [
        "Clients of May,\n", "Table 1\n\n", "#TYPE System.Management.Automation.PSCustomObject\n", "Report;a\n,,\nby Ina\n",
        ",Who we know\n" * 10, "\ufeffÜbersicht\r\n",
    ],
)  # fmt: skip
def test_header_below_a_title_is_found_and_told(above):
    notes = []
    rows = list(read_rows(io.BytesIO(f"{above}b,a\n2,1\n".encode()), ("a", "b"), on_note=notes.append))
    place = above.count("\n") + 1
    assert [(row.number, row.cells) for row in rows] == [(place + 1, {"a": "1", "b": "2"})]
    assert notes == [f"The header is row {place}: what stands above it was left out."]


def test_header_is_not_looked_for_below_ten_lines_or_in_one_word():
    assert problem_of("title\n" * 11 + "a,b\n1,2\n")[0] == 1
    (row,) = read_rows(io.BytesIO(b"title\na\nb\n"), ("a", "b"), ("a",))
    assert row.problem.startswith("wrong header; missing: a")


def test_absent_column_is_blank_unless_needed():
    def found(needed):
        return next(read_rows(io.BytesIO(b"b\nx\n"), ("a", "b"), needed))

    assert found(("b",)).cells == {"a": "", "b": "x"}
    assert "missing: a" in found(("a",)).problem


def test_names_of_columns_decide_what_separates():
    assert cells_of("a;b\nAcme, Inc.;1,5\n") == [("Acme, Inc.", "1,5")]
    assert cells_of('sep=,\na,b\n"x;y",1|2\n') == [("x;y", "1|2")]


def test_reading_leaves_the_file_open():
    file = io.BytesIO(b"a,b\n1,2\n3,4\n")
    next(read_rows(file, ("a", "b")))
    assert not file.closed


def test_columns_may_be_in_any_order():
    assert read("b,a\n2,1\n")[0].cells == {"a": "1", "b": "2"}


def test_row_numbers_match_a_spreadsheet():
    found = read('a,b\n"two\nlines",1\n\n,\nx,y\n')
    assert [(row.number, row.cells["a"]) for row in found] == [(2, "two\nlines"), (5, "x")]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("a,c", "missing: b"),
        ("a", "missing: b"),
        ("a,b,A", "there twice: a"),
    ],
)
def test_wrong_header_is_refused_with_right_one(header, said):
    number, problem = problem_of(f"{header}\n1,2\n")
    assert number == 1
    assert said in problem
    assert problem.endswith("The columns are: a, b")


def test_letter_that_was_lost_before_is_one_of_utf_16():
    assert cells_of("a,b\n1,x\ufffd\n".encode("utf-16")) == [("1", "x\ufffd")]


@pytest.mark.parametrize(("text", "row"), [("", 1), ("\n\n", 3), ("\n1,2\n", 2)])
def test_absent_header_is_refused(text, row):
    number, problem = problem_of(text)
    assert number == row
    assert "missing: a, b" in problem


@pytest.mark.parametrize(
    ("text", "number", "said"),
    [
        ("a,b\n1,2\n1,2,3\n", 3, "has 3 cells; the header has 2"),
        ("a,b\n1;2\n", 2, "has 1 cells; the header has 2, separated by commas"),
        ("a,b\n1,2,\n1,2\n", 3, "has 2 cells; the rows before have 3"),
        ("a,b\n1,2\n1,2,\n", 3, "has 3 cells; the header has 2"),
        ("a,b,,\n1,,2,\n", 2, "has '2' in a column without a name"),
        ("a,,b\n1,2,3\n", 2, "has '2' in a column without a name"),
        ("a,b\n1,\0\n", 2, "NUL byte"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], 2, "is not UTF-16"),
        ("a,b\n1,\ud800\n".encode("utf-16", "surrogatepass"), 2, "is not UTF-16"),
        ("a,b\n1,2\n".encode("utf-32"), 1, "NUL byte"),
        ('a,b\n1,2\n"open,2\n3,4\n', 3, "opened here and never closed"),
        ('a,b\n"x"y,2\n', 2, "written twice"),
        ("a,b\n1,2\r3,4\n", 2, "carriage return"),
        ('a,b\n"' + "x\n" * LONGEST_ROW, 2, "never closed?"),
    ],
    ids=[
        "many",
        "other separator",
        "fewer than before",
        "more than before",
        "shifted",
        "unnamed",
        "NUL",
        "half a letter",
        "half a pair",
        "UTF-32",
        "open quote",
        "text after quote",
        "two line ends",
        "endless",
    ],
)
def test_unreadable_row_is_named_with_reason(text, number, said):
    assert problem_of(text)[0] == number
    assert said in problem_of(text)[1]


def test_rows_around_a_broken_one_are_read():
    found = read("a,b\n1,2\n1,2,3\n3,é\n".encode() + b"\xff,5\n6,7\n")
    assert [(row.number, bool(row.problem)) for row in found] == [
        (2, False),
        (3, True),
        (4, False),
        (5, True),
    ]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_reading_survives_any_bytes(data):
    for start in (b"", b"a,b\n", b"\xef\xbb\xbfa;b\r\n"):
        assert all(
            row.problem or len(row.cells) == 2 for row in read_rows(io.BytesIO(start + data), ("a", "b"))
        )
