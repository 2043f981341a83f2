"""What every import uses: a file that can be read twice, a list of what is wrong, and a report."""

import gc
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from babel import Locale, UnknownLocaleError

from feedback.actions.people import normal_email
from feedback.core.audit import AuditKind
from feedback.core.text import quoted, visible
from feedback.db.change import Change, Invalid
from feedback.imports.cells import LOST_LETTER
from feedback.imports.csv_header import WRONG_HEADER
from feedback.imports.csv_rows import CsvRow, read_rows
from feedback.imports.doubts import Doubtful, IdentityDoubt
from feedback.imports.ledger import Ledger, Noted
from feedback.imports.workbook import is_workbook, write_csv

MOST_SHOWN = 50
MOST_ROWS_NAMED = 5
LONGEST_ADDRESSES = 1000  # letters of a cell in which several are looked for
_ADDRESS = re.compile(r"[^\s<>@,;:\"()]+@[^\s<>@,;:\"()]*[^\s<>@,;:\"().]")
_WRITTEN = re.compile(
    rf"(?:[^<>]*<)?\s*(?:(?:mailto|smtp):)?({_ADDRESS.pattern})[\s>.,;]*", re.IGNORECASE
)  # by mail programs

Progress = Callable[[float], None]  # how much is done, 0..1


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row."""

    row: int  # as a spreadsheet numbers it; the header is row 1
    reason: str
    doubt: IdentityDoubt | None = None  # when somebody has to be asked


class BadFile(Exception):
    """Raised when a file has wrong rows; nothing was imported. problems: the first of them. count: how many
    rows are wrong in all. doubts: of how many of these somebody has to be asked, by IdentityDoubt. notes: what was
    assumed. meant: the other ImportKind whose columns the file has."""

    def __init__(self, problems: Sequence[Problem], count: int, doubts: Mapping[str, int]) -> None:
        super().__init__(f"{count} rows are wrong")
        self.problems = tuple(problems)
        self.count = count
        self.doubts = dict(doubts)
        self.notes: tuple[str, ...] = ()
        self.meant: str | None = None

    @property
    def for_header(self) -> bool:
        """Tell whether the file was refused for its header."""
        return self.count == 1 and self.problems[0].reason.startswith(WRONG_HEADER)


class DryRun(Exception):
    """Raised at the end of a dry run inside its transaction, so that all of it is rolled back."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or in a dry run would do."""

    added: tuple[str, ...] = ()  # such as "3 accounts"
    updated: tuple[str, ...] = ()  # likewise
    already: int = 0  # rows that changed nothing
    notes: tuple[str, ...] = ()  # sentences about what was assumed


@dataclass(frozen=True, slots=True)
class Instructions:
    """How a file is imported, and for whom."""

    by: UUID | None = None  # who imports; None on the command line
    file_name: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)  # what was said about doubts (doubts.Answers)
    ledger: Ledger | None = None  # of whoever wants to know what comes of each row

    @property
    def book(self) -> Ledger:
        """Return the ledger of an import that runs."""
        assert self.ledger is not None  # noqa: S101 (import_file opens one)
        return self.ledger


Ending = Callable[[Change, Report], None]  # what is done at the end of an import's transaction


def record_import(
    c: Change, kind: str, report: Report, how: Instructions, job_id: UUID | None = None
) -> None:
    """Write an import into the audit log, unless it changed nothing: who, which file, and how many."""
    if report.added or report.updated:
        after = {"kind": kind, "added": list(report.added), "updated": list(report.updated)}
        c.audit(how.by, AuditKind.IMPORTED, job_id, name=how.file_name or kind, after=after)


@dataclass(slots=True)
class Problems:
    """Wrong rows: the first are kept, all are counted, so that memory use stays small; each is noted in the ledger."""

    ledger: Ledger
    first: list[Problem] = field(default_factory=list)
    count: int = 0
    doubts: Counter[str] = field(default_factory=Counter)

    def add(self, found: Iterable[Problem]) -> None:
        """Keep the first MOST_SHOWN problems, in order of rows within one call, and count all."""
        for problem in sorted(found, key=lambda each: (each.row, each.reason)):
            self.count += 1
            if self.count <= MOST_SHOWN:
                self.first.append(problem)
            if problem.doubt:
                self.doubts[problem.doubt] += 1
            asks = problem.doubt is not None
            self.ledger.note(Noted(problem.row, left_out=True, asks=asks, says=[problem.reason]))

    def refuse(self) -> None:
        """Raise BadFile if there is any problem."""
        if self.count:
            raise BadFile(self.first, self.count, self.doubts)


