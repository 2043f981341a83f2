"""Excel's workbooks: the first sheet, written as the CSV file that the spreadsheet could have saved."""

import csv
from datetime import date, datetime, time
from io import TextIOWrapper
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

LARGEST_UNFOLDED = 400 << 20  # bytes; what is larger is a bomb, or a file for the command line as CSV
_ZIP = b"PK\x03\x04"


class WrongWorkbook(ValueError):
    """Raised for a workbook that cannot be read; the message says why, and what to do."""


def is_workbook(file: BinaryIO) -> bool:
    """Tell whether a file is a workbook, by its first bytes; it is read from its start afterwards."""
    file.seek(0)
    head = file.read(len(_ZIP))
    file.seek(0)
    return head == _ZIP


def write_csv(book: BinaryIO, out: BinaryIO) -> tuple[str, ...]:
    """Write the first sheet of a workbook as CSV; return what was assumed, in sentences. Raises WrongWorkbook."""
    try:
        unfolded = sum(part.file_size for part in ZipFile(book).infolist())
    except (BadZipFile, ValueError, OSError):
        raise WrongWorkbook("This file is damaged, or no workbook. Save it anew, or as CSV.") from None
    if unfolded > LARGEST_UNFOLDED:
        raise WrongWorkbook("This workbook is too large. Save the sheet as CSV and import that.")
    book.seek(0)
    text = TextIOWrapper(out, encoding="utf-8", newline="")
    try:
        names = _write_first_sheet(book, csv.writer(text))
    finally:
        text.detach()
    if len(names) > 1:
        return (f"Only the first sheet was read, {names[0]}; the workbook has {len(names)}.",)
    return ()


def _write_first_sheet(book: BinaryIO, writer: Any) -> list[str]:
    """Write the rows of the first sheet, without blank columns at their ends; return the names of all sheets."""
    import openpyxl  # slow to load, and needed by workbooks alone

    try:
        opened = openpyxl.load_workbook(book, read_only=True, data_only=True)
        sheets = [sheet for sheet in opened.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise WrongWorkbook("This workbook has no sheet that can be seen.")
        width = 0
        for row in sheets[0].iter_rows(values_only=True):
            cells = [_cell(value) for value in row]
            while cells and not cells[-1] and len(cells) > width:
                cells.pop()
            width = width or len(cells)
            writer.writerow(cells)
        return [sheet.title for sheet in sheets]
    except WrongWorkbook:
        raise
    except Exception as error:  # openpyxl raises of every kind for a file that is not as it should be
        raise WrongWorkbook(
            f"This workbook cannot be read ({type(error).__name__}). Save it anew in Excel, or as CSV."
        ) from error


def _cell(value: object) -> str:
    """Return a cell as text: 4.0 is 4, a date is 2026-05-01, a time of day belongs to it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
