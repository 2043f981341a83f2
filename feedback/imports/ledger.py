"""What an import does with each row of its file, kept on disk until it is stored: a hundred thousand rows fit into no
page and into little memory."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from feedback.core.finding import folded
from feedback.db.bulk import insert_all
from feedback.db.change import Change
from feedback.models import ImportRow
from feedback.models.columns import new_id

AT_ONCE = 2000  # rows that are stored at a time
LONGEST = 400  # characters of what a row is about
MOST_SAID = 12  # sentences of one row
FLAGS = ("made", "changed", "joined", "left_out", "asks")

# [table, id, values before or None for a row that was made, values after]; values as JSON has them
Deed = list[Any]


@dataclass(slots=True)
class Noted:
    """What comes of one row of the file; several may be true at once."""

    number: int  # of the row, as a spreadsheet counts
    about: str = ""
    made: bool = False  # something new is stored
    changed: bool = False  # something that was here is changed
    joined: bool = False  # it is taken for somebody who was here
    left_out: bool = False  # nothing of it is stored
    asks: bool = False  # somebody has to say who is meant, or has said it
    says: list[str] = field(default_factory=list)
    meeting_id: str | None = None  # that it made
    deeds: list[Deed] = field(default_factory=list)


class Ledger:
    """The rows of one file, in the order in which they were noted. kept: whether somebody will want them; the command line
    does not."""

    def __init__(self, kept: bool = True) -> None:
        self.kept = kept
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (see close)
        self.counts: Counter[str] = Counter()

    def note(self, row: Noted) -> None:
        """Keep what comes of a row."""
        if not self.kept:
            return
        self.counts.update(name for name in FLAGS if getattr(row, name))
        self.counts["rows"] += 1
        self._file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")

    def forget(self) -> None:
        """Begin anew: the file is read once more."""
        self._file.seek(0)
        self._file.truncate()
        self.counts.clear()

    def store(self, c: Change, job_id: UUID) -> None:
        """Store the rows."""
        self._file.seek(0)
        rows = (self._row(c, job_id, json.loads(line)) for line in self._file)
        while some := list(islice(rows, AT_ONCE)):
            insert_all(c.session, ImportRow, some)

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()

    def _row(self, c: Change, job_id: UUID, kept: dict[str, Any]) -> dict[str, Any]:
        meeting_id = kept["meeting_id"]
        return {
            **kept,
            "organisation_id": c.organisation_id,
            "id": new_id(),
            "job_id": job_id,
            "about": kept["about"][:LONGEST],
            "about_key": folded(kept["about"] or " ".join(kept["says"]))[:LONGEST],
            "says": kept["says"][:MOST_SAID],
            "meeting_id": UUID(meeting_id) if meeting_id else None,
            "deeds": kept["deeds"] or None,
        }


def made_deed(table: str, row_id: UUID, **values: Any) -> Deed:
    """Return the deed of a row that was made. values: what it is known by, as it has to be found again."""
    return [table, str(row_id), None, values]


def account_deed(account_id: UUID, name: str) -> Deed:
    """Return the deed of an account that was made, with nothing but its name."""
    blank = {"value": None, "review_days": None, "renews_on": None, "archived_at": None}
    return made_deed("accounts", account_id, name=name, **blank)


def contact_deed(contact_id: UUID, account_id: UUID, name: str, email: str | None) -> Deed:
    """Return the deed of a contact who was made, with nothing but name and e-mail."""
    blank = {"role": None, "language": None, "archived_at": None, "erased_at": None}
    return made_deed("contacts", contact_id, account_id=str(account_id), name=name, email=email, **blank)


def changed_deed(table: str, row_id: UUID, before: dict[str, Any], after: dict[str, Any]) -> Deed:
    """Return the deed of a row that was changed, with the columns that were."""
    return [table, str(row_id), before, after]


def from_to(column: str, before: Any, after: Any) -> str:
    """Say in words what becomes of a column."""
    return f"{column.replace('_', ' ')}: {_shown(before)} → {_shown(after)}"


def whole(kept: Iterable[str]) -> str:
    """Return words with commas between, without the blank ones."""
    return ", ".join(word for word in kept if word)


def _shown(value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)
