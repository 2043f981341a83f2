"""Accounts and contacts that a rep may meet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, HandedOver, Invitation, Meeting, Relationship
from feedback.store.handed_over import in_force, is_handed_over
from feedback.store.people import first_name

MOST_WORDS = 8  # of a search


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact."""

    id: UUID
    name: str
    account: str
    role: str | None
    last_met: datetime | None  # by the rep who asks, or handed over to; None where that was not asked for

    @property
    def first_name(self) -> str:
        """The contact's first name."""
        return first_name(self.name)


_VIEW: tuple[Any, ...] = (
    col(Contact.id),
    col(Contact.name),
    col(Account.name).label("account"),
    col(Contact.role),
)


def name_key(name: str) -> str:
    """Return a name as it is compared: one spelling of the same letters, no case, single spaces."""
    return " ".join(normalize("NFKC", name).casefold().split())


def recent_contacts(
    session: Session, organisation_id: UUID, rep_id: UUID, limit: int = 8
) -> list[ContactView]:
    """Return the contacts that this rep met and still looks after, and those that were handed over to the rep, the latest
    first."""
    last = func.max(col(Meeting.held_at)).label("last_met")
    rows = session.execute(
        select(*_VIEW, last)
        .select_from(Meeting)
        .join(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Contact.id).not_in(
                select(col(Relationship.contact_id)).where(
                    col(Relationship.organisation_id) == organisation_id,
                    col(Relationship.rep_id) == rep_id,
                    is_handed_over(),
                )
            ),
            col(Contact.erased_at).is_(None),
        )
        .group_by(col(Contact.id), col(Contact.name), col(Account.name), col(Contact.role))
        .order_by(last.desc(), col(Contact.name))
        .limit(limit)
    )
    found = views(ContactView, rows)
    met = {contact.id for contact in found}
    taken_over = _taken_over(session, organisation_id, rep_id, limit)
    found += [contact for contact in taken_over if contact.id not in met]
    return sorted(found, key=_latest_first)[:limit]


def _taken_over(session: Session, organisation_id: UUID, rep_id: UUID, limit: int) -> list[ContactView]:
    """Return the contacts that were handed over to a rep; as if met when they were, so that they are found."""
    last = func.max(col(HandedOver.created_at)).label("last_met")
    rows = session.execute(
        select(*_VIEW, last)
        .select_from(HandedOver)
        .join(Relationship, in_force())
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(HandedOver.organisation_id) == organisation_id,
            col(HandedOver.rep_id) == rep_id,
            col(Contact.erased_at).is_(None),
        )
        .group_by(col(Contact.id), col(Contact.name), col(Account.name), col(Contact.role))
        .order_by(last.desc(), col(Contact.name))
        .limit(limit)
    )
    return views(ContactView, rows)


def _latest_first(contact: ContactView) -> tuple[float, str]:
    assert contact.last_met is not None  # noqa: S101 (asked for)
    return -contact.last_met.timestamp(), contact.name


def search_contacts(
    session: Session, organisation_id: UUID, words: str, limit: int = 12
) -> list[ContactView]:
    """Return contacts of the organisation whose name or account contains each word that was typed, in whatever order,
    matches at the beginning of the name first."""
    key = name_key(words)
    if not key:
        return []
    rows = session.execute(
        select(*_VIEW)
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.erased_at).is_(None),
            *(
                or_(
                    col(Contact.name_key).contains(word, autoescape=True),
                    col(Account.name_key).contains(word, autoescape=True),
                )
                for word in key.split()[:MOST_WORDS]
            ),
        )
        .order_by(col(Contact.name_key).startswith(key, autoescape=True).desc(), col(Contact.name))
        .limit(limit)
    )
    return views(ContactView, rows, last_met=None)


def contacts_by_id(session: Session, organisation_id: UUID, ids: list[UUID]) -> list[ContactView]:
    """Return the contacts that exist, in the order of `ids`."""
    rows = session.execute(
        select(*_VIEW)
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.id).in_(ids),
            col(Contact.erased_at).is_(None),
        )
    )
    found = {contact.id: contact for contact in views(ContactView, rows, last_met=None)}
    return [found[i] for i in ids if i in found]
