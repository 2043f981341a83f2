"""Relationships without a meeting for too long."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Kind, is_silent
from feedback.db.tenancy import references
from feedback.models import Account, Alert, AlertReason, Contact, HandedOver, Organisation, Relationship, User
from feedback.store.handed_over import in_force, same_contact
from feedback.store.import_jobs import UNDONE_WITHIN

_Theirs = aliased(Relationship, name="theirs")  # of whom it was handed over to, with the same contact


def silent_relationships(session: Session, organisation_id: UUID, now: datetime) -> list[UUID]:
    """Return the ids of relationships that were answered at least once, whose contact a rep looks after who still works
    here, without a meeting for longer than the account's review interval (else the organisation's), not archived, known here
    for a day, and without an alert about it: none open, and none closed within the interval; who met longest ago first. Where it was handed over, meetings of the new rep
    count, too; once that rep was answered, their own relationship is the one that can fall silent."""
    usual = session.scalar(
        select(col(Organisation.review_days)).where(col(Organisation.id) == organisation_id)
    )
    shortest = session.scalar(
        select(func.min(col(Account.review_days))).where(col(Account.organisation_id) == organisation_id)
    )
    assert usual is not None  # noqa: S101 (the organisation is there)
    closed = (
        select(func.max(col(Alert.closed_at)))
        .join_from(Alert, AlertReason, references(AlertReason, AlertReason.alert_id, Alert))
        .where(_about_silence(), col(AlertReason.struck_at).is_(None))
        .correlate(Relationship)
        .scalar_subquery()
    )
    alerted = (
        exists()
        .where(
            _about_silence(),
            references(AlertReason, AlertReason.alert_id, Alert),
            col(Alert.closed_at).is_(None),
            col(AlertReason.struck_at).is_(None),
        )
        .correlate(Relationship)
    )
    rows = session.execute(
        select(
            col(Relationship.id),
            col(Relationship.last_meeting_at),
            col(_Theirs.last_meeting_at).label("their_last"),
            col(Account.review_days),
            closed.label("closed_at"),
        )
        .outerjoin(HandedOver, in_force())
        .outerjoin(_Theirs, same_contact(_Theirs))
        .join(
            User,
            (col(User.organisation_id) == col(Relationship.organisation_id))
            & (col(User.id) == func.coalesce(col(HandedOver.rep_id), col(Relationship.rep_id))),
        )
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.answers) > 0,
            col(Relationship.last_meeting_at) < now - timedelta(days=min(usual, shortest or usual)),
            # an import that brought in old meetings can be undone until then, which an alert would forbid
            col(Relationship.created_at) <= now - UNDONE_WITHIN,
            col(User.ended_at).is_(None),
            col(Contact.archived_at).is_(None),
            func.coalesce(col(_Theirs.answers), 0) == 0,
            ~alerted,
        )
        .order_by(col(Relationship.last_meeting_at), col(Relationship.id))
    )
    return [
        row.id
        for row in rows
        if is_silent(
            max(row.last_meeting_at, row.their_last or row.last_meeting_at),
            row.review_days or usual,
            now,
            row.closed_at,
        )
    ]


def broken_silence(session: Session, organisation_id: UUID) -> list[UUID]:
    """Return the ids of relationships with an open alert about silence that a meeting has ended, also one of the rep they
    were handed over to."""
    found = session.scalars(
        select(col(Relationship.id))
        .join(Alert, references(Alert, Alert.relationship_id, Relationship))
        .join(AlertReason, references(AlertReason, AlertReason.alert_id, Alert))
        .outerjoin(HandedOver, in_force())
        .outerjoin(_Theirs, same_contact(_Theirs))
        .where(
            col(Relationship.organisation_id) == organisation_id,
            col(Alert.closed_at).is_(None),
            col(AlertReason.kind) == Kind.SILENCE,
            col(AlertReason.struck_at).is_(None),
            or_(
                col(Relationship.last_meeting_at) > col(AlertReason.created_at),
                col(_Theirs.last_meeting_at) > col(AlertReason.created_at),
            ),
        )
        .order_by(col(Relationship.id))
    )
    return list(found)


def _about_silence() -> ColumnElement[bool]:
    return and_(references(Alert, Alert.relationship_id, Relationship), col(AlertReason.kind) == Kind.SILENCE)
