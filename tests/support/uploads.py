"""An owner at /import, and the worker who does what is asked there."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from feedback.imports.running import run_jobs
from support.cast import Browser, Cast, Clock
from support.pages import words


@dataclass
class Importing:
    """One owner's imports. folder: where the worker and the page tell each other how far it is."""

    browser: Browser
    cast: Cast
    clock: Clock
    folder: Path

    def upload(self, kind: str, text: str | bytes, name: str = "file.csv"):
        content = text.encode() if isinstance(text, str) else text
        return self.browser.post(
            "/import", {"kind": kind, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
        )

    def work(self) -> int:
        return run_jobs(self.cast.db, self.clock, self.folder)

    def check(self, kind: str, text: str | bytes, name: str = "file.csv", **doubts: str) -> str:
        """Upload a file and have it checked; return its address. doubts: what is said about each."""
        place = self.upload(kind, text, name).location
        self.work()
        if doubts:
            self.act(place, "check", **{f"doubt-{name}": said for name, said in doubts.items()})
        return place

    def bring(self, kind: str, text: str | bytes, name: str = "file.csv", **doubts: str) -> str:
        """Import a file; return its address."""
        place = self.check(kind, text, name, **doubts)
        self.act(place, "import")
        return place

    def act(self, place: str, what: str, **fields: str) -> int:
        """Press a button, and have it done; return the status of the press."""
        status = self.browser.post(place, {"what": what, **fields}).status_code
        self.work()
        return status

    def page(self, place: str) -> str:
        return words(self.browser.get(place).text)

    def rows(self, place: str, **asked: str) -> list[dict[str, str]]:
        """Return what comes of each row, as the file that can be downloaded says it."""
        text = self.browser.get(f"{place}/rows.csv", query_string=asked).text
        return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def workbook(text: str, delimiter: str = ",") -> bytes:
    """Return the workbook that a spreadsheet makes of a CSV file."""
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        book.active.append([float(cell) if cell.isdigit() else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
