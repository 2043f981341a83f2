"""Relationships that were handed over: another rep looks after the contact, until their own rep meets it again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import sees_all_teams
from feedback.db.rows import view_or_none, views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, HandedOver, Relationship, User
from feedback.store.answers import HeldRelationship
from feedback.store.people import Viewer, of_visible_reps

UNDONE_FOR = timedelta(days=1)  # that a hand-over can be undone, while the new rep has not met the contact
_NewRep = aliased(User, name="new_rep")
_Theirs = aliased(Relationship, name="theirs")  # of the new rep with the same contact


@dataclass(frozen=True, slots=True)
class ClientOfRep:
    """A contact whom a rep looks after."""

    relationship_id: UUID
    contact: str
    account: str
    last_meeting_at: datetime | None
    rep_id: UUID
    rep: str  # who met them


@dataclass(frozen=True, slots=True)
class HandOver:
    """A relationship that was handed over, and to whom."""

    relationship_id: UUID
    contact: str
    account: str
    rep_id: UUID  # whose relationship it is
    rep: str
    to_id: UUID
    to: str
    to_team_id: UUID | None
    at: datetime
    met_at: datetime | None  # when the new rep met the contact last; None before the first time

    def can_be_undone(self, now: datetime) -> bool:
        """Tell whether it is young, and the new rep has not met the contact since."""
        return now < self.at + UNDONE_FOR and (self.met_at is None or self.met_at <= self.at)


def in_force() -> ColumnElement[bool]:
    """Return the condition that ties a hand-over to its Relationship, and that their own rep has not met since."""
    met = col(Relationship.last_meeting_at)
    return references(HandedOver, HandedOver.relationship_id, Relationship) & (
        met.is_(None) | (met <= col(HandedOver.created_at))
    )


def is_handed_over(reps: Any = None) -> ColumnElement[bool]:
    """Return the condition on a Relationship that it is handed over. reps: to one of these, a SELECT of ids."""
    there = exists().where(in_force())
    return (there if reps is None else there.where(col(HandedOver.rep_id).in_(reps))).correlate(Relationship)


def looked_after_by(reps: Any) -> ColumnElement[bool]:
    """Return the condition on a Relationship that one of `reps` (a SELECT of ids) looks after its contact: it is theirs
    and not handed over, or is handed over to them."""
    return (col(Relationship.rep_id).in_(reps) & ~is_handed_over()) | is_handed_over(reps)


def of_clients_looked_after(
    session: Session, viewer: Viewer, team_id: UUID | None = None, rep_id: UUID | None = None
) -> ColumnElement[bool]:
    """Return the condition on a Relationship that a rep whom the viewer may see looks after its contact: by who has the
    client now, not by who met them. Of one team or rep when asked for. Where nothing is handed over it is the
    condition on the rep alone, which indexes answer."""
    mine = of_visible_reps(viewer, col(Relationship.rep_id), team_id, rep_id)
    if not _any_handed_over(session, viewer.organisation_id):
        return mine
    over = of_visible_reps(viewer, col(HandedOver.rep_id), team_id, rep_id)
    theirs = exists().where(in_force(), over).correlate(Relationship)
    if sees_all_teams(viewer.role) and not (team_id or rep_id):
        return theirs | mine  # also where the new rep has left: somebody has to see it
    return theirs | (mine & ~is_handed_over())


def _any_handed_over(session: Session, organisation_id: UUID) -> bool:
    first = select(col(HandedOver.id)).where(col(HandedOver.organisation_id) == organisation_id).limit(1)
    return session.execute(first).first() is not None


def rep_looking_after(
    session: Session, organisation_id: UUID, relationship: HeldRelationship | Relationship
) -> UUID:
    """Return the id of the rep who looks after a relationship's contact."""
    found = session.scalar(
        select(col(HandedOver.rep_id))
        .join(Relationship, in_force())
        .where(
            col(HandedOver.organisation_id) == organisation_id,
            col(HandedOver.relationship_id) == relationship.id,
        )
    )
    return found or relationship.rep_id


