"""The contacts of some accounts, and whom of them a row of accounts means."""

from collections import defaultdict
from uuid import UUID

from feedback.core.names import may_be_one_person
from feedback.core.text import quoted
from feedback.imports.doubts import Answers, IdentityDoubt, Said, second_key, several
from feedback.models import Contact
from feedback.store.contacts import name_key
from feedback.store.imports import OtherName

FORMER = "a name or address of before two contacts were joined"


class KnownContacts:
    """Contacts by account and name, and by account and e-mail. answers: what was said about doubts."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._by_name: defaultdict[tuple[UUID, str], list[Contact]] = defaultdict(list)
        self._by_email: defaultdict[tuple[UUID, str], list[Contact]] = defaultdict(list)
        self._former: dict[tuple[UUID, str, str | None], Contact] = {}
        self._formerly: set[tuple[UUID, str]] = (
            set()
        )  # contacts, with a name or address of who was joined with them
        self._keys: set[tuple[UUID, str]] = set()  # what names at an account are stored under

    def add(self, contact: Contact) -> None:
        """Add a contact, stored or new."""
        self._keys.add((contact.account_id, contact.name_key))
        self._by_name[contact.account_id, name_key(contact.name)].append(contact)
        if contact.email:
            self.add_email(contact, contact.email)

    def add_email(self, contact: Contact, email: str) -> None:
        """Let a contact be found by this e-mail, too."""
        self._by_email[contact.account_id, email].append(contact)

    def rename(self, contact: Contact, name: str) -> None:
        """Let a contact be found by another name. What it was stored under is free then."""
        self._keys.discard((contact.account_id, contact.name_key))
        self._by_name[contact.account_id, name_key(contact.name)].remove(contact)
        self._by_name[contact.account_id, name_key(name)].append(contact)

    def add_other(self, other: OtherName, contact: Contact) -> None:
        """Let a contact be found by name and address of who was joined with them, where nobody else has these."""
        self._keys.add((other.account_id, other.stored_key))
        self._former.setdefault((other.account_id, other.key, other.email), contact)
        for found, said, own in (
            (self._by_name, other.key, name_key(contact.name)),
            (self._by_email, other.email, contact.email),
        ):
            if said and not found[other.account_id, said]:
                found[other.account_id, said].append(contact)
            if said and said != own:
                self._formerly.add((contact.id, said))

    def free_key(self, account_id: UUID, key: str, address: str | None) -> str:
        """Return what a name is stored under at an account, where a key stands once."""
        free, number = key, 1
        while (account_id, free) in self._keys:
            free = second_key(key, f"{address or ''}{f' {number}' if number > 1 else ''}")
            number += 1
        self._keys.add((account_id, free))
        return free

    def find(self, account_id: UUID, name: str, address: str | None) -> tuple[Contact | None, str]:
        """Return the contact at this account whom a row means, None for somebody new, and by what it was found: name and
        e-mail; else the one of this name without an e-mail; else whoever has the e-mail and could be called so. FORMER:
        only as somebody who was joined with them. Raises ValueError where it could be several people, and Doubtful where
        somebody has to say."""
        contact, by = self._find(account_id, name, address)
        said = {name_key(name)} | ({address} if address else set())
        former = contact and any((contact.id, each) in self._formerly for each in said)
        return contact, FORMER if former else by

    def _find(self, account_id: UUID, name: str, address: str | None) -> tuple[Contact | None, str]:
        named = self._by_name[account_id, name_key(name)]
        addressed = self._by_email[account_id, address] if address else []
        if exact := [each for each in named if each.email == address]:
            return exact[0], "name and e-mail" if address else "name"
        if former := self._former.get((account_id, name_key(name), address)):
            return former, FORMER
        if not address:
            if len(named) > 1:
                raise several(name, [each.email or "" for each in named])
            return (named[0], "name") if named else (None, "")
        if both := [each for each in named if each in addressed]:
            return both[0], "name and e-mail"
        if named and addressed:
            raise ValueError(f"contact_email: {address} is the address of {quoted(addressed[0].name)} there")
        if blank := [each for each in named if not each.email]:
            return blank[0], "name"
        if likely := [each for each in addressed if may_be_one_person(each.name, name)]:
            return likely[0], "e-mail"
        for doubt, found in ((IdentityDoubt.OTHER_EMAIL, named), (IdentityDoubt.OTHER_NAME, addressed)):
            if found:
                here = ", ".join(
                    (each.email if found is named else quoted(each.name)) or "" for each in found
                )
                if self._answers.said(doubt, account_id, name, address, here) == Said.NEW:
                    return None, ""
                if len(found) > 1:
                    raise several(name, [each.email or "" for each in found])
                return found[0], "name" if found is named else "e-mail"
        return None, ""
