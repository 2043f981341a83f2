"""The contacts of some accounts, and whom of them a row of accounts means."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from feedback.core.names import may_be_one_person
from feedback.core.text import quoted
from feedback.imports.doubts import IdentityDoubt, Said, decide, several
from feedback.models import Contact
from feedback.store.contacts import name_key


class KnownContacts:
    """Contacts by account and name, and by account and e-mail. choices: what was said about each doubt."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self._choices = choices
        self._by_name: defaultdict[tuple[UUID, str], list[Contact]] = defaultdict(list)
        self._by_email: defaultdict[tuple[UUID, str], list[Contact]] = defaultdict(list)

    def add(self, contact: Contact) -> None:
        """Add a contact, stored or new."""
        self._by_name[contact.account_id, name_key(contact.name)].append(contact)
        if contact.email:
            self.add_email(contact, contact.email)

    def add_email(self, contact: Contact, email: str) -> None:
        """Let a contact be found by this e-mail, too."""
        self._by_email[contact.account_id, email].append(contact)

    def rename(self, contact: Contact, name: str) -> None:
        """Let a contact be found by another name."""
        self._by_name[contact.account_id, name_key(contact.name)].remove(contact)
        self._by_name[contact.account_id, name_key(name)].append(contact)

    def has(self, account_id: UUID, key: str) -> bool:
        """Tell whether somebody of this name is there."""
        return bool(self._by_name[account_id, key])

    def find(self, account_id: UUID, name: str, address: str | None) -> tuple[Contact | None, str]:
        """Return the contact at this account whom a row means, None for somebody new, and by what it was found: name and
        e-mail; else the one of this name without an e-mail; else whoever has the e-mail and could be called so. Raises
        ValueError where it could be several people, and Doubtful where somebody has to say."""
        named = self._by_name[account_id, name_key(name)]
        addressed = self._by_email[account_id, address] if address else []
        if exact := [each for each in named if each.email == address]:
            return exact[0], "name and e-mail" if address else "name"
        if not address:
            if len(named) > 1:
                raise several(name, [each.email or "" for each in named])
            return (named[0], "name") if named else (None, "")
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
                if decide(self._choices, doubt, name, address, here) == Said.NEW:
                    return None, ""
                if len(found) > 1:
                    raise several(name, [each.email or "" for each in found])
                return found[0], "name" if found is named else "e-mail"
        return None, ""
