"""Whom a file speaks of: the accounts and contacts that are here, and those it adds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from feedback.models import Account, Contact
from feedback.models.columns import new_id
from feedback.store.contacts import name_key
from feedback.store.imports import account_ids, contact_keys, insert_all


class Directory:
    """Finds contacts for rows of history. What is missing is planned, and written by `write`."""

    def __init__(self, session: Session, organisation_id: UUID, now: datetime) -> None:
        self._session, self._organisation_id, self._now = session, organisation_id, now
        self._accounts = account_ids(session, organisation_id)
        self._contacts: dict[tuple[UUID, str], UUID] = {}
        self._by_email: dict[tuple[UUID, str], UUID] = {}
        self._without_email: set[UUID] = set()
        self._fresh: set[UUID] = set()
        self.accounts_added = self.contacts_added = 0
        self.planned: dict[str, list[dict[str, Any]]] = {"accounts": [], "contacts": [], "emails": []}
        for account_id, contact_id, key, email in contact_keys(session, organisation_id):
            self._know(account_id, contact_id, key, email)

    def contact(self, account: str, name: str, email: str | None) -> UUID:
        """The contact of this name at this account; else the one there with this e-mail; else a new one.
        An e-mail is added to a contact that has none."""
        account_id = self._account(account)
        key = name_key(name)
        found = self._contacts.get((account_id, key))
        if found is None and email:
            found = self._by_email.get((account_id, email))
            if found:  # the name is the contact's other name from now on: the next import shall say the same
                self._contacts[account_id, key] = found
        if found is None:
            return self._add(account_id, name, key, email)
        if email and found in self._without_email and (account_id, email) not in self._by_email:
            self._without_email.discard(found)
            self._by_email[account_id, email] = found
            self.planned["emails"].append({"of": found, "email": email})
        return found

    def is_new(self, contact_id: UUID) -> bool:
        """Was the contact added by this file?"""
        return contact_id in self._fresh

    def write(self) -> None:
        """What was planned since the last time."""
        insert_all(self._session, Account, self.planned["accounts"])
        insert_all(self._session, Contact, self.planned["contacts"])
        if self.planned["emails"]:
            self._session.connection().execute(
                update(Contact)
                .where(
                    col(Contact.organisation_id) == self._organisation_id, col(Contact.id) == bindparam("of")
                )
                .values(email=bindparam("email")),
                self.planned["emails"],
            )
        self.forget()

    def forget(self) -> None:
        """Drops what was planned since the last time: a rehearsal."""
        for rows in self.planned.values():
            rows.clear()

    def _account(self, name: str) -> UUID:
        key = name_key(name)
        found = self._accounts.get(key)
        if found is None:
            found = self._accounts[key] = new_id()
            self.accounts_added += 1
            self.planned["accounts"].append({**self._row(found), "name": name, "name_key": key})
        return found

    def _add(self, account_id: UUID, name: str, key: str, email: str | None) -> UUID:
        contact_id = new_id()
        self._fresh.add(contact_id)
        self._know(account_id, contact_id, key, email)
        self.contacts_added += 1
        self.planned["contacts"].append(
            {
                **self._row(contact_id),
                "account_id": account_id,
                "name": name,
                "name_key": key,
                "email": email,
            }
        )
        return contact_id

    def _know(self, account_id: UUID, contact_id: UUID, key: str, email: str | None) -> None:
        self._contacts[account_id, key] = contact_id
        if email:
            self._by_email.setdefault((account_id, email), contact_id)
        else:
            self._without_email.add(contact_id)

    def _row(self, row_id: UUID) -> dict[str, Any]:
        return {"organisation_id": self._organisation_id, "id": row_id, "created_at": self._now}
