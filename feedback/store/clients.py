"""Contacts and accounts as they are looked after: who may see one and change it, and who is meant by a name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, true
from sqlmodel import Session, col

from feedback.core.access import NotFound, Role
from feedback.core.emails import small_letters
from feedback.core.finding import folded
from feedback.core.names import may_be_one_person
from feedback.db.rows import view_or_none, views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Merge, Relationship, Side, User
from feedback.store.contacts import accounts_meant, has_words, is_live, name_key
from feedback.store.given import met_or_given
from feedback.store.handed_over import is_handed_over
from feedback.store.people import Viewer

MOST_ALIKE = 8  # contacts that are offered


@dataclass(frozen=True, slots=True)
class Client:
    """A contact, with all that can be changed of it."""

    id: UUID
    name: str
    email: str | None
    role: str | None
    language: str | None
    account_id: UUID
    account: str
    archived_at: datetime | None
    created_at: datetime
    given_to: str | None  # the address of the rep who is to meet them


@dataclass(frozen=True, slots=True)
class MetBy:
    """A rep who met a contact."""

    relationship_id: UUID
    rep_id: UUID
    rep: str
    last_meeting_at: datetime | None


_CLIENT: Select[*tuple[Any, ...]] = (
    select(
        col(Contact.id), col(Contact.name), col(Contact.email), col(Contact.role), col(Contact.language),
        col(Contact.account_id), col(Account.name).label("account"), col(Contact.archived_at),
        col(Contact.created_at), col(User.email).label("given_to"),
    )
    .select_from(Contact)
    .join(Account, references(Contact, Contact.account_id, Account))
    .outerjoin(User, references(Contact, Contact.given_to_id, User))
)  # fmt: skip


def looked_after(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on a Contact that it belongs to this person: for a rep one whom they met or are to meet, or who
    was handed over to them; for a manager one of a rep of their teams, also one who left; for an owner anybody."""
    if viewer.is_owner:
        return true()
    between = references(Relationship, Relationship.contact_id, Contact)
    if viewer.is_rep:
        reps: Any = [viewer.id]
        mine = col(Relationship.rep_id) == viewer.id
    else:
        reps = _reps_of(viewer)
        mine = col(Relationship.rep_id).in_(reps)
    met = select(literal(1)).select_from(Relationship).where(between, mine | is_handed_over(reps))
    return met_or_given(met.correlate(Contact), reps)


def _reps_of(viewer: Viewer) -> Any:
    return select(col(User.id)).where(
        col(User.organisation_id) == viewer.organisation_id,
        col(User.role) == Role.REP,
        col(User.team_id).in_(viewer.teams),
    )


def client_for(session: Session, viewer: Viewer, contact_id: UUID) -> Client:
    """Return a contact that this person looks after. Raises NotFound for any other."""
    one = _CLIENT.where(
        col(Contact.organisation_id) == viewer.organisation_id,
        col(Contact.id) == contact_id,
        is_live(),
        looked_after(viewer),
    )
    found = view_or_none(Client, session.execute(one))
    if found is None:
        raise NotFound("contact")
    return found


def clients(
    session: Session, viewer: Viewer, words: str, archived: bool, skip: int, take: int
) -> list[Client]:
    """Return `take` contacts that this person looks after, by name, after the first `skip`."""
    found = _CLIENT.where(*_which(viewer, words, archived)).order_by(col(Contact.search), col(Contact.id))
    return views(Client, session.execute(found.offset(skip or None).limit(take)))


def count_clients(session: Session, viewer: Viewer, words: str, archived: bool) -> int:
    """Count the contacts that `clients` returns."""
    found = select(func.count()).select_from(Contact).where(*_which(viewer, words, archived))
    return int(session.execute(found).scalar_one())


def _which(viewer: Viewer, words: str, archived: bool) -> list[ColumnElement[bool]]:
    gone = col(Contact.archived_at)
    return [
        col(Contact.organisation_id) == viewer.organisation_id,
        is_live(),
        gone.is_not(None) if archived else gone.is_(None),
        has_words(Contact.search, words),
        looked_after(viewer),
    ]


def met_by(session: Session, organisation_id: UUID, contact_ids: Collection[UUID]) -> list[MetBy]:
    """Return which reps met these contacts, by name."""
    rows = session.execute(
        select(
            col(Relationship.id).label("relationship_id"), col(Relationship.rep_id), col(User.name).label("rep"),
            col(Relationship.last_meeting_at),
        )
        .join(User, references(Relationship, Relationship.rep_id, User))
        .where(col(Relationship.organisation_id) == organisation_id, col(Relationship.contact_id).in_(contact_ids))
        .order_by(col(User.name), col(Relationship.id))
    )  # fmt: skip
    return views(MetBy, rows)


def met_by_others(session: Session, viewer: Viewer, contact_ids: Collection[UUID]) -> bool:
    """Tell whether a rep met one of these contacts for whom this person is not responsible."""
    if viewer.is_owner:
        return False
    mine = (
        col(Relationship.rep_id) == viewer.id
        if viewer.is_rep
        else col(Relationship.rep_id).in_(_reps_of(viewer))
    )
    found = exists().where(
        col(Relationship.organisation_id) == viewer.organisation_id,
        col(Relationship.contact_id).in_(contact_ids),
        ~mine,
    )
    return bool(session.scalar(select(found)))


