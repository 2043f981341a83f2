"""What every import has: a file that can be read twice, a list of what is wrong, and a report."""

import gc
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import BinaryIO

from babel import Locale, UnknownLocaleError

from feedback.actions.people import normal_email
from feedback.core.text import quoted
from feedback.db.change import Invalid
from feedback.imports.csv_rows import CsvRow, read_rows

MOST_SHOWN = 50

Progress = Callable[[float], None]  # how much is done, 0..1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """row: as a spreadsheet numbers it; the header is row 1."""

    row: int
    reason: str


class BadFile(Exception):
    """Nothing was imported. problems: the first of them; count: how many rows are wrong in all."""

    def __init__(self, problems: Sequence[Problem], count: int) -> None:
        super().__init__(f"{count} rows are wrong")
        self.problems = tuple(problems)
        self.count = count


class DryRun(Exception):
    """Raised at the end of a dry run inside its transaction, so that nothing of it stays."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or in a dry run would do. added, updated: such as "3 accounts". already: rows
    that changed nothing."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    already: int = 0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Problems:
    """Bad rows: the first are kept, all are counted, so that memory stays small."""

    first: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, found: Iterable[Problem]) -> None:
        for problem in sorted(found):
            self.count += 1
            if self.count <= MOST_SHOWN:
                self.first.append(problem)

    def refuse(self) -> None:
        """Raises BadFile if there is any."""
        if self.count:
            raise BadFile(self.first, self.count)


class Source:
    """A file that can be read from its start more than once; a pipe is kept in a temporary file. notes: what the
    latest reading took on trust."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._kept = file, None
        self.notes: list[str] = []
        if not file.seekable():
            self._file = self._kept = tempfile.TemporaryFile()  # noqa: SIM115 (see close)
            shutil.copyfileobj(file, self._file)

    def close(self) -> None:
        """Lets go of the temporary file; the file itself is its opener's."""
        if self._kept:
            self._kept.close()

    def batches(
        self,
        columns: Sequence[str],
        size: int,
        progress: Progress = lambda part: None,
        needed: Collection[str] | None = None,
    ) -> Iterator[list[CsvRow]]:
        """The rows from the start, `size` at a time. needed: the columns that may not be absent; None: any."""
        self.notes.clear()
        whole = self._file.seek(0, 2) or 1
        self._file.seek(0)
        found = read_rows(self._file, columns, needed, self.notes.append)
        while batch := list(islice(found, size)):
            progress(min(1.0, self._file.tell() / whole))
            yield batch
        progress(1.0)


@contextmanager
def relaxed_gc() -> Iterator[None]:
    """Python looks for garbage less often: a batch is tens of thousands of objects and no garbage, and
    looking through them over and over took a sixth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def count_phrase(number: int, one: str, many: str) -> tuple[str, ...]:
    """(), ("1 account",) or ("3 accounts",)."""
    return (f"{number} {one if number == 1 else many}",) if number else ()


@lru_cache(maxsize=20_000)
def email(text: str) -> str:
    """An address as it is stored. Raises ValueError."""
    try:
        return normal_email(text)
    except Invalid:
        raise ValueError(f"{quoted(text)} is not an e-mail address") from None


def language(text: str) -> str:
    """A BCP 47 tag of a language there is. Raises ValueError."""
    tag = text.replace("_", "-")
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        tag = ""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,16}", tag):
        raise ValueError(f"{quoted(text)} is no language; write it like de or pt-BR")
    return tag
