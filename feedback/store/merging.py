"""What belongs to a contact and moves when two are joined, as rows to be written."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.models import (
    Alert,
    AlertReason,
    Contact,
    HandedOver,
    Invitation,
    Merge,
    PracticeChoice,
    Promise,
    Relationship,
)


def locked_relationships(
    session: Session, organisation_id: UUID, contact_ids: Collection[UUID]
) -> list[Relationship]:
    """Return all relationships with these contacts, held in one order until the transaction ends."""
    found = (
        select(Relationship)
        .where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.contact_id).in_(contact_ids),
        )
        .order_by(col(Relationship.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(found))


def locked_contacts(session: Session, organisation_id: UUID, ids: Collection[UUID]) -> dict[UUID, Contact]:
    """Return contacts, held in one order until the transaction ends."""
    found = (
        select(Contact)
        .where(col(Contact.organisation_id) == organisation_id, col(Contact.id).in_(ids))
        .order_by(col(Contact.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {contact.id: contact for contact in session.scalars(found)}


def ids_of(session: Session, organisation_id: UUID, table: Any, column: Any, value: UUID) -> Sequence[UUID]:
    """Return the ids of a table's rows that have a value in a column, in their order."""
    found = select(col(table.id)).where(col(table.organisation_id) == organisation_id, col(column) == value)
    return session.scalars(found.order_by(col(table.id))).all()


def invitations_of(session: Session, organisation_id: UUID, contact_id: UUID) -> Sequence[UUID]:
    """Return the ids of a contact's invitations."""
    return ids_of(session, organisation_id, Invitation, Invitation.contact_id, contact_id)


def promises_of(session: Session, organisation_id: UUID, contact_id: UUID) -> Sequence[UUID]:
    """Return the ids of the promises between a contact and whoever met them."""
    return ids_of(session, organisation_id, Promise, Promise.contact_id, contact_id)


def open_alert(session: Session, organisation_id: UUID, relationship_id: UUID) -> Alert | None:
    """Return a relationship's open alert, held; None without one."""
    found = select(Alert).where(
        col(Alert.organisation_id) == organisation_id,
        col(Alert.relationship_id) == relationship_id,
        col(Alert.closed_at).is_(None),
    )
    return session.scalars(found.with_for_update()).first()


def reasons_of_alert(session: Session, organisation_id: UUID, alert_id: UUID) -> Sequence[AlertReason]:
    """Return an alert's reasons, in their order."""
    found = select(AlertReason).where(
        col(AlertReason.organisation_id) == organisation_id, col(AlertReason.alert_id) == alert_id
    )
    return session.scalars(found.order_by(col(AlertReason.id))).all()


def open_practice(session: Session, organisation_id: UUID, relationship_id: UUID) -> PracticeChoice | None:
    """Return the practice that is tried in a relationship; None without one."""
    found = select(PracticeChoice).where(
        col(PracticeChoice.organisation_id) == organisation_id,
        col(PracticeChoice.relationship_id) == relationship_id,
        col(PracticeChoice.ended_at).is_(None),
    )
    return session.scalars(found).first()


def hand_over_row(session: Session, organisation_id: UUID, relationship_id: UUID) -> HandedOver | None:
    """Return the row that hands a relationship over; None without one."""
    found = select(HandedOver).where(
        col(HandedOver.organisation_id) == organisation_id, col(HandedOver.relationship_id) == relationship_id
    )
    return session.scalars(found).first()


def merged_later(session: Session, organisation_id: UUID, merge: Merge) -> bool:
    """Tell whether something was joined since that has to be undone before a merge is: what it was merged into was merged
    itself, or something else was merged into that."""
    into = merge.into_contact_id or merge.into_account_id
    pairs = (
        (Merge.contact_id, Merge.into_contact_id)
        if merge.into_contact_id
        else (Merge.account_id, Merge.into_account_id)
    )
    found = select(col(Merge.id)).where(
        col(Merge.organisation_id) == organisation_id,
        col(Merge.undone_at).is_(None),
        col(Merge.id) > merge.id,
        (col(pairs[0]) == into) | (col(pairs[1]) == into),
    )
    return session.scalars(found.limit(1)).first() is not None
