"""Excel's workbooks: the first sheet, written as the CSV file that the spreadsheet could have saved."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, time
from io import TextIOWrapper
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

LARGEST_UNFOLDED = 200 << 20  # bytes; what is larger is a bomb, or a file for the command line as CSV
LARGEST_TEXTS = 48 << 20  # bytes of the texts of all cells, which are held in memory
MOST_COLUMNS = 200  # that are looked at; a cell far to the right would make each row as wide
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = 'Save it in the spreadsheet as "CSV UTF-8" or as an Excel workbook (.xlsx)'
# What people upload by mistake, by its first bytes.
OTHERS = {
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a picture",
    b"\x89PNG": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a recording",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"\x1f\x8b": "an archive",
    b"{\\rtf": "a text document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"<?xml": "an XML file",
    b"BEGIN:VCARD": "an address book",
    b"BEGIN:VCALENDAR": "a calendar",
    b"%!PS": "a print file",
    b"SQLite format 3": "a database",
}


class WrongWorkbook(ValueError):
    """Raised for a file that cannot be read; the message says why, and what to do."""


def is_workbook(file: BinaryIO) -> bool:
    """Tell whether a file is a workbook, by its first bytes; it is read from its start afterwards."""
    file.seek(0)
    head = file.read(len(_ZIP))
    file.seek(0)
    return head == _ZIP


def refuse_other_files(file: BinaryIO) -> None:
    """Refuse a file that is no table, by what is in it and not by its name. Raises WrongWorkbook. A pipe is not looked
    at."""
    if not file.seekable():
        return
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if head.startswith(_OLD_OFFICE):
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in file.read():
            raise WrongWorkbook("This workbook has a password. Save it without one, or as CSV.")
        raise WrongWorkbook(f"This is an old Excel file (.xls), or another document. {SAVE_AS}.")
    for mark, what in OTHERS.items():
        if head.lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(mark.lower()):
            raise WrongWorkbook(f"This is {what}, and no table. {SAVE_AS}.")
    if head.startswith(_ZIP):
        _refuse_other_archives(file)


def _refuse_other_archives(file: BinaryIO) -> None:
    """Refuse what is no Excel workbook, is damaged, or would unfold into more than we hold."""
    try:
        with ZipFile(file) as archive:
            sizes = {part.filename: part.file_size for part in archive.infolist()}
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        raise WrongWorkbook("This file is damaged, or no workbook. Save it anew, or as CSV.") from None
    finally:
        file.seek(0)
    if "xl/workbook.xml" not in sizes:
        raise WrongWorkbook(f"This is an archive or another document, and no Excel workbook. {SAVE_AS}.")
    texts = sum(size for name, size in sizes.items() if "sharedStrings" in name)
    if sum(sizes.values()) > LARGEST_UNFOLDED or texts > LARGEST_TEXTS:
        raise WrongWorkbook("This workbook is too large. Save the sheet as CSV and import that.")


def write_csv(book: BinaryIO, out: BinaryIO) -> tuple[str, ...]:
    """Write the first sheet of a workbook as CSV; return what was assumed, in sentences. Raises WrongWorkbook."""
    _refuse_other_archives(book)
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
        for row in sheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True):
            cells = [_cell(value) for value in _used(row)]
            width = width or len(cells)
            writer.writerow(cells + [""] * (width - len(cells)))
        return [sheet.title for sheet in sheets]
    except WrongWorkbook:
        raise
    except Exception as error:  # openpyxl raises of every kind for a file that is not as it should be
        raise WrongWorkbook(
            f"This workbook cannot be read ({type(error).__name__}). Save it anew in Excel, or as CSV."
        ) from error


def _used(row: Sequence[object]) -> Sequence[object]:
    """Return a row without the blank cells at its end."""
    end = len(row)
    while end and row[end - 1] in (None, ""):
        end -= 1
    return row[:end]


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
