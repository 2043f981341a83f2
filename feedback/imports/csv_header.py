"""The header of a CSV file: where it is, what separates it, and which columns of ours it names."""

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from feedback.core.text import quoted
from feedback.imports.columns import IGNORED, column_key, match_columns, name_halves
from feedback.imports.csv_text import TextLines, Unreadable

DELIMITERS = ",;\t|"  # spreadsheets save with semicolons where the comma is the decimal mark
WRONG_HEADER = "wrong header"
_ONE_TEXT = re.compile(
    r'"([^"]*[,;\t|][^"]*)"(\s*)'
)  # a row that a spreadsheet with another separator took for a text
ABOVE = 10  # lines that may stand above the header: a title, a day, who exported it
MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def first_line(lines: TextLines) -> tuple[str, str]:
    """Return the line in which the header begins, the first that is not blank; and the possible separators,
    the one of a line "sep=;" first."""
    marks = DELIMITERS
    for line in lines:
        if said := re.fullmatch(r'"?sep=([^"\w\r\n ])?"?[;,\t|]*\s*', line, re.IGNORECASE):
            marks = (said[1] or "") + DELIMITERS
        elif line.strip(" \t\r\n,;|"):
            whole = _ONE_TEXT.fullmatch(line)
            return whole[1] + whole[2] if whole else line, marks
        else:
            lines.next_row()
    return "", marks


def from_header(
    first: str,
    marks: str,
    lines: Iterator[str],
    columns: Sequence[str],
    needed: Collection[str],
    chosen: Mapping[str, str] | None,
) -> tuple[list[str], int]:
    """Return the lines that were read from the header on, and how many of them stand above it, from `first` on: the header
    is the first line that names all that is needed, and below another line two columns at least; or else `first`."""
    ahead = [first]
    while True:
        line = ahead[-1]
        header = next(
            csv.reader([line], delimiter=delimiter_of(line, marks, columns, chosen), skipinitialspace=True),
            [],
        )
        names = {name for name in match_columns(header, columns, chosen) if name in columns}
        if halves := name_halves(header, columns, chosen):
            names.add(halves[0])
        if names.issuperset(needed) and (len(names) > 1 or len(ahead) == 1):
            return [line], len(ahead) - 1
        with suppress(Unreadable):  # what is wrong is the header, then
            if len(ahead) <= ABOVE and (following := next(lines, None)) is not None:
                ahead.append(following)
                continue
        return ahead, 0


def delimiter_of(line: str, marks: str, columns: Sequence[str], chosen: Mapping[str, str] | None) -> str:
    """Return the separator by which the header names most columns, the first of equals."""

    def found(mark: str) -> int:
        names = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
        return sum(name in columns for name in match_columns(names, columns, chosen))

    return max(marks, key=found)


def tell_of_columns(
    header: Sequence[str],
    names: Sequence[str],
    halves: tuple[str, int, int] | None,
    time: int | None,
    on_note: Callable[[str], None],
) -> None:
    """Say which columns go by another name than ours, and which were left out."""
    if halves:
        ours, *places = halves
        first, last = (quoted(header[place].strip()) for place in places)
        on_note(f"{first} and {last} together are {ours}.")
        names = ["" if place in places else name for place, name in enumerate(names)]
    if time is not None:
        day = quoted(header[names.index("held_at")].strip())
        on_note(f"{day} and {quoted(header[time].strip())} together are held_at.")
        names = ["" if place == time else name for place, name in enumerate(names)]
    taken = [
        f"{quoted(cell.strip())} is {name}"
        for cell, name in zip(header, names, strict=False)
        if name and not name.startswith(IGNORED) and column_key(cell) != name
    ]
    left_out = [quoted(name.removeprefix(IGNORED)) for name in names if name.startswith(IGNORED)]
    if taken:
        on_note(f"Columns were taken by what they are called: {', '.join(taken)}.")
    if left_out:
        on_note(f"Columns that are none of ours were left out: {', '.join(left_out)}.")


def wrong_header(names: list[str], columns: Sequence[str], needed: Collection[str]) -> str | None:
    complaints = (
        ("missing", [name for name in columns if name in needed and name not in names]),
        ("there twice", [name for name in columns if names.count(name) > 1]),
    )
    found = [f"{what}: {', '.join(repr(n)[1:-1][:40] for n in which)}" for what, which in complaints if which]
    return f"{WRONG_HEADER}; {'; '.join(found)}. The columns are: {', '.join(columns)}" if found else None
