"""The organisation itself."""

from uuid import UUID

from sqlmodel import Session

from feedback.models import Organisation


def organisation(session: Session, organisation_id: UUID) -> Organisation:
    return session.get_one(Organisation, organisation_id)
