"""Accounts and contacts that a rep may meet."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, select, true
from sqlmodel import Session, col

from feedback.core.finding import folded, search_words
from feedback.core.text import visible
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, HandedOver, Invitation, Meeting, Merge, Relationship
from feedback.store.given import is_given
from feedback.store.handed_over import in_force, is_handed_over
from feedback.store.people import first_name


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact."""

    id: UUID
    name: str
    account: str
    role: str | None
    email: str | None
    last_met: datetime | None  # by the rep who asks, or handed over to; None where that was not asked for
    apart: str | None = (
        None  # what tells them from another of this name in the same list; blank: that there is nothing
    )

    @property
    def first_name(self) -> str:
        """The contact's first name."""
        return first_name(self.name)


_VIEW: tuple[Any, ...] = (
    col(Contact.id),
    col(Contact.name),
    col(Account.name).label("account"),
    col(Contact.role),
    col(Contact.email),
)
_GROUPED = (col(Contact.id), col(Contact.name), col(Account.name), col(Contact.role), col(Contact.email))


def name_key(name: str) -> str:
    """Return a name as it is compared: one spelling of the same letters, no case, single spaces, nothing invisible."""
    return " ".join(normalize("NFKC", visible(name)).casefold().split())


def is_live() -> ColumnElement[bool]:
    """Return the condition on a Contact that nobody else is meant by it (Merge), and that it was not erased."""
    return col(Contact.merged_at).is_(None) & col(Contact.erased_at).is_(None)


def can_be_chosen() -> ColumnElement[bool]:
    """Return the condition on a Contact that it stands in lists to choose from."""
    return is_live() & col(Contact.archived_at).is_(None)


def has_words(search: Any, words: str) -> ColumnElement[bool]:
    """Return the condition that a column of core.finding.search_text has a word that begins with each of these."""
    wanted = search_words(words)
    if not wanted:
        return false() if words.strip() else true()
    stored = col(search)
    return and_(
        *(
            stored.contains(f" {word}", autoescape=True) | stored.startswith(word, autoescape=True)
            for word in wanted
        )
    )


def recent_contacts(
    session: Session, organisation_id: UUID, rep_id: UUID, limit: int = 8
) -> list[ContactView]:
    """Return the contacts that this rep met and still looks after, and those that were handed over or given to the rep,
    the latest first."""
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
            can_be_chosen(),
        )
        .group_by(*_GROUPED)
        .order_by(last.desc(), col(Contact.name), col(Contact.id))
        .limit(limit)
    )
    found = views(ContactView, rows, apart=None)
    met = {contact.id for contact in found}
    taken_over = _taken_over(session, organisation_id, rep_id, limit)
    found += [contact for contact in taken_over if contact.id not in met]
    found += _given(session, organisation_id, rep_id, limit)
    return told_apart(sorted(found, key=_latest_first)[:limit])


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
            can_be_chosen(),
        )
        .group_by(*_GROUPED)
        .order_by(last.desc(), col(Contact.name), col(Contact.id))
        .limit(limit)
    )
    return views(ContactView, rows, apart=None)


def _given(session: Session, organisation_id: UUID, rep_id: UUID, limit: int) -> list[ContactView]:
    """Return the contacts that a rep is to meet; as if met when they came in, so that they are found."""
    rows = session.execute(
        select(*_VIEW, col(Contact.created_at).label("last_met"))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Contact.organisation_id) == organisation_id, is_given([rep_id]), can_be_chosen())
        .order_by(col(Contact.created_at).desc(), col(Contact.name), col(Contact.id))
        .limit(limit)
    )
    return views(ContactView, rows, apart=None)


def _latest_first(contact: ContactView) -> tuple[float, str]:
    assert contact.last_met is not None  # noqa: S101 (asked for)
    return -contact.last_met.timestamp(), contact.name


