"""The accounts and contacts that a file names: those that are stored, and those it adds."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, update
from sqlmodel import Session, col

from feedback.core.finding import LONGEST_TEXT, search_text
from feedback.core.names import may_be_one_person
from feedback.core.records import record
from feedback.db.bulk import insert_all
from feedback.imports.disk_dict import DiskDict, digest
from feedback.imports.doubts import Answers, IdentityDoubt, Said, second_key, several
from feedback.imports.ledger import Deed, account_deed, changed_deed, contact_deed, from_to, whole
from feedback.models import Account, Contact
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import OtherName, account_keys, contact_keys, other_names

_STORED, _NEW = b"h", b"n"
RECENT = 5000  # contacts that are looked up without the disk
# What is not known to be searched yet (None) stays so, and is written by the daily job.
_MORE_SEARCHED = func.substr(col(Contact.search).concat(bindparam("more")), 1, LONGEST_TEXT)


@record
class FoundContact:
    """Whom a row means."""

    id: UUID
    new: bool  # this file added them
    by: str = ""  # by what they were found, in words; blank when this very row added them


class Directory:
    """Finds contacts for rows of history. What is missing is planned, and written by `write`.

    Kept on disk: account ids by name; contact ids, and whether this file added them, by account and name, by account,
    name and e-mail, and, with the name, by account and e-mail; the contacts that have no e-mail; and what those are
    called that were here. shared: how many were added whose e-mail is somebody else's, too. sharer: the first of them.
    """

    def __init__(
        self, session: Session, organisation_id: UUID, now: datetime, choices: Mapping[str, str] | None = None
    ) -> None:
        self._session, self._organisation_id, self._now = session, organisation_id, now
        self.answers = Answers(choices or {})
        self._known = DiskDict()
        self.contact = lru_cache(maxsize=RECENT)(self._contact)
        self.accounts_added = self.contacts_added = self.shared = 0
        self.sharer = ""
        self._accounts: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._emails: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._deeds: list[Deed] = []
        for key, account_id in account_keys(session, organisation_id):
            self._known.put(_account_key(key), account_id.bytes)
        for account_id, contact_id, name, stored_key, email in contact_keys(session, organisation_id):
            self._index(account_id, contact_id, name_key(name), email, _STORED)
            self._take_key(account_id, name_key(name), stored_key)
            self._known.put(_called(contact_id), whole((name, email or "")).encode())
        for other in other_names(session, organisation_id):
            self._index_other(other)

    def called(self, contact_id: UUID) -> str:
        """Return name and e-mail of a contact who was here before the file."""
        return (self._known.get(_called(contact_id)) or b"").decode()

    def done_for_row(self) -> tuple[list[str], list[Deed]]:
        """Return what was planned since the last call, in sentences, and as deeds."""
        found = self._said, self._deeds
        self._said, self._deeds = [], []
        return found

    def _contact(self, account: str, name: str, email: str | None) -> FoundContact:
        """Return whom a row means: the contact of this name and e-mail at this account; else the one of this name without
        an e-mail, which is added; else whoever has the e-mail there, if the names may be one person's, for several may
        share a mailbox; else a new one. Raises ValueError where it could be several people, and Doubtful where somebody
        has to say."""
        account_id = self._account_id(account)
        key = name_key(name)
        exact = self._known.get(_key_by_both(account_id, key, email))
        if exact:
            return _found(exact, "name and e-mail" if email else "name")
        named = _records(self._known.get(_key_by_name(account_id, key)))
        if named:
            return self._of_this_name(account_id, account, name, email, named)
        addressed = self._known.get(_key_by_email(account_id, email)) if email else None
        if addressed and may_be_one_person(addressed[17:].decode(), key):
            # the name is the contact's other name from now on: the next import shall say the same
            self._known.put(_key_by_name(account_id, key), addressed[:17])
            return _found(addressed[:17], "e-mail")
        if addressed:
            self.shared += 1
            self.sharer = self.sharer or name
        return self._add(account_id, account, name, self._free_key(account_id, key, email), email)

    def _of_this_name(
        self, account_id: UUID, account: str, name: str, email: str | None, named: list[bytes]
    ) -> FoundContact:
        if not email:
            return _found(self._only(name, named), "name")
        addressed = self._known.get(_key_by_email(account_id, email))
        if addressed and addressed[:17] in named:  # the one is of before two contacts were joined
            return _found(addressed[:17], "name and e-mail")
        blank = next(
            (each for each in named if self._known.get(_key_without_email(_id(each))) is not None), None
        )
        if blank:
            self._add_email(account_id, _id(blank), name, email, blank)
            return _found(blank, "name")
        here = ", ".join(self._email_of(each) for each in named)
        if self.answers.said(IdentityDoubt.OTHER_EMAIL, account_id, name, email, here) == Said.NEW:
            key = self._free_key(account_id, name_key(name), email)
            return self._add(account_id, account, name, key, email)
        meant = self._only(name, named)
        self._known.put(_key_by_both(account_id, name_key(name), email), meant)  # later rows follow this one
        return _found(meant, "name")

    def _only(self, name: str, named: list[bytes]) -> bytes:
        if len(named) > 1:
            raise several(name, [self._email_of(each) for each in named])
        return named[0]

    def _email_of(self, record: bytes) -> str:
        return (self._known.get(_email_key(_id(record))) or b"").decode()

    def _add_email(self, account_id: UUID, contact_id: UUID, name: str, email: str, record: bytes) -> None:
        """Give a contact an e-mail who has none, unless somebody else there has it."""
        if self._known.get(_key_by_email(account_id, email)):
            self._said.append(f"{email} is left out: it is somebody else's there")
            return
        self._known.drop(_key_without_email(contact_id))
        self._known.put(_key_by_email(account_id, email), record + name_key(name).encode())
        self._known.put(_key_by_both(account_id, name_key(name), email), record)
        self._known.put(_email_key(contact_id), email.encode())
        self._emails.append({"of": contact_id, "email": email, "more": f" {search_text(email)}"})
        self._said.append(f"{name}, {from_to('email', None, email)}")
        self._deeds.append(changed_deed("contacts", contact_id, {"email": None}, {"email": email}))

    def write(self) -> None:
        """Write what was planned since the last call."""
        insert_all(self._session, Account, self._accounts)
        insert_all(self._session, Contact, self._contacts)
        if self._emails:
            self._session.connection().execute(
                update(Contact)
                .where(
                    col(Contact.organisation_id) == self._organisation_id, col(Contact.id) == bindparam("of")
                )
                .values(email=bindparam("email"), search=_MORE_SEARCHED),
                self._emails,
            )
        self.forget()

    def forget(self) -> None:
        """Drop what was planned since the last call: the check of a file writes nothing."""
        for planned in (self._accounts, self._contacts, self._emails):
            planned.clear()

    def close(self) -> None:
        """Close the temporary file."""
        self._known.close()

    def _account_id(self, name: str) -> UUID:
        key = name_key(name)
        found = self._known.get(_account_key(key))
        if found:
            return UUID(bytes=found)
        account_id = new_id()
        self._known.put(_account_key(key), account_id.bytes)
        self.accounts_added += 1
        self._accounts.append(
            {**self._row(account_id), "name": name, "name_key": key, "search": search_text(name)}
        )
        self._said.append(f"New account: {name}")
        self._deeds.append(account_deed(account_id, name))
        return account_id

    def _add(self, account_id: UUID, account: str, name: str, key: str, email: str | None) -> FoundContact:
        contact_id = new_id()
        self._index(account_id, contact_id, name_key(name), email, _NEW)
        self.contacts_added += 1
        said: dict[str, Any] = {"name": name, "email": email}
        kept = {"account_id": account_id, "name_key": key, "search": search_text(name, account, email)}
        self._contacts.append({**self._row(contact_id), **said, **kept})
        self._said.append(f"New contact: {whole((name, email or ''))}")
        self._deeds.append(contact_deed(contact_id, account_id, **said))
        return FoundContact(contact_id, new=True)

    def _index(self, account_id: UUID, contact_id: UUID, key: str, email: str | None, origin: bytes) -> None:
        record = contact_id.bytes + origin
        named = _key_by_name(account_id, key)
        self._known.put(named, (self._known.get(named) or b"") + record)
        if not self._known.get(both := _key_by_both(account_id, key, email)):
            self._known.put(both, record)
        if not email:
            self._known.put(_key_without_email(contact_id))
            return
        self._known.put(_email_key(contact_id), email.encode())
        if not self._known.get(addressed := _key_by_email(account_id, email)):
            self._known.put(addressed, record + key.encode())

    def _index_other(self, other: OtherName) -> None:
        """Let a second name, and a second address, find who is meant, where nobody else has them."""
        found = other.contact_id.bytes + _STORED
        self._take_key(other.account_id, other.key, other.stored_key)
        for by in (
            _key_by_both(other.account_id, other.key, other.email),
            _key_by_name(other.account_id, other.key),
        ):
            if not self._known.get(by):
                self._known.put(by, found)
        if other.email and not self._known.get(addressed := _key_by_email(other.account_id, other.email)):
            self._known.put(addressed, found + other.key.encode())

    def _free_key(self, account_id: UUID, key: str, email: str | None) -> str:
        """Return what a name is stored under, where a key stands there once."""
        if not self._known.get(_key_by_name(account_id, key)):
            return key
        free, number = second_key(key, email or ""), 1
        while self._known.get(_stored_key(account_id, free)) is not None:
            number += 1
            free = second_key(key, f"{email or ''} {number}")
        self._take_key(account_id, key, free)
        return free

    def _take_key(self, account_id: UUID, key: str, stored: str) -> None:
        """Note what a name is stored under where that is not the name."""
        if stored != key:
            self._known.put(_stored_key(account_id, stored))

    def _row(self, row_id: UUID) -> dict[str, Any]:
        return {"organisation_id": self._organisation_id, "id": row_id, "created_at": self._now}


def _account_key(key: str) -> bytes:
    return digest(b"account ", key.encode())


def _key_by_name(account_id: UUID, key: str) -> bytes:
    return digest(b"named   ", account_id.bytes, key.encode())


def _key_by_email(account_id: UUID, email: str) -> bytes:
    return digest(b"address ", account_id.bytes, email.encode())


def _key_without_email(contact_id: UUID) -> bytes:
    return digest(b"no email", contact_id.bytes)


def _key_by_both(account_id: UUID, key: str, email: str | None) -> bytes:
    return digest(b"both    ", account_id.bytes, f"{key}\0{email or ''}".encode())


def _email_key(contact_id: UUID) -> bytes:
    return digest(b"email of", contact_id.bytes)


def _stored_key(account_id: UUID, key: str) -> bytes:
    return digest(b"stored  ", account_id.bytes, key.encode())


def _called(contact_id: UUID) -> bytes:
    return digest(b"called  ", contact_id.bytes)


def _records(found: bytes | None) -> list[bytes]:
    """Return each contact of a name: an id, and who added it."""
    return [found[at : at + 17] for at in range(0, len(found or b""), 17)] if found else []


def _id(record: bytes) -> UUID:
    return UUID(bytes=record[:16])


def _found(record: bytes, by: str) -> FoundContact:
    return FoundContact(_id(record), record[16:17] == _NEW, by)
