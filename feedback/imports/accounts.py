"""Import of client companies and the people there. Filled cells are stored, blank ones leave what is
stored."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from feedback.actions.clients import write_search
from feedback.core.finding import search_text
from feedback.core.text import quoted
from feedback.db.change import Change
from feedback.imports import cells as read
from feedback.imports.cells import Cells
from feedback.imports.csv_rows import CsvRow
from feedback.imports.disk_dict import DiskDict
from feedback.imports.doubts import Answers
from feedback.imports.known_contacts import FORMER, KnownContacts
from feedback.imports.ledger import Noted, account_deed, changed_deed, contact_deed, from_to, whole
from feedback.imports.report import (
    Instructions,
    Problem,
    Problems,
    Progress,
    Report,
    Source,
    count_phrase,
    email_address,
    language_tag,
    problem_of,
)
from feedback.models import Account, Contact
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import accounts_named, contact_rows, contacts_of, other_names

OF_CONTACT = ("contact_email", "contact_role", "language")
COLUMNS = ("account", "contact", *OF_CONTACT, "value", "review_days")
NEEDED = ("account",)
BATCH = 500
# What a spreadsheet or a report of a CRM calls its last row.
TOTALS = frozenset(
    (
        "total", "totals", "grand total", "total general", "total général", "total result", "sum", "subtotal", "average",
        "count", "summe", "zwischensumme", "gesamt", "gesamtsumme", "gesamtergebnis", "ergebnis", "durchschnitt",
        "mittelwert", "anzahl", "totaal", "eindtotaal", "somme", "moyenne", "totale", "totale complessivo", "total geral",
        "suma", "suma końcowa", "totalsumma", "totalsum", "hovedtotal", "итого", "общий итог", "合計", "総計", "小計", "合计",
        "总计", "총합계",
    )
)  # fmt: skip
_COUNTED = re.compile(r"\s*\([^()]*\d[^()]*\)$")  # Total (12 rows)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """An account, and perhaps a contact there. None where the cell is blank."""

    number: int  # of the row, as a spreadsheet counts
    account: str
    contact: str | None
    contact_email: str | None
    contact_role: str | None
    language: str | None
    value: float | None
    review_days: int | None


def import_accounts(c: Change, source: Source, progress: Progress, how: Instructions) -> Report:
    """Import all rows or none. Raises BadFile with every row that is wrong."""
    with closing(DiskDict()) as seen:
        importing = _Accounts(c, seen, how)
        for batch in source.batches(COLUMNS, BATCH, progress, NEEDED):
            importing.take(batch)
        importing.problems.refuse()
        return importing.report()


def client_row(row: CsvRow) -> ClientRow | list[str]:
    """Return what the row says, or the reasons why it is refused."""
    cells = Cells(row.cells)
    account = cells.needed("account", read.name)
    contact = cells.optional("contact", read.one_person)
    found = ClientRow(
        number=row.number,
        account=account or "",
        contact=contact,
        contact_email=cells.optional("contact_email", email_address),
        contact_role=cells.optional("contact_role", read.name),
        language=cells.optional("language", language_tag),
        value=cells.optional("value", read.amount),
        review_days=cells.optional("review_days", read.days),
    )
    if not read.said_in(row.cells["contact"]) and any(read.said_in(row.cells[each]) for each in OF_CONTACT):
        cells.reasons.append(f"contact is needed with {', '.join(OF_CONTACT)}")
    nobody = not contact or not any(map(str.isalpha, contact))  # a total may count those above it
    if nobody and _COUNTED.sub("", name_key(found.account)).rstrip(":") in TOTALS:
        said = quoted(found.account)
        cells.reasons.append(
            f"account: {said} is the sum of the rows above, or not? Take the row out, or write the whole name"
        )
    return cells.reasons or found


class _Accounts:
    """One import, batch by batch."""

    def __init__(self, c: Change, seen: DiskDict, how: Instructions) -> None:
        self._c, self._seen, self._how = c, seen, how
        self.problems = Problems(how.book)
        self._added: Counter[type[SQLModel]] = Counter()
        self._updated: Counter[type[SQLModel]] = Counter()
        self._already = 0
        self._answers = Answers(how.choices)
        self._known = KnownContacts(self._answers)
        self._others = other_names(c.session, c.organisation_id)  # of contacts that were joined with another
        self._renamed: list[UUID] = []  # contacts to be searched by something else

    def take(self, batch: Sequence[CsvRow]) -> None:
        wrong: list[Problem] = []
        rows: list[ClientRow] = []
        for row in batch:
            found = [row.problem] if row.problem else client_row(row)
            if isinstance(found, list):
                wrong.append(Problem(row.number, "; ".join(found)))
            else:
                rows.append(found)
        accounts = self._accounts_of(rows)
        self._load_contacts([account.id for account, _ in accounts.values()])
        for one in rows:
            account, first = accounts[name_key(one.account)]
            try:
                self._take_row(one, account, first == one.number)
            except ValueError as error:
                wrong.append(problem_of(one.number, error))
        write_search(self._c, self._renamed)
        self._renamed.clear()
        self.problems.add(wrong)

    def report(self) -> Report:
        def words(counts: Counter[type[SQLModel]]) -> tuple[str, ...]:
            return (
                *count_phrase(counts[Account], "account", "accounts"),
                *count_phrase(counts[Contact], "contact", "contacts"),
            )

        return Report(words(self._added), words(self._updated), self._already)

    def _take_row(self, one: ClientRow, account: Account, first: bool) -> None:
        """Store a row, and note what came of it. Raises ValueError."""
        noted = Noted(one.number, whole((one.contact or "", one.account)))
        if first:
            noted.made = True
            noted.says.append(f"New account: {account.name}")
            noted.deeds.append(account_deed(account.id, account.name))
        self._account(one, account, noted)
        self._contact(one, account, noted)
        if not noted.deeds:
            noted.left_out = True
            noted.says.append("Nothing new")
            self._already += 1
        self._how.book.note(noted)

    def _accounts_of(self, rows: Sequence[ClientRow]) -> dict[str, tuple[Account, int | None]]:
        """Return the accounts by name_key, made where they are missing, each with the number of the row that
        added it; None for one that was stored before."""
        first = {name_key(row.account): row for row in reversed(rows)}
        here = accounts_named(self._c.session, self._c.organisation_id, first)
        found: dict[str, tuple[Account, int | None]] = {key: (account, None) for key, account in here.items()}
        for key, row in first.items():
            if key not in found:
                account = Account(
                    **self._row(Account), name=row.account, name_key=key, search=search_text(row.account)
                )
                self._c.session.add(account)
                found[key] = account, row.number
        self._c.session.flush()
        return found

    def _load_contacts(self, account_ids: Sequence[UUID]) -> None:
        self._known = KnownContacts(self._answers)
        for contact in contacts_of(self._c.session, self._c.organisation_id, account_ids):
            self._known.add(contact)
        others = [other for other in self._others if other.account_id in set(account_ids)]
        rows = contact_rows(self._c.session, self._c.organisation_id, [other.contact_id for other in others])
        for other in others:
            self._known.add_other(other, rows[other.contact_id])

    def _account(self, row: ClientRow, account: Account, noted: Noted) -> None:
        """Store what the row says of its account. Raises ValueError when another row said something else."""
        for column in ("value", "review_days"):
            said, stored = getattr(row, column), getattr(account, column)
            before = said is not None and self._seen.row_before(f"{account.id} {column}".encode(), row.number)
            if before and said != stored:
                raise ValueError(f"{column}: of this account row {before} says {stored:g}, not {said:g}")
        self._update(account, noted, value=row.value, review_days=row.review_days)

    def _contact(self, row: ClientRow, account: Account, noted: Noted) -> None:
        """Store the contact likewise. Raises ValueError as well when it could be several people, or had a row before."""
        if row.contact is None:
            return
        self._answers.row = row.number
        contact, by = self._known.find(account.id, row.contact, row.contact_email)
        noted.asks = row.number in self._answers.answered
        key, address = name_key(row.contact), row.contact_email
        if contact is None:
            contact = self._add_contact(row, account, noted)
        elif by == FORMER:  # a file with both spellings changes nothing, however often it comes
            noted.joined = True
            noted.says.append(f"Joined by {by} to {whole((contact.name, contact.email or '', account.name))}")
            return
        elif before := self._seen.row_before(contact.id.bytes, row.number):
            raise ValueError(f"the same contact as row {before}, {quoted(contact.name)}")
        else:
            noted.joined = True
            noted.says.append(f"Joined by {by} to {whole((contact.name, contact.email or '', account.name))}")
            if name_key(contact.name) != key:
                self._known.rename(contact, row.contact)
                self._update(
                    contact, noted, name=row.contact, name_key=self._known.free_key(account.id, key, address)
                )
                self._c.session.flush()  # before a new contact takes the old name
        old = contact.email
        self._update(contact, noted, email=address, role=row.contact_role, language=row.language)
        if address and old != address:
            self._known.add_email(contact, address)

    def _add_contact(self, row: ClientRow, account: Account, noted: Noted) -> Contact:
        assert row.contact is not None  # noqa: S101 (looked at before)
        key = self._known.free_key(account.id, name_key(row.contact), row.contact_email)
        said: dict[str, Any] = {"name": row.contact, "email": row.contact_email}
        search = search_text(row.contact, account.name, row.contact_email)
        contact = Contact(**self._row(Contact), account_id=account.id, name_key=key, search=search, **said)
        self._seen.row_before(contact.id.bytes, row.number)
        self._c.session.add(contact)
        self._known.add(contact)
        noted.made = True
        noted.says.append(f"New contact: {whole((row.contact, row.contact_email or '', account.name))}")
        noted.deeds.append(contact_deed(contact.id, account.id, **said))
        return contact

    def _update(self, stored: Account | Contact, noted: Noted, **said: Any) -> None:
        """Set the values that were given and differ from what is stored, and note it."""
        changes = {
            column: value for column, value in said.items() if value not in (None, getattr(stored, column))
        }
        if not changes:
            return
        if isinstance(stored, Contact) and ("name" in changes or "email" in changes):
            self._renamed.append(stored.id)
        before = {column: getattr(stored, column) for column in changes}
        for column, value in changes.items():
            setattr(stored, column, value)
        noted.deeds.append(changed_deed(str(stored.__tablename__), stored.id, before, changes))
        shown = [
            from_to(column, before[column], changes[column]) for column in changes if column != "name_key"
        ]
        noted.says.extend(f"{stored.name}, {words}" for words in shown)
        if self._seen.get(b"new" + stored.id.bytes) is None:
            noted.changed = True
            if not self._seen.row_before(b"changed" + stored.id.bytes, 1):
                self._updated[type(stored)] += 1

    def _row(self, table: type[SQLModel]) -> dict[str, Any]:
        """Return the columns that every new row begins with, and count the row as added."""
        row_id = new_id()
        self._added[table] += 1
        self._seen.put(b"new" + row_id.bytes)
        return {"organisation_id": self._c.organisation_id, "id": row_id, "created_at": self._c.now}
