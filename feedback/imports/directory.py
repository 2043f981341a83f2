"""The accounts and contacts that a file names: those that are stored, and those it adds."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from feedback.core.finding import search_text
from feedback.core.names import may_be_one_person
from feedback.db.bulk import insert_all
from feedback.imports.disk_dict import DiskDict, digest
from feedback.models import Account, Contact
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import OtherName, account_keys, contact_keys, other_names

_STORED, _NEW = b"h", b"n"
RECENT = 5000  # contacts that are looked up without the disk


class Directory:
    """Finds contacts for rows of history. What is missing is planned, and written by `write`.

    Kept on disk: account ids by name; contact ids, and whether this file added them, by account and name,
    and, with the name, by account and e-mail; and the contacts that have no e-mail. shared: how many were
    added whose e-mail is somebody else's, too. sharer: the first of them.
    """

    def __init__(self, session: Session, organisation_id: UUID, now: datetime) -> None:
        self._session, self._organisation_id, self._now = session, organisation_id, now
        self._known = DiskDict()
        self.contact = lru_cache(maxsize=RECENT)(self._contact)
        self.accounts_added = self.contacts_added = self.shared = 0
        self.sharer = ""
        self._accounts: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._emails: list[dict[str, Any]] = []
        for key, account_id in account_keys(session, organisation_id):
            self._known.put(_account_key(key), account_id.bytes)
        for account_id, contact_id, key, email in contact_keys(session, organisation_id):
            self._index(
                contact_id,
                key,
                _key_by_name(account_id, key),
                _key_by_email(account_id, email) if email else None,
                _STORED,
            )
        for other in other_names(session, organisation_id):
            self._index_other(other)

    def _contact(self, account: str, name: str, email: str | None) -> tuple[UUID, bool]:
        """Return the id of a contact, and whether this file added it: the contact of this name at this
        account; else the one there with this e-mail, if the names may be one person's, for several may share
        a mailbox; else a new one. An e-mail is added to a contact that has none."""
        account_id = self._account_id(account)
        key = name_key(name)
        named, addressed = _key_by_name(account_id, key), _key_by_email(account_id, email) if email else None
        found = self._known.get(named)
        if found is None and addressed:
            found = self._known.get(addressed)
            if found and not may_be_one_person(found[17:].decode(), key):
                found = None
                self.shared += 1
                self.sharer = self.sharer or name
            if found:  # the name is the contact's other name from now on: the next import shall say the same
                self._known.put(named, found)
        if found is None:
            return self._add(account_id, account, name, email), True
        contact_id = UUID(bytes=found[:16])
        if (
            addressed
            and self._known.get(_key_without_email(contact_id)) is not None
            and not self._known.get(addressed)
        ):
            self._known.drop(_key_without_email(contact_id))
            self._known.put(addressed, found[:17] + key.encode())
            said = search_text(name, account, email)
            self._emails.append({"of": contact_id, "email": email, "search": said})
        return contact_id, found[16:17] == _NEW

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
                .values(email=bindparam("email"), search=bindparam("search")),
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
        return account_id

    def _add(self, account_id: UUID, account: str, name: str, email: str | None) -> UUID:
        contact_id, key = new_id(), name_key(name)
        self._index(
            contact_id,
            key,
            _key_by_name(account_id, key),
            _key_by_email(account_id, email) if email else None,
            _NEW,
        )
        self.contacts_added += 1
        said = {
            "account_id": account_id, "name": name, "name_key": key, "email": email,
            "search": search_text(name, account, email),
        }  # fmt: skip
        self._contacts.append({**self._row(contact_id), **said})
        return contact_id

    def _index(
        self, contact_id: UUID, key: str, named: bytes, addressed: bytes | None, origin: bytes
    ) -> None:
        self._known.put(named, contact_id.bytes + origin)
        if not addressed:
            self._known.put(_key_without_email(contact_id))
        elif not self._known.get(addressed):
            self._known.put(addressed, contact_id.bytes + origin + key.encode())

    def _index_other(self, other: OtherName) -> None:
        """Let a second name, and a second address, find who is meant, where nobody else has them."""
        found = other.contact_id.bytes + _STORED
        if not self._known.get(named := _key_by_name(other.account_id, other.name_key)):
            self._known.put(named, found)
        if other.email and not self._known.get(addressed := _key_by_email(other.account_id, other.email)):
            self._known.put(addressed, found + other.name_key.encode())

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
