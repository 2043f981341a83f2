"""Merges of contacts and of accounts: those that were made, and what decides whether another may be."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.core.merging import MergeFacts
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Invitation, Meeting, Merge, User
from feedback.store.clients import client_for, met_by_others, were_answered
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class MergeView:
    """That a contact was joined with another, or an account."""

    id: UUID
    name: str  # of the one that is no longer by itself
    email: str | None
    at: datetime
    by: str


def merge_facts(session: Session, viewer: Viewer, one_id: UUID, other_id: UUID) -> MergeFacts:
    """Return what decides whether this person may join two contacts."""
    where, both = (session, viewer.organisation_id), (one_id, other_id)
    together = met_together(*where, *both)
    return MergeFacts(
        same=one_id == other_id,
        others=met_by_others(session, viewer, both),
        both_answered=len(were_answered(*where, both)) == 2,
        together=together.astimezone(viewer.scoring.zone).date().isoformat() if together else None,
    )


def met_together(session: Session, organisation_id: UUID, one_id: UUID, other_id: UUID) -> datetime | None:
    """Return when the last meeting was held in which both were; None where they never met together."""
    one, other = aliased(Invitation, name="one"), aliased(Invitation, name="other")
    return session.scalar(
        select(func.max(col(Meeting.held_at)))
        .join(one, references(one, one.meeting_id, Meeting))
        .join(other, references(other, other.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(one.contact_id) == one_id,
            col(other.contact_id) == other_id,
        )
    )


def merge_for(session: Session, viewer: Viewer, merge_id: UUID) -> Merge:
    """Return a merge of a contact that this person looks after, or of an account for an owner. Raises NotFound."""
    found = session.get(Merge, (viewer.organisation_id, merge_id))
    if found is None or found.undone_at is not None:
        raise NotFound("merge")
    if found.into_contact_id is not None:
        client_for(session, viewer, found.into_contact_id)
    return found


def merges_of_contact(session: Session, organisation_id: UUID, contact_id: UUID) -> list[MergeView]:
    """Return who was merged into a contact, the latest first."""
    rows = session.execute(
        select(
            col(Merge.id), col(Contact.name), col(Contact.email), col(Merge.created_at).label("at"),
            col(User.name).label("by"),
        )
        .join(Contact, references(Merge, Merge.contact_id, Contact))
        .join(User, references(Merge, Merge.by_id, User))
        .where(
            col(Merge.organisation_id) == organisation_id,
            col(Merge.into_contact_id) == contact_id,
            col(Merge.undone_at).is_(None),
        )
        .order_by(col(Merge.id).desc())
    )  # fmt: skip
    return views(MergeView, rows)


def merges_of_account(session: Session, organisation_id: UUID, account_id: UUID) -> list[MergeView]:
    """Return what was merged into an account, the latest first."""
    rows = session.execute(
        select(
            col(Merge.id), col(Account.name), col(Merge.created_at).label("at"), col(User.name).label("by")
        )
        .join(Account, references(Merge, Merge.account_id, Account))
        .join(User, references(Merge, Merge.by_id, User))
        .where(
            col(Merge.organisation_id) == organisation_id,
            col(Merge.into_account_id) == account_id,
            col(Merge.undone_at).is_(None),
        )
        .order_by(col(Merge.id).desc())
    )
    return views(MergeView, rows, email=None)


def contacts_merged_into(session: Session, organisation_id: UUID, contact_id: UUID) -> list[UUID]:
    """Return the ids of the contacts that were merged into one, themselves or by way of another."""
    found: list[UUID] = []
    asked = [contact_id]
    while asked:
        rows = session.scalars(
            select(col(Merge.contact_id)).where(
                col(Merge.organisation_id) == organisation_id,
                col(Merge.undone_at).is_(None),
                col(Merge.into_contact_id).in_(asked),
            )
        )
        asked = sorted({each for each in rows if each} - set(found))
        found += asked
    return found


def both_have(
    session: Session, organisation_id: UUID, one_id: UUID, other_id: UUID
) -> list[tuple[UUID, UUID, str]]:
    """Return the contacts that two accounts have under the same name: (id at one, id at the other, name)."""
    one, other = aliased(Contact, name="one"), aliased(Contact, name="other")
    rows = session.execute(
        select(col(one.id), col(other.id), col(one.name))
        .join(other, (col(other.organisation_id) == col(one.organisation_id)) & (col(other.name_key) == col(one.name_key)))
        .where(
            col(one.organisation_id) == organisation_id,
            col(one.account_id) == one_id, col(one.merged_at).is_(None),
            col(other.account_id) == other_id, col(other.merged_at).is_(None),
        )
        .order_by(col(one.name), col(one.id))
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]
