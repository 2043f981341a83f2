"""Alerts a manager may see, with what gave cause."""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from feedback.core.access import sees_all_teams
from feedback.core.alerts import Severity
from feedback.models import Account, Alert, AlertCause, Contact, Relationship, User
from feedback.store.invitations import InvitationView, by_ids
from feedback.store.joins import points_at
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class AlertView:
    id: UUID
    kind: str
    severity: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcome: str | None
    relationship_id: UUID
    rep_id: UUID
    rep: str
    contact: str
    account: str
    causes: list[InvitationView]

    @property
    def urgent(self) -> bool:
        return self.severity == Severity.URGENT

    @property
    def latest(self) -> InvitationView | None:
        """The answer that gave cause last."""
        return max(self.causes, key=lambda i: i.held_at, default=None)

    @property
    def due_day(self) -> datetime:
        """A moment of the last day it may take; due_at is that day's end."""
        return self.due_at - timedelta(seconds=1)

    def overdue(self, now: datetime) -> bool:
        return self.closed_at is None and now >= self.due_at


def waiting(session: Session, viewer: Viewer) -> tuple[int, int]:
    """(open alerts, urgent ones among them) of the reps this person looks after."""
    rows = session.execute(
        _visible(viewer, col(Alert.severity), func.count())
        .where(col(Alert.closed_at).is_(None))
        .group_by(col(Alert.severity))
    )
    counts = {row[0]: row[1] for row in rows}
    return sum(counts.values()), counts.get(Severity.URGENT, 0)


def open_alerts(session: Session, viewer: Viewer) -> list[AlertView]:
    """Urgent before watch, then the one due first."""
    statement = _visible(
        viewer,
        col(Alert.id), col(Alert.kind), col(Alert.severity), col(Alert.created_at), col(Alert.due_at),
        col(Alert.closed_at), col(Alert.outcome), col(Relationship.id), col(User.id), col(User.name),
        col(Contact.name), col(Account.name),
    )  # fmt: skip
    rows = session.execute(
        statement.where(col(Alert.closed_at).is_(None)).order_by(
            col(Alert.severity), col(Alert.due_at), col(Alert.id)
        )
    ).all()
    causes = _causes(session, viewer.organisation_id, [row[0] for row in rows])
    names = [field.name for field in fields(AlertView)]
    return [AlertView(**dict(zip(names, row, strict=False)), causes=causes[row[0]]) for row in rows]


def _visible(viewer: Viewer, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Alerts of the reps this person looks after."""
    statement = (
        select(*columns)
        .select_from(Alert)
        .join(Relationship, points_at(Alert, Alert.relationship_id, Relationship))
        .join(User, points_at(Relationship, Relationship.rep_id, User))
        .join(Contact, points_at(Relationship, Relationship.contact_id, Contact))
        .join(Account, points_at(Contact, Contact.account_id, Account))
        .where(col(Alert.organisation_id) == viewer.organisation_id)
    )
    return statement if sees_all_teams(viewer.role) else statement.where(col(User.team_id).in_(viewer.teams))


def _causes(
    session: Session, organisation_id: UUID, alert_ids: list[UUID]
) -> dict[UUID, list[InvitationView]]:
    pairs = session.execute(
        select(col(AlertCause.alert_id), col(AlertCause.invitation_id)).where(
            col(AlertCause.organisation_id) == organisation_id, col(AlertCause.alert_id).in_(alert_ids)
        )
    ).all()
    views = by_ids(session, organisation_id, [row[1] for row in pairs if row[1]])
    found: defaultdict[UUID, list[InvitationView]] = defaultdict(list)
    for alert_id, invitation_id in pairs:
        if invitation_id in views:
            found[alert_id].append(views[invitation_id])
    return found
