"""The organisation itself."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from feedback.db.locks import locked
from feedback.models import Organisation


def organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Return an organisation; it must exist."""
    return session.get_one(Organisation, organisation_id)


def organisation_or_none(session: Session, organisation_id: UUID) -> Organisation | None:
    """Return an organisation; None when it is gone."""
    return session.get(Organisation, organisation_id)


def locked_organisation(session: Session, organisation_id: UUID, *, key_share: bool = False) -> Organisation:
    """Hold the organisation until the transaction ends. Every insert of its rows waits, and those that are under
    way are waited for, unless key_share: then only whoever else holds it."""
    found = locked(session, Organisation, key_share=key_share, id=organisation_id)
    assert found is not None  # noqa: S101 (it is the organisation of whoever asks)
    return found


def several_organisations(session: Session) -> bool:
    """Tell whether there is more than one organisation."""
    return len(session.exec(select(Organisation.id).limit(2)).all()) > 1


@dataclass(frozen=True, slots=True)
class PrivacyTerms:
    """What clients are told that differs from organisation to organisation."""

    comments: int  # for how many months they are kept; 0: until they are erased
    names: int  # likewise, after the last meeting
    works_agreement: bool  # managers see no rating of a client


def privacy_terms(session: Session, code: str) -> PrivacyTerms | None:
    """Return what the organisation with this public code has set; None when there is none."""
    found = session.exec(select(Organisation).where(col(Organisation.code) == code)).first()
    if found is None:
        return None
    return PrivacyTerms(found.keep_comments_months, found.keep_names_months, found.works_agreement)


def code_is_taken(session: Session, code: str) -> bool:
    """Tell whether an organisation has this code."""
    return session.exec(select(Organisation.id).where(col(Organisation.code) == code)).first() is not None


def has_works_agreement(session: Session, organisation_id: UUID) -> bool:
    """Tell whether figures by person are shown to nobody else in this organisation."""
    return session.exec(
        select(Organisation.works_agreement).where(col(Organisation.id) == organisation_id)
    ).one()
