"""Contacts that a manager gave to a rep who is to meet them. As soon as anybody has met one, who looks after it follows
from that."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlmodel import Session, col

from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Relationship
from feedback.store.people import Viewer, of_visible_reps


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
    return col(Contact.given_to_id).in_(reps) & _unmet()


def is_given_within(viewer: Viewer, team_id: UUID | None = None) -> ColumnElement[bool]:
    """Return the condition on a Contact that it is given to a rep whom the viewer may see, likewise. Of one team when
    asked for."""
    given = col(Contact.given_to_id)
    return given.is_not(None) & of_visible_reps(viewer, given, team_id) & _unmet()  # type: ignore[arg-type]


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


def _unmet() -> ColumnElement[bool]:
    return ~exists().where(references(Relationship, Relationship.contact_id, Contact)).correlate(Contact)