def search_contacts(
    session: Session, organisation_id: UUID, words: str, limit: int = 12
) -> list[ContactView]:
    """Return contacts of the organisation whose name, account or e-mail holds each word that was typed, whatever order,
    case and accents, by name; those whose name begins with what was typed come first."""
    key = folded(words)
    if not key:
        return []
    here = col(Contact.organisation_id) == organisation_id, can_be_chosen()
    begins = col(Contact.search).startswith(key, autoescape=True)

    def ids(*where: ColumnElement[bool]) -> list[UUID]:
        # in the order of the index, which ends as soon as there are enough
        found = (
            select(col(Contact.id))
            .where(*here, *where)
            .order_by(col(Contact.search), col(Contact.id))
            .limit(limit)
        )
        return list(session.scalars(found))

    first = ids(begins)
    if len(first) < limit:
        first += [each for each in ids(has_words(Contact.search, words)) if each not in first]
    return contacts_by_id(session, organisation_id, first[:limit])


def contacts_by_id(session: Session, organisation_id: UUID, ids: Collection[UUID]) -> list[ContactView]:
    """Return the contacts that exist, in the order of `ids`."""
    rows = session.execute(
        select(*_VIEW)
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.id).in_(ids), is_live())
    )
    found = {contact.id: contact for contact in views(ContactView, rows, last_met=None, apart=None)}
    return told_apart([found[i] for i in ids if i in found])


def told_apart(found: list[ContactView]) -> list[ContactView]:
    """Return the contacts, and with those whose name is there twice what tells them apart."""
    there = Counter(folded(contact.name) for contact in found)
    return [
        replace(contact, apart=contact.email or contact.role or "")
        if there[folded(contact.name)] > 1
        else contact
        for contact in found
    ]


def contacts_by_email(
    session: Session, organisation_id: UUID, emails: Collection[str]
) -> dict[str, ContactView]:
    """Return contacts by address, also by one that a contact merged into them had; where two contacts have the same one,
    the newest."""
    rows = session.execute(
        select(col(Contact.email), col(Contact.id), col(Contact.merged_at))
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.email).in_(emails))
        .order_by(col(Contact.merged_at).is_not(None).desc(), col(Contact.created_at), col(Contact.id))
    ).all()
    meant = contacts_meant(session, organisation_id, [row.id for row in rows if row.merged_at])
    ids = {row.email: meant.get(row.id, row.id) for row in rows}
    by_id = {each.id: each for each in contacts_by_id(session, organisation_id, set(ids.values()))}
    return {email: by_id[each] for email, each in ids.items() if each in by_id}


def changed_contacts(session: Session, organisation_id: UUID, ids: Collection[UUID]) -> list[Contact]:
    """Return those of these contacts who are archived, or were joined with another, as rows to be written."""
    found = select(Contact).where(
        col(Contact.organisation_id) == organisation_id,
        col(Contact.id).in_(ids),
        col(Contact.merged_at).is_not(None) | col(Contact.archived_at).is_not(None),
    )
    return list(session.scalars(found.order_by(col(Contact.id)).execution_options(populate_existing=True)))


def archived_contacts(session: Session, organisation_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these contacts are archived."""
    rows = select(col(Contact.id)).where(
        col(Contact.organisation_id) == organisation_id,
        col(Contact.id).in_(ids),
        col(Contact.archived_at).is_not(None),
    )
    return set(session.scalars(rows))


def contacts_meant(session: Session, organisation_id: UUID, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return, by the id of a contact that was merged, whom it means by now."""
    return _meant(session, organisation_id, ids, Merge.contact_id, Merge.into_contact_id)


def accounts_meant(session: Session, organisation_id: UUID, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return, by the id of an account that was merged, which one it means by now."""
    return _meant(session, organisation_id, ids, Merge.account_id, Merge.into_account_id)


def _meant(
    session: Session, organisation_id: UUID, ids: Iterable[UUID], one: Any, into: Any
) -> dict[UUID, UUID]:
    """Follow merges, also of what was merged into something that was merged later."""
    found = {each: each for each in ids}
    asked = set(found)
    while asked:
        here = col(Merge.organisation_id) == organisation_id, col(Merge.undone_at).is_(None)
        rows = session.execute(select(col(one), col(into)).where(*here, col(one).in_(asked)))
        steps = {row[0]: row[1] for row in rows}
        found = {first: steps.get(last, last) for first, last in found.items()}
        asked = set(steps.values())
    return found
