"""A CSV file, as spreadsheets save it, as numbered rows.

A row has the number a spreadsheet gives it: the header is row 1, a row with line breaks inside a quoted text
is one row, blank rows count, and a first line "sep=;" does not. The separator is not guessed: the header is
read with each candidate, and the one that yields the names of columns is used.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import BinaryIO

from feedback.core.records import record
from feedback.core.text import quoted
from feedback.imports.columns import IGNORED, column_key, match_columns, name_halves, time_column
from feedback.imports.csv_header import (
    DELIMITERS,
    MARKS,
    delimiter_of,
    first_line,
    from_header,
    tell_of_columns,
    wrong_header,
)
from feedback.imports.csv_text import TextLines, Unreadable

RULE = "-+=_:"  # of which programs draw lines between rows
BELOW = (
    "stands alone below a blank row, as what a program writes under its rows; take it out, or fill the cells "
    "beside it"
)


@record
class CsvRow:
    """The cells of one row by column, or why they cannot be read."""

    number: int  # of the row, as a spreadsheet counts
    cells: dict[str, str] = field(default_factory=dict)
    problem: str | None = None  # why the row cannot be read; None when it can


@dataclass(slots=True)
class _Header:
    """The header of a file."""

    names: list[str]  # of the columns in the file; "" for one without a name
    spare: int  # how many blank cells may follow in a row
    delimiter: str
    absent: dict[str, str]  # the columns that are not in the file, each with a blank value
    said: list[str]  # as it stands in the file
    halves: tuple[str, int, int] | None  # the column of a name, and where its first and last half stand
    time: int | None  # where the time of a meeting stands, if not with its day
    exact: bool = False  # `spare` cells must follow, as every row has them and the header has not


def read_rows(
    file: BinaryIO,
    columns: Sequence[str],
    needed: Collection[str] | None = None,
    on_note: Callable[[str], None] = lambda note: None,
    chosen: Mapping[str, str] | None = None,
) -> Iterator[CsvRow]:
    """Return the rows under the header, without blank ones; a column that is absent and not needed (None: all
    are) is blank, and one that is none of ours is left out. The file is read from its current position. on_note:
    called at the end with each assumption that was made. chosen: what the file calls a column, where that was chosen.

    A row with too many cells comes with its problem, and so does one with something in a column without a
    name: a comma too many may have moved it there. A row with too few cells is taken as blank at its end.
    When the header is wrong, or the rest cannot be read (an encoding, a quote never closed), that problem is
    the last row returned.
    """
    lines = TextLines(file)
    try:
        needed = columns if needed is None else needed
        first, marks = first_line(lines)
        ahead, above = from_header(first, marks, lines, columns, needed, chosen)
        for _ in range(above):
            lines.next_row()
        delimiter = delimiter_of(ahead[0], marks, columns, chosen)
        reader = csv.reader(chain(ahead, lines), delimiter=delimiter, strict=True, skipinitialspace=True)
        header = next(reader, [])
        names = match_columns(header, columns, chosen)
        if halves := name_halves(header, columns, chosen):
            names[halves[1]], names[halves[2]] = halves[0], f"{IGNORED}{header[halves[2]].strip()}"
        if problem := wrong_header(names, columns, needed):
            yield CsvRow(lines.row, problem=problem)
            return
        if above:
            on_note(f"The header is row {lines.row}: what stands above it was left out.")
        lines.next_row()
        absent = {name: "" for name in columns if name not in names}
        whole, time = len(names), time_column(header, names)
        while names and not names[-1]:
            names.pop()
        tell_of_columns(header, names, halves, time, on_note)
        yield from _rows(
            reader,
            lines,
            _Header(names, whole - len(names), delimiter, absent, header, halves, time),
            on_note,
        )
        if lines.note:
            on_note(lines.note)
    except csv.Error as error:
        yield CsvRow(lines.row, problem=_in_words(str(error)))
    except Unreadable as error:
        yield CsvRow(lines.row, problem=str(error))
    finally:
        lines.close()


def _rows(
    reader: Iterator[list[str]], lines: TextLines, header: _Header, on_note: Callable[[str], None]
) -> Iterator[CsvRow]:
    names, absent, whole = header.names, header.absent, all(header.names)
    rows = short = first_short = blank_before = 0
    below = False  # under the rows: what the program wrote that made the file
    repeated: list[int] = []
    begins, keys = header.said[0].strip().casefold(), _keys(header.said)
    for cells in reader:
        number = lines.row
        lines.next_row()
        if not any(cell.strip().strip(RULE) for cell in cells):
            blank_before = number
            continue
        if cells[0].strip().casefold() == begins and _keys(cells) == keys:
            repeated.append(number)
            continue
        rows += 1
        if len(cells) == 1 and len(names) > 1:
            cells = cells if below else _unfolded(cells, header)
            below = len(cells) == 1 and (below or (blank_before == number - 1 and rows > 1))
            if below:
                yield CsvRow(number, problem=BELOW)
                continue
        if rows == 1 and len(cells) > len(names) + header.spare and not any(cells[len(names) :]):
            header.spare, header.exact = len(cells) - len(names), True
        if len(cells) != len(names) or header.exact or not whole:
            if problem := _row_problem(cells, header):
                yield CsvRow(number, problem=problem)
                continue
            if len(cells) < len(names):
                short += 1
                first_short = first_short or number
                cells += [""] * (len(names) - len(cells))
        found = {**absent, **dict(zip(names, cells, strict=False))}
        found.pop("", None)
        if header.halves:
            ours, first, last = header.halves
            found[ours] = _whole_name(cells[first], cells[last])
        if header.time is not None and ":" not in found["held_at"]:
            found["held_at"] = f"{found['held_at'].strip()} {cells[header.time].strip()}"
        yield CsvRow(number, found)
    if repeated:
        rows_are = (
            f"Row {repeated[0]} repeats"
            if len(repeated) == 1
            else f"{len(repeated)} rows, the first is row {repeated[0]}, repeat"
        )
        on_note(f"{rows_are} the header, as files do that were put together: left out.")
    if header.exact:
        blank = "a blank cell" if header.spare == 1 else f"{header.spare} blank cells"
        on_note(f"Every row has {blank} more than the header; nothing stands there.")
    if short:
        rows_are = (
            f"Row {first_short} is" if short == 1 else f"{short} rows, the first is row {first_short}, are"
        )
        on_note(f"{rows_are} shorter than the header: the cells left out were taken as blank.")


def _keys(cells: Sequence[str]) -> list[str]:
    """Return the cells of a header as they are compared, without blank ones at its end."""
    keys = [column_key(cell) for cell in cells]
    while keys and not keys[-1]:
        keys.pop()
    return keys


def _unfolded(cells: list[str], header: _Header) -> list[str]:
    """Return the cells of a row that a spreadsheet took for one text, as it does with another separator than its own."""
    with suppress(csv.Error):
        found = next(csv.reader(cells, delimiter=header.delimiter, strict=True, skipinitialspace=True), [])
        if len(found) == len(header.said):
            return found
    return cells


def _whole_name(first: str, last: str) -> str:
    """Return the name that two cells make; the second may hold all of it."""
    return last if set(first.split()) <= set(last.split()) else f"{first} {last}"


def _row_problem(cells: Sequence[str], header: _Header) -> str | None:
    """Return why the cells of a row may not belong to the columns they are in; None when they do. There are
    too many, or another separator is used, or one of them is in a column without a name."""
    width = len(header.names)
    spare = len(cells) - width
    if header.exact and spare < header.spare:
        return f"has {len(cells)} cells; the rows before have {width + header.spare}"
    if spare > header.spare:
        return f"has {len(cells)} cells; the header has {width}"
    others = [mark for mark in DELIMITERS if sum(cell.count(mark) for cell in cells) >= len(cells)]
    if spare < 0 and others:
        return f"has {len(cells)} cells; the header has {width}, separated by {MARKS.get(header.delimiter, header.delimiter)}"
    for name, cell in zip_longest(header.names, cells, fillvalue=""):
        if not name and cell.strip():
            return f"has {quoted(cell.strip())} in a column without a name"
    return None


def _in_words(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark is opened here and never closed"
    if "expected after" in error:
        return "text follows a closing quotation mark; inside a text it is written twice"
    return error
