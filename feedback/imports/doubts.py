"""Whether somebody in a file is somebody who is here: where nobody can know, somebody is asked, row by row or once for
all the rest of the file."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from feedback.core.text import quoted
from feedback.imports.disk_dict import digest
from feedback.store.contacts import name_key

LONGEST_KEY = 200  # characters of a Contact.name_key


class IdentityDoubt(StrEnum):
    """What speaks against it."""

    OTHER_EMAIL = "other_email"  # the same name at the same account, with another e-mail address
    OTHER_NAME = "other_name"  # the same e-mail address at the same account, with quite another name


class Said(StrEnum):
    """What was said about it."""

    NEW = "new"  # another person
    SAME = "same"  # the same person


class Doubtful(ValueError):
    """Raised for a row about which somebody has to be asked; the message says what is in doubt."""

    def __init__(self, doubt: IdentityDoubt, message: str) -> None:
        super().__init__(message)
        self.doubt = doubt


class Answers:
    """What was said about the doubts of one file.

    choices: by the number of a row, as text, what was said about it; by an IdentityDoubt what was about all the rest.
    row: the number of the row that is looked at. answered: the rows that were in doubt, and about which something was said.
    """

    def __init__(self, choices: Mapping[str, str]) -> None:
        self._choices = choices
        self._asked: dict[bytes, int] = {}
        self.row = 0
        self.answered: set[int] = set()

    def said(self, doubt: IdentityDoubt, account_id: UUID, name: str, email: str, here: str) -> Said:
        """Return what was said about a doubt. here: whom it is about, with what tells two of a name apart. Raises
        Doubtful where nothing was, and ValueError where an earlier row asks the same."""
        answer = self._choices.get(str(self.row)) or self._choices.get(doubt)
        if answer:
            self.answered.add(self.row)
            return Said(answer)
        first = self._asked.setdefault(
            digest(account_id.bytes, f"{name_key(name)}\0{email}".encode()), self.row
        )
        if first != self.row:
            raise ValueError(f"contact: {quoted(name)} is asked about in row {first}, which this row follows")
        words = {
            IdentityDoubt.OTHER_EMAIL: f"contact: {quoted(name)} is here with another address, {here}; is {email} the same person?",
            IdentityDoubt.OTHER_NAME: f"contact_email: {email} is the address of {here}; is {quoted(name)} the same person?",
        }
        raise Doubtful(doubt, words[doubt])


def several(name: str, emails: list[str]) -> ValueError:
    """Return the error of a row that could mean several people."""
    found = ", ".join(email or "one without an address" for email in emails)
    return ValueError(
        f"contact: {len(emails)} people there are called {quoted(name)}: {found}; fill in contact_email"
    )


def second_key(key: str, email: str) -> str:
    """Return what a further person of a name at an account is stored under, since a key stands there once."""
    mark = f" <{email}>"
    if len(key) + len(mark) > LONGEST_KEY:
        mark = f" <{digest(email.encode()).hex()}>"
    return key[: LONGEST_KEY - len(mark)] + mark