def hand_over_of(session: Session, organisation_id: UUID, relationship_id: UUID) -> HandOver | None:
    """Return to whom a relationship is handed over; None where it is its own rep's."""
    one = _hand_overs(organisation_id).where(col(HandedOver.relationship_id) == relationship_id)
    return view_or_none(HandOver, session.execute(one))


def handed_over_from(session: Session, organisation_id: UUID, rep_id: UUID, most: int) -> list[HandOver]:
    """Return the relationships of a rep that are handed over, the latest first."""
    theirs = _hand_overs(organisation_id).where(col(Relationship.rep_id) == rep_id)
    order = col(HandedOver.created_at).desc(), col(Contact.name), col(HandedOver.id)
    return views(HandOver, session.execute(theirs.order_by(*order).limit(most)))


def handed_over_to(session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID) -> list[HandOver]:
    """Return the relationships with a contact that are handed over to a rep."""
    theirs = _hand_overs(organisation_id).where(
        col(HandedOver.rep_id) == rep_id, col(Relationship.contact_id) == contact_id
    )
    return views(HandOver, session.execute(theirs.order_by(col(HandedOver.created_at), col(HandedOver.id))))


def clients_of_rep(session: Session, organisation_id: UUID, rep_id: UUID) -> list[ClientOfRep]:
    """Return whom a rep looks after, own ones and those handed over to them, by account and name."""
    own = _clients(organisation_id).where(col(Relationship.rep_id) == rep_id, ~is_handed_over())
    taken_over = (
        _clients(organisation_id).join(HandedOver, in_force()).where(col(HandedOver.rep_id) == rep_id)
    )
    found = [each for one in (own, taken_over) for each in views(ClientOfRep, session.execute(one))]
    return sorted(found, key=lambda client: (client.account, client.contact, client.relationship_id))


def hand_over_rows(
    session: Session, organisation_id: UUID, relationship_ids: Collection[UUID]
) -> dict[UUID, HandedOver]:
    """Return the rows of these relationships, in force or not, to be changed."""
    rows = session.scalars(
        select(HandedOver).where(
            col(HandedOver.organisation_id) == organisation_id,
            col(HandedOver.relationship_id).in_(relationship_ids),
        )
    )
    return {row.relationship_id: row for row in rows}


def _clients(organisation_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Relationship.id).label("relationship_id"), col(Contact.name).label("contact"),
            col(Account.name).label("account"), col(Relationship.last_meeting_at), col(Relationship.rep_id),
            col(User.name).label("rep"),
        )
        .select_from(Relationship)
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Relationship.organisation_id) == organisation_id)
    )  # fmt: skip


def _hand_overs(organisation_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(HandedOver.relationship_id), col(Contact.name).label("contact"), col(Account.name).label("account"),
            col(User.id).label("rep_id"), col(User.name).label("rep"), col(_NewRep.id).label("to_id"), col(_NewRep.name).label("to"),
            col(_NewRep.team_id).label("to_team_id"), col(HandedOver.created_at).label("at"),
            col(_Theirs.last_meeting_at).label("met_at"),
        )
        .select_from(HandedOver)
        .join(Relationship, in_force())
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .join(_NewRep, references(HandedOver, HandedOver.rep_id, _NewRep))
        .outerjoin(_Theirs, same_contact(_Theirs))
        .where(col(HandedOver.organisation_id) == organisation_id)
    )  # fmt: skip


def same_contact(theirs: Any) -> ColumnElement[bool]:
    """Return the condition that `theirs`, an alias of Relationship, is the new rep's with the same contact."""
    return (
        (col(theirs.organisation_id) == col(HandedOver.organisation_id))
        & (col(theirs.rep_id) == col(HandedOver.rep_id))
        & (col(theirs.contact_id) == col(Relationship.contact_id))
    )
