"""The organisation itself."""

from uuid import UUID

from sqlmodel import Session, col, select

from feedback.db.locks import locked
from feedback.models import Organisation


def organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Return an organisation; it must exist."""
    return session.get_one(Organisation, organisation_id)


def locked_organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Return the organisation, locked until the transaction ends; others who lock it wait."""
    found = locked(session, Organisation, id=organisation_id)
    assert found is not None  # noqa: S101 (it is the organisation of whoever asks)
    return found


def code_is_taken(session: Session, code: str) -> bool:
    """Tell whether an organisation has this code."""
    return session.exec(select(Organisation.id).where(col(Organisation.code) == code)).first() is not None
