"""What contacts and accounts are searched and compared by, as rows to be written."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.db.tenancy import references
from feedback.models import Account, Contact, Merge
from feedback.store.contacts import name_key

LONGEST_KEY = 190  # characters, before what tells two of one name apart


def names_of_contacts(
    session: Session, organisation_id: UUID, ids: Collection[UUID]
) -> dict[UUID, tuple[str, str, str | None]]:
    """Return name, company and address of contacts, by id."""
    rows = session.execute(
        select(col(Contact.id), col(Contact.name), col(Account.name), col(Contact.email))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.id).in_(ids))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def second_names(
    session: Session, organisation_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, list[str | None]]:
    """Return, by contact, the names and addresses of who was joined with them, also by way of another."""
    found: defaultdict[UUID, list[str | None]] = defaultdict(list)
    meant = {each: each for each in ids}  # whom each leads to
    while meant:
        rows = session.execute(
            select(col(Merge.contact_id), col(Merge.into_contact_id), col(Contact.name), col(Contact.email))
            .join(Contact, references(Merge, Merge.contact_id, Contact))
            .where(
                col(Merge.organisation_id) == organisation_id,
                col(Merge.undone_at).is_(None),
                col(Merge.into_contact_id).in_(meant),
            )
            .order_by(col(Merge.id))
        ).all()
        for _, into, name, email in rows:
            found[meant[into]] += [name, email]
        meant = {other: meant[into] for other, into, *_ in rows}
    return found


def contacts_at_accounts(session: Session, organisation_id: UUID, ids: Collection[UUID]) -> Sequence[UUID]:
    """Return the ids of the contacts of these accounts."""
    rows = session.scalars(
        select(col(Contact.id)).where(
            col(Contact.organisation_id) == organisation_id, col(Contact.account_id).in_(ids)
        )
    )
    return rows.all()


def unsearchable(session: Session, organisation_id: UUID, limit: int) -> tuple[list[Account], list[UUID]]:
    """Return some accounts, as rows to be written, and ids of contacts, of which it is not stored what they are searched
    by."""
    accounts = select(Account).where(
        col(Account.organisation_id) == organisation_id, col(Account.search).is_(None)
    )
    contacts = select(col(Contact.id)).where(
        col(Contact.organisation_id) == organisation_id, col(Contact.search).is_(None)
    )
    return list(session.scalars(accounts.limit(limit))), list(session.scalars(contacts.limit(limit)))


def free_key(
    session: Session, organisation_id: UUID, account_id: UUID, name: str, but: UUID | None = None
) -> str:
    """Return what a name is compared by at an account where others of that name may be: a number makes it another. but:
    the contact itself."""
    taken = keys_of_name(session, organisation_id, account_id, name, but)
    key, whole = name_key(name)[:LONGEST_KEY], name_key(name)
    if whole not in taken:
        return whole
    number = 2
    while f"{key} #{number}" in taken:
        number += 1
    return f"{key} #{number}"


def keys_of_name(
    session: Session, organisation_id: UUID, account_id: UUID, name: str, but: UUID | None = None
) -> set[str]:
    """Return what others at an account are compared by whose name begins like this one. but: one of them left out."""
    key = name_key(name)[:LONGEST_KEY]
    rows = session.execute(
        select(col(Contact.id), col(Contact.name_key)).where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.account_id) == account_id,
            col(Contact.name_key).startswith(key, autoescape=True),
        )
    )
    return {row.name_key for row in rows if row.id != but}