def problem_of(row: int, error: ValueError) -> Problem:
    """Return the problem of a row that was refused with an error."""
    return Problem(row, str(error), error.doubt if isinstance(error, Doubtful) else None)


class Source:
    """A file that can be read from its start more than once; a pipe is copied into a temporary file, and so is the
    first sheet of a workbook.

    chosen: what the file calls our columns, where somebody chose. notes: what the latest reading assumed about it.
    """

    def __init__(self, file: BinaryIO, chosen: Mapping[str, str] | None = None) -> None:
        self._file, self._kept, self._chosen = file, None, chosen
        self.notes: list[str] = []
        if not file.seekable():
            self._file = self._kept = tempfile.TemporaryFile()  # noqa: SIM115 (see close)
            shutil.copyfileobj(file, self._file)
        self._read_before: tuple[str, ...] = ()
        if is_workbook(self._file):
            self._take_workbook()

    def _take_workbook(self) -> None:
        """Go on with the first sheet of a workbook, as CSV. Raises WrongWorkbook."""
        sheet = tempfile.TemporaryFile()  # noqa: SIM115 (see close)
        try:
            self._read_before = write_csv(self._file, sheet)
        except BaseException:
            sheet.close()
            raise
        finally:
            self.close()
        self._file = self._kept = sheet

    def close(self) -> None:
        """Close the temporary file; the file itself belongs to whoever opened it."""
        if self._kept:
            self._kept.close()

    def has_columns(self, columns: Sequence[str], needed: Collection[str]) -> bool:
        """Tell whether the file has a header that names the needed columns."""
        problems = [
            row.problem or "" for rows in islice(self.batches(columns, 1, needed=needed), 1) for row in rows
        ]
        return not any(problem.startswith(WRONG_HEADER) for problem in problems)

    def batches(
        self,
        columns: Sequence[str],
        size: int,
        progress: Progress = lambda part: None,
        needed: Collection[str] | None = None,
    ) -> Iterator[list[CsvRow]]:
        """Return the rows from the start, `size` at a time. needed: the columns that may not be absent; None
        for all of them."""
        self.notes[:] = self._read_before
        whole = self._file.seek(0, 2) or 1
        self._file.seek(0)
        found = read_rows(self._file, columns, needed, self.notes.append, self._chosen)
        while batch := list(islice(found, size)):
            progress(min(1.0, self._file.tell() / whole))
            yield batch
        progress(1.0)


@contextmanager
def relaxed_gc() -> Iterator[None]:
    """Let Python collect garbage less often, in an import or a replay: a batch is tens of thousands of objects
    and no garbage, and searching them again and again took a sixth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class LostLetters:
    """The comments of a file with a letter that was lost before it was saved, so that it can be said of them."""

    def __init__(self) -> None:
        self._count, self._rows = 0, list[int]()  # and the first of them

    def look(self, row: int, comment: str | None) -> None:
        """Look at the comment of a row."""
        if comment and LOST_LETTER in comment:
            self._count += 1
            if self._count <= MOST_ROWS_NAMED:
                self._rows.append(row)

    def notes(self) -> tuple[str, ...]:
        """Return the sentence about them; none where there are none."""
        rows = ", ".join(map(str, self._rows)) + (" and others" if self._count > len(self._rows) else "")
        return tuple(
            f"{each} a letter that was lost before the file was saved ({LOST_LETTER}), in row {rows}: imported as written."
            for each in count_phrase(self._count, "comment has", "comments have")
        )


def count_phrase(number: int, one: str, many: str) -> tuple[str, ...]:
    """Return the count in words: (), ("1 account",) or ("3 accounts",)."""
    return (f"{number} {one if number == 1 else many}",) if number else ()


@lru_cache(maxsize=20_000)
def email_address(text: str) -> str:
    """Return an address as it is stored, also of Ruth Adler <ruth@x.example>, of mailto:, and without a mark behind it.
    Raises ValueError, and for several addresses."""
    plain = visible(text)
    if len(plain) <= LONGEST_ADDRESSES and len({found.lower() for found in _ADDRESS.findall(plain)}) > 1:
        raise ValueError(f"{quoted(text)} holds several e-mail addresses; leave one")
    written = _WRITTEN.fullmatch(plain)
    try:
        return normal_email(written[1] if written else plain)
    except Invalid:
        raise ValueError(f"{quoted(text)} is not an e-mail address") from None


def language_tag(text: str) -> str:
    """Return the BCP 47 tag of an existing language. Raises ValueError."""
    tag = text.replace("_", "-")
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        tag = ""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,16}", tag):
        raise ValueError(f"{quoted(text)} is no language; write it like de or pt-BR")
    return tag
