"""Whom a file speaks of: the accounts and contacts that are here, and those it adds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from feedback.core.names import may_be_one_person
from feedback.db.bulk import insert_all
from feedback.imports.disk_dict import DiskDict, digest
from feedback.models import Account, Contact
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import account_keys, contact_keys

_HERE, _NEW = b"h", b"n"


class Directory:
    """Finds contacts for rows of history. What is missing is planned, and written by `write`.

    On disk: account ids by name; contact ids, and whether this file brought them, by account and name,
    and, with the name, by account and e-mail; and the contacts that have no e-mail. shared: how many were added
    whose e-mail is somebody else's, too; sharer: the first of them.
    """

    def __init__(self, session: Session, organisation_id: UUID, now: datetime) -> None:
        self._session, self._organisation_id, self._now = session, organisation_id, now
        self._shelf = DiskDict()
        self.accounts_added = self.contacts_added = self.shared = 0
        self.sharer = ""
        self._accounts: list[dict[str, Any]] = []
        self._contacts: list[dict[str, Any]] = []
        self._emails: list[dict[str, Any]] = []
        for key, account_id in account_keys(session, organisation_id):
            self._shelf.put(_account(key), account_id.bytes)
        for account_id, contact_id, key, email in contact_keys(session, organisation_id):
            self._know(
                contact_id,
                key,
                _named(account_id, key),
                _addressed(account_id, email) if email else None,
                _HERE,
            )

    def contact(self, account: str, name: str, email: str | None) -> tuple[UUID, bool]:
        """The contact of this name at this account; else the one there with this e-mail, if the names may be one
        person's, for several may share a mailbox; else a new one.
        An e-mail is added to a contact that has none. Returns its id, and whether this file brought it."""
        account_id = self._account_id(account)
        key = name_key(name)
        named, addressed = _named(account_id, key), _addressed(account_id, email) if email else None
        found = self._shelf.get(named)
        if found is None and addressed:
            found = self._shelf.get(addressed)
            if found and not may_be_one_person(found[17:].decode(), key):
                found = None
                self.shared += 1
                self.sharer = self.sharer or name
            if found:  # the name is the contact's other name from now on: the next import shall say the same
                self._shelf.put(named, found)
        if found is None:
            return self._add(account_id, name, key, email), True
        contact_id = UUID(bytes=found[:16])
        if addressed and self._shelf.get(_mute(contact_id)) is not None and not self._shelf.get(addressed):
            self._shelf.drop(_mute(contact_id))
            self._shelf.put(addressed, found[:17] + key.encode())
            self._emails.append({"of": contact_id, "email": email})
        return contact_id, found[16:17] == _NEW

    def write(self) -> None:
        """What was planned since the last time."""
        insert_all(self._session, Account, self._accounts)
        insert_all(self._session, Contact, self._contacts)
        if self._emails:
            self._session.connection().execute(
                update(Contact)
                .where(
                    col(Contact.organisation_id) == self._organisation_id, col(Contact.id) == bindparam("of")
                )
                .values(email=bindparam("email")),
                self._emails,
            )
        self.forget()

    def forget(self) -> None:
        """Drops what was planned since it was last written: a check writes nothing."""
        for planned in (self._accounts, self._contacts, self._emails):
            planned.clear()

    def close(self) -> None:
        self._shelf.close()

    def _account_id(self, name: str) -> UUID:
        key = name_key(name)
        found = self._shelf.get(_account(key))
        if found:
            return UUID(bytes=found)
        account_id = new_id()
        self._shelf.put(_account(key), account_id.bytes)
        self.accounts_added += 1
        self._accounts.append({**self._row(account_id), "name": name, "name_key": key})
        return account_id

    def _add(self, account_id: UUID, name: str, key: str, email: str | None) -> UUID:
        contact_id = new_id()
        self._know(
            contact_id, key, _named(account_id, key), _addressed(account_id, email) if email else None, _NEW
        )
        self.contacts_added += 1
        said = {"account_id": account_id, "name": name, "name_key": key, "email": email}
        self._contacts.append({**self._row(contact_id), **said})
        return contact_id

    def _know(self, contact_id: UUID, key: str, named: bytes, addressed: bytes | None, origin: bytes) -> None:
        self._shelf.put(named, contact_id.bytes + origin)
        if not addressed:
            self._shelf.put(_mute(contact_id))
        elif not self._shelf.get(addressed):
            self._shelf.put(addressed, contact_id.bytes + origin + key.encode())

    def _row(self, row_id: UUID) -> dict[str, Any]:
        return {"organisation_id": self._organisation_id, "id": row_id, "created_at": self._now}


def _account(key: str) -> bytes:
    return digest(b"account ", key.encode())


def _named(account_id: UUID, key: str) -> bytes:
    return digest(b"named   ", account_id.bytes, key.encode())


def _addressed(account_id: UUID, email: str) -> bytes:
    return digest(b"address ", account_id.bytes, email.encode())


def _mute(contact_id: UUID) -> bytes:
    return digest(b"no email", contact_id.bytes)
