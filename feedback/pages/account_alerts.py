"""What is done about accounts: their open alerts, whose they are and when they are due."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Kind
from feedback.db.tenancy import references
from feedback.models import Alert, Contact, Relationship, User
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class AccountAlert:
    """An open alert at an account."""

    id: UUID
    kind: Kind
    contact: str
    taken_by: str | None
    due_at: datetime

    @property
    def due_day(self) -> datetime:
        """Return a moment of the last day it may take; due_at is that day's end."""
        return self.due_at - timedelta(seconds=1)

    def overdue(self, now: datetime) -> bool:
        """Tell whether it is past due_at."""
        return now >= self.due_at


def open_alerts_of(
    session: Session, viewer: Viewer, account_ids: Collection[UUID]
) -> dict[UUID, list[AccountAlert]]:
    """Return, by account, the open alerts that this person may see, the one due first at the top; accounts without one
    are absent."""
    if not account_ids:
        return {}
    rows = session.execute(
        select(
            col(Contact.account_id), col(Alert.id), col(Alert.kind), col(Contact.name), col(User.name).label("who"),
            col(Alert.due_at),
        )
        .select_from(Alert)
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .outerjoin(User, references(Alert, Alert.taken_by_id, User))
        .where(
            col(Alert.organisation_id) == viewer.organisation_id,
            col(Alert.closed_at).is_(None),
            col(Contact.account_id).in_(account_ids),
            of_clients_looked_after(session, viewer),
        )
        .order_by(col(Alert.due_at), col(Alert.id))
    )  # fmt: skip
    found: defaultdict[UUID, list[AccountAlert]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(AccountAlert(row.id, row.kind, row.name, row.who, row.due_at))
    return dict(found)
