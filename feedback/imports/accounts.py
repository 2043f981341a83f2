"""Import of client companies and the people there. Filled cells are stored, blank ones leave what is
stored."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from feedback.core.finding import search_text, with_words
from feedback.core.text import quoted
from feedback.db.change import Change
from feedback.imports import cells as read
from feedback.imports.cells import Cells
from feedback.imports.csv_rows import CsvRow
from feedback.imports.disk_dict import DiskDict
from feedback.imports.report import (
    Problem,
    Problems,
    Progress,
    Report,
    Source,
    count_phrase,
    email_address,
    language_tag,
)
from feedback.models import Account, Contact
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import accounts_named, contact_rows, contacts_of, other_names

OF_CONTACT = ("contact_email", "contact_role", "language")
COLUMNS = ("account", "contact", *OF_CONTACT, "value", "review_days")
NEEDED = ("account",)
BATCH = 500


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


def import_accounts(c: Change, source: Source, progress: Progress) -> Report:
    """Import all rows or none. Raises BadFile with every row that is wrong."""
    with closing(DiskDict()) as seen:
        importing = _Accounts(c, seen)
        for batch in source.batches(COLUMNS, BATCH, progress, NEEDED):
            importing.take(batch)
        importing.problems.refuse()
        return importing.report()


def client_row(row: CsvRow) -> ClientRow | list[str]:
    """Return what the row says, or the reasons why it is refused."""
    cells = Cells(row.cells)
    account = cells.needed("account", read.name)
    contact = cells.optional("contact", read.name)
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
    if not row.cells["contact"].strip() and any(row.cells[column].strip() for column in OF_CONTACT):
        cells.reasons.append(f"contact is needed with {', '.join(OF_CONTACT)}")
    return cells.reasons or found


class _Accounts:
    """One import, batch by batch."""

    def __init__(self, c: Change, seen: DiskDict) -> None:
        self._c, self._seen = c, seen
        self.problems = Problems()
        self._added: Counter[type[SQLModel]] = Counter()
        self._updated: Counter[type[SQLModel]] = Counter()
        self._already = 0
        self._others = other_names(c.session, c.organisation_id)  # of contacts that were joined with another
        self._by_name: dict[tuple[UUID, str], Contact] = {}
        self._by_email: dict[tuple[UUID, str], Contact] = {}

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
                changed = [first == one.number, self._account(one, account), self._contact(one, account)]
                self._already += not any(changed)
            except ValueError as error:
                wrong.append(Problem(one.number, str(error)))
        self._c.session.flush()
        self.problems.add(wrong)

    def report(self) -> Report:
        def words(counts: Counter[type[SQLModel]]) -> tuple[str, ...]:
            return (
                *count_phrase(counts[Account], "account", "accounts"),
                *count_phrase(counts[Contact], "contact", "contacts"),
            )

        return Report(words(self._added), words(self._updated), self._already)

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
        here = contacts_of(self._c.session, self._c.organisation_id, account_ids)
        self._by_name = {(contact.account_id, contact.name_key): contact for contact in here}
        self._by_email = {(contact.account_id, contact.email): contact for contact in here if contact.email}
        others = [other for other in self._others if other.account_id in set(account_ids)]
        rows = contact_rows(self._c.session, self._c.organisation_id, [other.contact_id for other in others])
        for other in others:
            self._by_name.setdefault((other.account_id, other.name_key), rows[other.contact_id])
            if other.email:
                self._by_email.setdefault((other.account_id, other.email), rows[other.contact_id])

    def _account(self, row: ClientRow, account: Account) -> bool:
        """Store what the row says of its account; return whether that changed anything. Raises ValueError
        when another row said something else."""
        for column in ("value", "review_days"):
            said, stored = getattr(row, column), getattr(account, column)
            before = said is not None and self._seen.row_before(f"{account.id} {column}".encode(), row.number)
            if before and said != stored:
                raise ValueError(f"{column}: of this account row {before} says {stored:g}, not {said:g}")
        return self._update(account, value=row.value, review_days=row.review_days)

    def _contact(self, row: ClientRow, account: Account) -> bool:
        """Store the contact likewise: the one of this name, else the one with this e-mail, who is renamed.
        Raises ValueError as well when the two are different people, or the contact had a row before."""
        if row.contact is None:
            return False
        key, address = name_key(row.contact), row.contact_email
        named = self._by_name.get((account.id, key))
        addressed = self._by_email.get((account.id, address)) if address else None
        if named and addressed and named is not addressed:
            raise ValueError(f"contact_email: {address} is the address of {quoted(addressed.name)} there")
        contact = named or addressed
        if contact and (contact.name_key != key if named else contact.email != address):
            return False  # by a name, or an address, of before it was joined with another
        changed = contact is None
        if contact is None:
            contact = Contact(
                **self._row(Contact), account_id=account.id, name=row.contact, name_key=key, email=address
            )
            self._c.session.add(contact)
        if before := self._seen.row_before(contact.id.bytes, row.number):
            raise ValueError(f"the same contact as row {before}, {quoted(contact.name)}")
        if contact is addressed and contact is not named:
            self._by_name.pop((account.id, contact.name_key), None)
            changed = self._update(contact, name=row.contact, name_key=key)
            self._c.session.flush()  # before a new contact takes the old name
        updated = self._update(contact, email=address, role=row.contact_role, language=row.language)
        if changed or updated:
            contact.search = with_words(
                search_text(contact.name, account.name, contact.email), contact.search
            )
        self._by_name[account.id, key] = contact
        if address:
            self._by_email[account.id, address] = contact
        return changed or updated

    def _update(self, stored: Account | Contact, **said: Any) -> bool:
        """Set the values that were given and differ from what is stored; return whether there was any."""
        changes = {
            column: value for column, value in said.items() if value not in (None, getattr(stored, column))
        }
        for column, value in changes.items():
            setattr(stored, column, value)
        if changes and not self._seen.row_before(b"changed" + stored.id.bytes, 1):
            self._updated[type(stored)] += 1
        return bool(changes)

    def _row(self, table: type[SQLModel]) -> dict[str, Any]:
        """Return the columns that every new row begins with, and count the row as added."""
        row_id = new_id()
        self._added[table] += 1
        self._seen.row_before(b"changed" + row_id.bytes, 1)  # added, so it never counts as updated too
        return {"organisation_id": self._c.organisation_id, "id": row_id, "created_at": self._c.now}
