"""Passkeys of the people who sign in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.db.locks import locked
from feedback.db.rows import views
from feedback.models import Passkey


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey, as its person sees it."""

    id: UUID
    name: str
    credential_id: str
    created_at: datetime
    used_at: datetime | None
    cloned_at: datetime | None


def passkeys_of(session: Session, organisation_id: UUID, user_id: UUID) -> list[PasskeyView]:
    """Return a person's passkeys, the oldest first."""
    rows = session.execute(
        select(
            col(Passkey.id), col(Passkey.name), col(Passkey.credential_id), col(Passkey.created_at),
            col(Passkey.used_at), col(Passkey.cloned_at),
        )
        .where(col(Passkey.organisation_id) == organisation_id, col(Passkey.user_id) == user_id)
        .order_by(col(Passkey.created_at), col(Passkey.id))
    )  # fmt: skip
    return views(PasskeyView, rows)


def locked_passkey(session: Session, organisation_id: UUID, credential_id: str) -> Passkey | None:
    """Return the passkey of this credential as a row, which nobody else uses until the transaction ends."""
    return locked(session, Passkey, organisation_id=organisation_id, credential_id=credential_id)


def own_passkey(session: Session, organisation_id: UUID, user_id: UUID, passkey_id: UUID) -> Passkey:
    """Return one of a person's own passkeys as a row. Raises NotFound."""
    found = locked(session, Passkey, organisation_id=organisation_id, id=passkey_id)
    if found is None or found.user_id != user_id:
        raise NotFound("passkey")
    return found
