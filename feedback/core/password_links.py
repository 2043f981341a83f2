"""Links by which somebody who forgot the password sets a new one. (Owners make others: core/links.py.) Nothing of them is stored: a link is signed, says until when it holds,
and carries a mark of the password that it replaces, so that it ends with its use."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

BY_MAIL_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """Whose password it sets, until when, and in place of which."""

    organisation_id: UUID
    user_id: UUID
    until: datetime
    mark: str

    def values(self) -> list[str | int]:
        """Return what is signed."""
        return [self.organisation_id.hex, self.user_id.hex, int(self.until.timestamp()), self.mark]

    def holds(self, password_hash: str | None, now: datetime) -> bool:
        """Tell whether it may still be used. password_hash: the one that is stored now."""
        return now < self.until and self.mark == mark_of(password_hash)


def link_of(values: object) -> PasswordLink:
    """Return the link of what was signed. Raises ValueError for anything else."""
    if not isinstance(values, list) or len(values) != 4:
        raise ValueError("no link")
    organisation, user, until, mark = values
    return PasswordLink(UUID(organisation), UUID(user), datetime.fromtimestamp(int(until), UTC), str(mark))


def mark_of(password_hash: str | None) -> str:
    """Return what tells one stored password from another, and gives nothing of it away."""
    return hashlib.sha256((password_hash or "none").encode()).hexdigest()[:22]
