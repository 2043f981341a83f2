"""Writes an export: three files that the import takes, every table as JSON lines, and what is in them."""

import base64
import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlmodel import Session

from feedback import __version__
from feedback.core.text import safe_cell
from feedback.imports import accounts, outcomes, people
from feedback.imports.history import row as history
from feedback.store import export
from feedback.store.organisations import organisation

Open = Callable[[str], BinaryIO]  # opens a file of the export for writing, by name
BOM = "\ufeff"  # Excel reads the names right by it

READ_ME = """\
Everything of {name}, as of {now}.

people.csv, accounts.csv, history.csv, outcomes.csv   in the form that the import takes; import them in this order
tables/*.jsonl                                        every table, a row to a line, as JSON
manifest.json                                         the files, how many rows each has, its SHA-256, and the columns

Passwords, sessions, the addresses of clients' pages and what tells one phone from another are not exported; neither are
answers that have not settled, nor guesses that are not sealed. A cell that a spreadsheet could take for a formula begins
with an apostrophe; the import takes it off again.
"""


def export_to_folder(session: Session, organisation_id: UUID, folder: Path, now: datetime) -> dict[str, int]:
    """Write an export into a folder that is empty or not there yet; return the rows of each file. Raises
    FileExistsError for a folder that is not empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; choose another, and nothing is overwritten")

    def opened(name: str) -> BinaryIO:
        (folder / name).parent.mkdir(exist_ok=True)
        return (folder / name).open("xb")

    return _write(session, organisation_id, opened, now)


def export_to_zip(session: Session, organisation_id: UUID, file: BinaryIO, now: datetime) -> dict[str, int]:
    """Write an export as one ZIP file; return the rows of each file in it."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        return _write(session, organisation_id, lambda name: archive.open(name, "w"), now)  # type: ignore[arg-type,return-value]  # a file that can only be written


def _write(session: Session, organisation_id: UUID, opened: Open, now: datetime) -> dict[str, int]:
    files: list[dict[str, Any]] = []

    def put(name: str, columns: dict[str, str], chunks: Iterator[str]) -> None:
        digest, rows = hashlib.sha256(), -1 if name.endswith(".csv") else 0
        with opened(name) as out:
            for chunk in chunks:
                data = chunk.encode()
                digest.update(data)
                out.write(data)
                rows += 1
        files.append({"name": name, "rows": rows, "sha256": digest.hexdigest(), "columns": columns})

    read = session, organisation_id
    lists: tuple[tuple[str, tuple[str, ...], Iterable[Any]], ...] = (
        ("people.csv", people.COLUMNS, export.exported_people(*read)),
        ("accounts.csv", accounts.COLUMNS, export.exported_clients(*read)),
        ("history.csv", history.COLUMNS, export.exported_history(*read, now)),
        ("outcomes.csv", outcomes.COLUMNS, export.exported_outcomes(*read)),
    )
    for name, columns, rows in lists:
        put(name, dict.fromkeys(columns, "text"), _csv(columns, rows))
    for table in export.exported_tables():
        rows = export.exported_rows(*read, table, now)
        put(f"tables/{table}.jsonl", export.exported_columns(table), (_json(row) + "\n" for row in rows))
    kept = organisation(*read)
    about = {
        "organisation": kept.name,
        "timezone": kept.timezone,
        "exported_at": now.isoformat(),
        "version": __version__,
        "files": files,
    }
    with opened("manifest.json") as out:
        out.write(json.dumps(about, indent=2, ensure_ascii=False).encode())
    with opened("README.txt") as out:
        out.write(READ_ME.format(name=kept.name, now=f"{now:%Y-%m-%d %H:%M} UTC").encode())
    return {each["name"]: each["rows"] for each in files}


def _csv(columns: Iterable[str], rows: Iterable[Any]) -> Iterator[str]:
    """Return the lines of a CSV file."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow(columns)
    yield BOM + line.text
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield line.text


class _Line:
    """A file of which only the line that was written last is kept."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_cell(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=_plain)


def _plain(value: object) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):  # the logo
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is not exported")
