"""What signing in compares: who signs in with an address, and with what password."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.access import NotFound, Role
from feedback.db.rows import view_or_none, views
from feedback.models import Organisation, User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in compares and keeps."""

    organisation_id: UUID
    organisation: str
    user_id: UUID
    name: str
    email: str
    role: Role
    password_hash: str | None  # None before a password is set
    second_factor_for: tuple[Role, ...]  # roles that need one there


_CREDENTIALS: tuple[Any, ...] = (
    col(User.organisation_id), col(Organisation.name).label("organisation"), col(User.id).label("user_id"),
    col(User.name), col(User.email), col(User.role), col(User.password_hash), col(Organisation.second_factor_for),
)  # fmt: skip


def credentials(session: Session, email: str) -> list[Credentials]:
    """Return the credentials of everyone who signs in with this address: one person per organisation."""
    rows = session.execute(
        select(*_CREDENTIALS)
        .join(Organisation, col(Organisation.id) == col(User.organisation_id))
        .where(col(User.email) == email, col(User.ended_at).is_(None))
        .order_by(col(Organisation.name), col(Organisation.id))
        .execution_options(across_organisations=True)
    )
    return views(Credentials, rows)


def one_credentials(
    session: Session, organisation_id: UUID, user_id: UUID, *, locked: bool = False
) -> Credentials:
    """Return the credentials of one person. locked: nobody else changes them until the transaction ends. Raises
    NotFound for one who is not here, or may not sign in any more."""
    statement = (
        select(*_CREDENTIALS)
        .join(Organisation, col(Organisation.id) == col(User.organisation_id))
        .where(
            col(User.organisation_id) == organisation_id,
            col(User.id) == user_id,
            col(User.ended_at).is_(None),
        )
    )
    found = view_or_none(
        Credentials, session.execute(statement.with_for_update(of=User) if locked else statement)
    )
    if found is None:
        raise NotFound("person")
    return found


def oldest_hash(session: Session, email: str) -> str | None:
    """Return the password hash of the oldest organisation that has this address; None when none has."""
    statement = (
        select(col(User.password_hash))
        .where(col(User.email) == email, col(User.ended_at).is_(None), col(User.password_hash).is_not(None))
        .order_by(col(User.organisation_id))
        .limit(1)
        .execution_options(across_organisations=True)
    )
    return session.scalars(statement).first()
