"""A CSV file as people save them, as numbered rows.

A row has the number a spreadsheet gives it: the header is row 1, a row with line breaks inside a quoted text
is one row, and blank rows count.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

LONGEST_ROW = 100_000  # bytes; nothing we take is near it, so memory is safe from a quote that never closes
DELIMITERS = ",;\t"  # spreadsheets save with semicolons where the comma is the decimal mark


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The cells of one row by column, or why they cannot be had."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


def read_rows(lines: Iterable[bytes], columns: Sequence[str]) -> Iterator[CsvRow]:
    """The rows under the header, blank ones left out. `lines`: as readline gives them, at most LONGEST_ROW
    + 1 bytes each.

    A row with too many or too few cells comes with its problem. When the header is wrong, or when what
    follows cannot be read (not UTF-8, a quote never closed), that problem is the last that is given.
    """
    feed = _Feed(lines)
    try:
        first = next(feed, "").removeprefix("\ufeff")
        delimiter = next((mark for mark in DELIMITERS if mark in first), ",")
        reader = csv.reader(chain([first], feed), delimiter=delimiter, strict=True)
        names = [_key(cell) for cell in next(reader, [])]
        if problem := _wrong_header(names, columns):
            yield CsvRow(1, problem=problem)
            return
        feed.next_row()
        for cells in reader:
            number = feed.row
            feed.next_row()
            if not any(cells):
                continue
            if len(cells) == len(names):
                yield CsvRow(number, dict(zip(names, cells, strict=True)))
            else:
                yield CsvRow(number, problem=f"has {len(cells)} cells; the header has {len(names)}")
    except csv.Error as error:
        yield CsvRow(feed.row, problem=_in_words(str(error)))
    except _Unreadable as error:
        yield CsvRow(feed.row, problem=str(error))


class _Unreadable(Exception):
    """The file cannot be read on."""


class _Feed:
    """Lines for csv.reader, decoded one by one, and the number of the row they go into."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.row = 1
        self._lines = iter(lines)
        self._bytes = 0

    def next_row(self) -> None:
        self.row += 1
        self._bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        before = self._bytes
        self._bytes += len(line)
        if self._bytes > LONGEST_ROW:
            raise _Unreadable(f"is longer than {LONGEST_ROW} bytes: is a quotation mark never closed?")
        if b"\0" in line:
            raise _Unreadable('holds a NUL byte: this is no text file in UTF-8; save it as "CSV UTF-8"')
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise _Unreadable(
                f"its byte {before + error.start + 1} (0x{line[error.start]:02X}) is not UTF-8; "
                'save the file as UTF-8 ("CSV UTF-8" in a spreadsheet) and try again'
            ) from None


def _key(name: str) -> str:
    """A header as it is compared: ' Rep Email ' is rep_email."""
    return re.sub(r"[\s_]+", "_", name.strip().casefold())


def _wrong_header(names: list[str], columns: Sequence[str]) -> str | None:
    complaints = (
        ("unknown", [name or "(a column without a name)" for name in names if name not in columns]),
        ("missing", [name for name in columns if name not in names]),
        ("there twice", [name for name in columns if names.count(name) > 1]),
    )
    found = [f"{what}: {', '.join(repr(n)[1:-1][:40] for n in which)}" for what, which in complaints if which]
    return f"wrong header; {'; '.join(found)}. The columns are: {', '.join(columns)}" if found else None


def _in_words(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark is opened here and never closed"
    if "expected after" in error:
        return "text follows a closing quotation mark; inside a text it is written twice"
    if "new-line" in error:
        return "a line ends with a carriage return alone; save the file with ordinary line ends"
    return error
