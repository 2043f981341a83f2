"""Import of what became of clients. A row adds an outcome; none changes one that is here."""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from feedback.actions.evidence import want_evidence
from feedback.actions.outcomes import AHEAD, EARLIEST, TOO_EARLY
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.core.text import quoted
from feedback.db.bulk import insert_all
from feedback.db.change import Change
from feedback.imports import cells as read
from feedback.imports.cells import Cells
from feedback.imports.csv_rows import CsvRow
from feedback.imports.days import iso_day
from feedback.imports.disk_dict import DiskDict
from feedback.imports.ledger import Noted, made_deed, whole
from feedback.imports.report import (
    Instructions,
    LostLetters,
    Problem,
    Problems,
    Progress,
    Report,
    Source,
    count_phrase,
    email_address,
    problem_of,
)
from feedback.models import Account, NotedOutcome
from feedback.models.columns import new_id
from feedback.models.outcome import LONGEST_REASON
from feedback.store.contacts import name_key
from feedback.store.imports import accounts_named, contacts_named
from feedback.store.outcomes import OutcomeView, outcomes_at

COLUMNS = ("account", "contact_email", "date", "outcome", "value_before", "value_after", "reason", "contact")
NEEDED = ("account", "date", "outcome")
BATCH = 500
_MIDNIGHT = re.compile(
    r"[ T]00:00(?::00(?:\.0+)?)? ?(?:Z|UTC|[+-][0-9:]+)?", re.IGNORECASE
)  # of a program that has no days
Whose = tuple[UUID, UUID | None]  # account, contact


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """An outcome as a row says it. None where the cell is blank."""

    number: int  # of the row, as a spreadsheet counts
    account: str
    contact: str | None
    contact_email: str | None
    day: date
    outcome: ClientOutcome
    value_before: float | None
    value_after: float | None
    reason: str | None

    @property
    def said(self) -> dict[str, object]:
        """Return what is stored of it beside whose and when."""
        return {name: getattr(self, name) for name in ("outcome", "value_before", "value_after", "reason")}


def import_outcomes(c: Change, source: Source, progress: Progress, how: Instructions) -> Report:
    """Import all rows or none. Raises BadFile with every row that is wrong."""
    with closing(DiskDict()) as seen:
        importing = _Outcomes(c, seen, how)
        for batch in source.batches(COLUMNS, BATCH, progress, NEEDED):
            importing.take(batch)
        importing.problems.refuse()
        if importing.added:
            want_evidence(c)
        return importing.report()


def outcome_row(row: CsvRow, today: date) -> OutcomeRow | list[str]:
    """Return what the row says, or the reasons why it is refused. today: in the organisation's calendar."""
    cells = Cells(row.cells)
    account = cells.needed("account", read.name)
    day = cells.needed("date", lambda text: _day(text, today))
    outcome = cells.needed("outcome", _outcome)
    contact = cells.optional("contact", read.one_person)
    email = cells.optional("contact_email", email_address)
    before, after = cells.optional("value_before", read.amount), cells.optional("value_after", read.amount)
    reason = cells.optional("reason", _reason)
    if cells.reasons or account is None or day is None or outcome is None:
        return cells.reasons
    return OutcomeRow(row.number, account, contact, email, day, outcome, before, after, reason)


def _outcome(text: str) -> ClientOutcome:
    if text.casefold() not in tuple(ClientOutcome):
        raise ValueError(f"one of {', '.join(ClientOutcome)}, not {quoted(text)}")
    return ClientOutcome(text.casefold())


def _day(text: str, today: date) -> date:
    try:
        day = iso_day(text)
        found = date.fromisoformat(day[:10] if _MIDNIGHT.fullmatch(day[10:]) else day)
    except ValueError:
        raise ValueError(f"{quoted(text)} is no date; write it like 2026-05-01") from None
    if found > today or found < EARLIEST:
        raise ValueError(str(AHEAD if found > today else TOO_EARLY))
    return found


def _reason(text: str) -> str:
    found = read.comment(text)
    if len(found) > LONGEST_REASON:
        raise ValueError(f"at most {LONGEST_REASON} characters; this has {len(found)}")
    return found