def were_answered(session: Session, organisation_id: UUID, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these contacts who said anything, even if they took it back."""
    rows = session.scalars(
        select(col(Invitation.contact_id))
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            col(Invitation.contact_id).in_(contact_ids),
            col(Feedback.side) == Side.CLIENT,
        )
        .distinct()
    )
    return set(rows)


def those_looked_after(session: Session, viewer: Viewer, ids: Collection[UUID]) -> set[UUID]:
    """Return those of these contacts whom this person looks after."""
    found = select(col(Contact.id)).where(
        col(Contact.organisation_id) == viewer.organisation_id,
        col(Contact.id).in_(ids),
        is_live(),
        looked_after(viewer),
    )
    return set(session.scalars(found)) if ids else set()


def alike(session: Session, viewer: Viewer, client: Client) -> list[Client]:
    """Return contacts that this person looks after and who may be the same one: of the same address, or of a name that
    may be theirs; at the same company first."""
    first = folded(client.name).split() or [""]
    longest = max(first, key=len)
    near = or_(
        col(Contact.email) == client.email if client.email else col(Contact.id).is_(None),
        has_words(Contact.search, longest),
    )
    found = views(
        Client,
        session.execute(
            _CLIENT.where(
                col(Contact.organisation_id) == viewer.organisation_id,
                is_live(),
                col(Contact.id) != client.id,
                near,
                looked_after(viewer),
            )
            .order_by(
                (col(Contact.account_id) == client.account_id).desc(), col(Contact.search), col(Contact.id)
            )
            .limit(10 * MOST_ALIKE)
        ),
    )
    same = [
        c for c in found if (c.email and c.email == client.email) or may_be_one_person(c.name, client.name)
    ]
    return same[:MOST_ALIKE]


def namesakes(
    session: Session, organisation_id: UUID, name: str, email: str | None, but: UUID | None = None
) -> list[Client]:
    """Return the contacts, also archived ones, of this name or with this address: who may be meant by them. but: the
    contact itself."""
    key, email = folded(name), small_letters(email or "")
    rows = session.execute(
        _CLIENT.where(
            col(Contact.organisation_id) == organisation_id,
            is_live(),
            (col(Contact.email) == email if email else col(Contact.id).is_(None))
            | (col(Contact.search).startswith(key, autoescape=True) if key else col(Contact.name) == name),
        )
        .order_by(col(Contact.search), col(Contact.id))
        .limit(10 * MOST_ALIKE)
    )
    found = [
        each
        for each in views(Client, rows)
        if each.id != but and (folded(each.name) == key or (email and each.email == email))
    ]
    return found[:MOST_ALIKE]


def account_named(session: Session, organisation_id: UUID, name: str) -> UUID | None:
    """Return the id of the account that is meant by a name; None without one."""
    found = session.scalar(
        select(col(Account.id)).where(
            col(Account.organisation_id) == organisation_id, col(Account.name_key) == name_key(name)
        )
    )
    return account_meant(session, organisation_id, found) if found else None


def accounts_spelled_like(session: Session, organisation_id: UUID, name: str) -> list[tuple[UUID, str]]:
    """Return (id, name) of the accounts whose name is this one but for accents, signs and case; none where one has the very
    name."""
    key = folded(name)
    if not key or account_named(session, organisation_id, name):
        return []
    rows = session.execute(
        select(col(Account.id), col(Account.name))
        .where(
            col(Account.organisation_id) == organisation_id,
            col(Account.merged_at).is_(None),
            col(Account.search).startswith(key, autoescape=True),
        )
        .order_by(col(Account.search), col(Account.id))
        .limit(10 * MOST_ALIKE)
    )
    return [(row.id, row.name) for row in rows if folded(row.name) == key][:MOST_ALIKE]


def contact_named(session: Session, organisation_id: UUID, account_id: UUID, name: str) -> Contact | None:
    """Return the contact that is meant by a name at an account, or at one that was merged into it; None without one.
    Of two with the name the first."""
    at = {account_id, *accounts_merged_into(session, organisation_id, account_id)}
    rows = session.scalars(
        select(Contact)
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.account_id).in_(at),
            col(Contact.name_key) == name_key(name),
        )
        .order_by(
            col(Contact.merged_at).is_not(None),
            (col(Contact.account_id) == account_id).desc(),
            col(Contact.id),
        )
    )
    return rows.first()


def accounts_merged_into(session: Session, organisation_id: UUID, account_id: UUID) -> set[UUID]:
    """Return the ids of the accounts that mean this one by now."""
    found: set[UUID] = set()
    asked = {account_id}
    while asked:
        rows = session.scalars(
            select(col(Merge.account_id)).where(
                col(Merge.organisation_id) == organisation_id,
                col(Merge.undone_at).is_(None),
                col(Merge.into_account_id).in_(asked),
            )
        )
        asked = {each for each in rows if each} - found
        found |= asked
    return found


def account_meant(session: Session, organisation_id: UUID, account_id: UUID) -> UUID:
    """Return which account is meant by an id: the account, or what it was merged into."""
    return accounts_meant(session, organisation_id, [account_id])[account_id]
