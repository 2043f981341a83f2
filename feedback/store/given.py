"""Contacts that a manager gave to a rep who is to meet them. As soon as anybody has met one, who looks after it follows
from that."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, literal, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Relationship
from feedback.store.people import Viewer, of_visible_reps

_Given = aliased(Contact, name="given")


@dataclass(frozen=True, slots=True)
class ToMeet:
    """A contact whom a rep is to meet."""

    id: UUID
    name: str
    role: str | None
    account: str


def is_given(reps: Any) -> ColumnElement[bool]:
    """Return the condition on a Contact that it is given to one of `reps`, ids or a SELECT of them, and was met by
    nobody."""
    return col(Contact.given_to_id).in_(reps) & _unmet(Contact)


def is_given_within(viewer: Viewer, team_id: UUID | None = None) -> ColumnElement[bool]:
    """Return the condition on a Contact that it is given to a rep whom the viewer may see, likewise. Of one team when
    asked for."""
    return _within(Contact, viewer, team_id)


def met_or_given(met: Select[Any], reps: Any) -> ColumnElement[bool]:
    """Return the condition on a Contact that `met` finds something, which is correlated with it, or that it is given to one
    of `reps`. One EXISTS of both: an OR of two lets PostgreSQL read every relationship there is."""
    given = _one_of(_Given).where(col(_Given.given_to_id).in_(reps), _unmet(_Given))
    return union_all(met, given).exists()


def met_or_given_within(met: Select[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Return the same for the reps whom the viewer may see."""
    return union_all(met, _one_of(_Given).where(_within(_Given, viewer))).exists()


def given_at(viewer: Viewer) -> Select[Any]:
    """Return a SELECT, correlated with an Account, of its contacts that are given to a rep whom the viewer may see."""
    at_it = references(_Given, _Given.account_id, Account)
    return select(literal(1)).select_from(_Given).where(at_it, _within(_Given, viewer)).correlate(Account)


def contacts_given(session: Session, viewer: Viewer, account_id: UUID) -> set[UUID]:
    """Return the ids of the contacts of an account that are given to a rep whom the viewer may see."""
    found = select(col(Contact.id)).where(
        col(Contact.organisation_id) == viewer.organisation_id,
        col(Contact.account_id) == account_id,
        is_given_within(viewer),
    )
    return set(session.scalars(found))


def accounts_given(session: Session, viewer: Viewer, team_id: UUID | None = None) -> set[UUID]:
    """Return the ids of the accounts with a contact that is given to a rep whom the viewer may see."""
    found = select(col(Contact.account_id)).where(
        col(Contact.organisation_id) == viewer.organisation_id,
        is_given_within(viewer, team_id),
    )
    return set(session.scalars(found))


def to_meet(session: Session, organisation_id: UUID, rep_id: UUID, most: int) -> list[ToMeet]:
    """Return whom a rep is to meet, by name."""
    rows = session.execute(
        select(col(Contact.id), col(Contact.name), col(Contact.role), col(Account.name).label("account"))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Contact.organisation_id) == organisation_id,
            col(Contact.merged_at).is_(None),
            col(Contact.erased_at).is_(None),
            col(Contact.archived_at).is_(None),
            is_given([rep_id]),
        )
        .order_by(col(Contact.search), col(Contact.id))
        .limit(most)
    )
    return views(ToMeet, rows)


def _within(contact: Any, viewer: Viewer, team_id: UUID | None = None) -> ColumnElement[bool]:
    given = col(contact.given_to_id)
    return given.is_not(None) & of_visible_reps(viewer, given, team_id) & _unmet(contact)


def _one_of(contact: Any) -> Select[Any]:
    """Return a SELECT, correlated with a Contact, of the same one under another name."""
    same = (col(contact.organisation_id) == col(Contact.organisation_id)) & (
        col(contact.id) == col(Contact.id)
    )
    return select(literal(1)).select_from(contact).where(same).correlate(Contact)


def _unmet(contact: Any) -> ColumnElement[bool]:
    return ~exists().where(references(Relationship, Relationship.contact_id, contact)).correlate(contact)