class _Outcomes:
    """One import, batch by batch."""

    def __init__(self, c: Change, seen: DiskDict, how: Instructions) -> None:
        self._c, self._seen, self._how = c, seen, how
        self._today = c.now.astimezone(c.zone).date()
        self.problems = Problems(how.book)
        self._lost = LostLetters()
        self.added = self._already = self._strange = 0

    def take(self, batch: Sequence[CsvRow]) -> None:
        """Store a batch, and note what comes of each row."""
        wrong: list[Problem] = []
        rows: list[OutcomeRow] = []
        for row in batch:
            found = [row.problem] if row.problem else outcome_row(row, self._today)
            if isinstance(found, list):
                wrong.append(Problem(row.number, "; ".join(found)))
            else:
                rows.append(found)
                self._lost.look(row.number, found.reason)
        accounts = accounts_named(
            self._c.session, self._c.organisation_id, {name_key(row.account) for row in rows}
        )
        ids = sorted({account.id for account in accounts.values()})
        people = contacts_named(self._c.session, self._c.organisation_id, ids)
        here = outcomes_at(self._c.session, self._c.organisation_id, ids)
        new = []
        for one in rows:
            try:
                if stored := self._take_row(one, accounts.get(name_key(one.account)), people, here):
                    new.append(stored)
            except ValueError as error:
                wrong.append(problem_of(one.number, error))
        insert_all(self._c.session, NotedOutcome, new)
        self.added += len(new)
        self.problems.add(wrong)

    def report(self) -> Report:
        """Return what came of all rows."""
        left = count_phrase(self._strange, "row is of an account", "rows are of accounts")
        return Report(
            added=count_phrase(self.added, "outcome", "outcomes"),
            already=self._already,
            notes=(*(f"{each} that nobody here has: left out." for each in left), *self._lost.notes()),
        )

    def _take_row(
        self,
        one: OutcomeRow,
        account: Account | None,
        people: dict[tuple[UUID, str], list[UUID]],
        here: dict[tuple[UUID, UUID | None, date], OutcomeView],
    ) -> dict[str, object] | None:
        """Return the row to be stored; None where nothing is. Raises ValueError for a row that is wrong."""
        noted = Noted(
            one.number, whole((one.contact or one.contact_email or "", one.account, one.day.isoformat()))
        )
        if account is None:
            noted.left_out = True
            noted.says.append(
                f"No account is called {quoted(one.account)}: left out. Import it first, if it is yours"
            )
            self._strange += 1
            self._how.book.note(noted)
            return None
        contact_id = _contact(one, account.id, people)
        before = self._seen.row_before(f"{account.id} {contact_id} {one.day}".encode(), one.number)
        if before is not None:
            raise ValueError(f"the same account, contact and date as row {before}")
        stored = here.get((account.id, contact_id, one.day))
        if stored:
            self._already += 1
            noted.left_out = True
            noted.says.append(_here_already(one, stored))
            self._how.book.note(noted)
            return None
        row_id = new_id()
        self._note_new(noted, row_id, account, contact_id, one)
        return {
            "organisation_id": self._c.organisation_id, "id": row_id, "created_at": self._c.now,
            "account_id": account.id, "contact_id": contact_id, "happened_on": one.day,
            "noted_by_id": self._how.by, "source": OutcomeSource.IMPORT, **one.said,
        }  # fmt: skip

    def _note_new(
        self, noted: Noted, row_id: UUID, account: Account, contact_id: UUID | None, one: OutcomeRow
    ) -> None:
        known_by = {
            "account_id": str(account.id), "contact_id": str(contact_id) if contact_id else None,
            "happened_on": one.day.isoformat(), "corrected_at": None, "retracted_at": None, **one.said,
        }  # fmt: skip
        noted.made = True
        noted.says.append(f"New outcome: {account.name}, {one.outcome.value}")
        noted.deeds.append(made_deed("outcomes", row_id, **known_by))
        self._how.book.note(noted)


def _here_already(one: OutcomeRow, stored: OutcomeView) -> str:
    """Say of a row that is not stored why. Raises ValueError where something else is stored."""
    if stored.retracted_at:
        return "Here already, and retracted since: it stays retracted"
    different = [name for name, value in one.said.items() if value not in (None, getattr(stored, name))]
    if different:
        raise ValueError(
            f"an outcome of that day is here already, with something else in {', '.join(different)}; "
            "correct it on the account's page"
        )
    return "This outcome is here already"


def _contact(one: OutcomeRow, account_id: UUID, people: dict[tuple[UUID, str], list[UUID]]) -> UUID | None:
    """Return whose outcome it is; None for the whole account's. Raises ValueError for nobody, or several."""
    for column, said in (("contact_email", one.contact_email), ("contact", one.contact)):
        if not said:
            continue
        key = said if column == "contact_email" else name_key(said)
        found = people.get((account_id, key), [])
        if not found:
            raise ValueError(f"{column}: nobody at {quoted(one.account)} has {quoted(said)}")
        if len(found) > 1:
            raise ValueError(f"{column}: several people at {quoted(one.account)} have {quoted(said)}")
        return found[0]
    return None
