"""Alerts and their reasons as rows to be written."""

from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.core.alerts.reasons import Kind, Reason, Severity
from feedback.db.locks import locked
from feedback.db.tenancy import references
from feedback.models import (
    Alert,
    AlertEvent,
    AlertReason,
    Contact,
    Feedback,
    Outbox,
    Promise,
    Relationship,
    Side,
    User,
    Verdict,
)


def locked_alert(session: Session, organisation_id: UUID, alert_id: UUID) -> Alert:
    """Hold an alert until the transaction ends, and before it its relationship: the order of every write, for an
    answer that settles holds the relationship and then looks for its alert. Raises NotFound."""
    known = session.get(Alert, (organisation_id, alert_id))
    if known is None:
        raise NotFound("alert")
    locked(session, Relationship, organisation_id=organisation_id, id=known.relationship_id)
    found = locked(session, Alert, organisation_id=organisation_id, id=alert_id)
    assert found is not None  # noqa: S101 (none is ever deleted)
    return found


def reasons_about(
    session: Session, organisation_id: UUID, relationship_id: UUID, invitation_id: UUID | None
) -> list[tuple[Alert, AlertReason]]:
    """Return the reasons of the relationship's open alert, and every reason that this answer gave to any
    alert, each with its alert, locked until the transaction ends. invitation_id: None for silence."""
    asked = {"organisation": organisation_id, "relationship": relationship_id, "invitation": invitation_id}
    return [(alert, reason) for alert, reason in session.execute(_REASONS_ABOUT, asked)]


def has_reasons(session: Session, organisation_id: UUID, relationship_id: UUID, invitation_id: UUID) -> bool:
    """Tell whether reasons_about would find any."""
    asked = {"organisation": organisation_id, "relationship": relationship_id, "invitation": invitation_id}
    return session.connection().execute(_HAS_REASONS, asked).first() is not None


def standing_reasons(session: Session, alert: Alert) -> list[Reason]:
    """Return the reasons of one alert that still hold."""
    rows = session.execute(
        select(col(AlertReason.kind), col(AlertReason.severity))
        .where(
            col(AlertReason.organisation_id) == alert.organisation_id,
            col(AlertReason.alert_id) == alert.id,
            col(AlertReason.struck_at).is_(None),
        )
        .order_by(col(AlertReason.id))
    )
    return [Reason(Kind(kind), Severity(severity)) for kind, severity in rows]


def was_handled(session: Session, alert: Alert) -> bool:
    """Tell whether a person has done anything about the alert."""
    return _exists(
        session,
        exists().where(
            col(AlertEvent.organisation_id) == alert.organisation_id,
            col(AlertEvent.alert_id) == alert.id,
            col(AlertEvent.user_id).is_not(None),
        ),
    )


def has_undecided_doubt(session: Session, alert: Alert) -> bool:
    """Tell whether one of the alert's standing reasons is a doubt about an answer that nobody has accepted or
    set aside yet."""
    return _exists(
        session,
        exists()
        .where(
            col(AlertReason.organisation_id) == col(Feedback.organisation_id),
            col(AlertReason.invitation_id) == col(Feedback.invitation_id),
        )
        .where(
            col(AlertReason.organisation_id) == alert.organisation_id,
            col(AlertReason.alert_id) == alert.id,
            col(AlertReason.struck_at).is_(None),
            col(AlertReason.kind).in_((Kind.DOUBTFUL, Kind.DISPUTED)),
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.decided_at).is_(None),
            col(Feedback.erased_at).is_(None),
        ),
    )


def has_open_alert(session: Session, organisation_id: UUID, relationship_id: UUID) -> bool:
    """Tell whether a relationship has an open alert."""
    return _exists(
        session,
        exists().where(
            col(Alert.organisation_id) == organisation_id,
            col(Alert.relationship_id) == relationship_id,
            col(Alert.closed_at).is_(None),
        ),
    )


def says_promise_broken(session: Session, organisation_id: UUID, invitation_id: UUID) -> bool:
    """Tell whether this answer says of a rep's promise that it was not kept."""
    return _exists(
        session,
        exists().where(
            col(Promise.organisation_id) == organisation_id,
            col(Promise.judged_in_id) == invitation_id,
            col(Promise.verdict) == Verdict.NOT_KEPT,
            col(Promise.side) == Side.REP,
        ),
    )


def waiting_for_mail(session: Session, alert: Alert) -> set[UUID]:
    """Return for whom a mail about this alert is queued already."""
    rows = session.scalars(
        select(col(Outbox.user_id)).where(
            col(Outbox.organisation_id) == alert.organisation_id,
            col(Outbox.alert_id) == alert.id,
            col(Outbox.user_id).is_not(None),
            col(Outbox.sent_at).is_(None),
            col(Outbox.given_up_at).is_(None),
        )
    )
    return {each for each in rows if each}


def open_alerts_with_people(
    session: Session, organisation_id: UUID
) -> list[tuple[Alert, Relationship, str, str]]:
    """Return every open alert with its relationship and the names of contact and rep, the latest first."""
    rows = session.execute(
        select(Alert, Relationship, col(Contact.name), col(User.name))
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(User, references(Relationship, Relationship.rep_id, User))
        .where(col(Alert.organisation_id) == organisation_id, col(Alert.closed_at).is_(None))
        .order_by(col(Alert.created_at).desc(), col(Contact.name), col(Alert.kind), col(Alert.id))
    )
    return [(alert, relationship, contact, rep) for alert, relationship, contact, rep in rows]


def _exists(session: Session, condition: object) -> bool:
    return bool(session.execute(select(condition)).scalar())  # type: ignore[call-overload]  # EXISTS is no column to the types


# Built once: to build them took longer than to execute them.
_ABOUT = (
    col(Alert.organisation_id) == bindparam("organisation"),
    col(Alert.relationship_id) == bindparam("relationship"),
    col(Alert.closed_at).is_(None)
    | (
        col(AlertReason.invitation_id).is_not(None)
        & (col(AlertReason.invitation_id) == bindparam("invitation"))
    ),
)
_OF_ALERT = references(AlertReason, AlertReason.alert_id, Alert)
_HAS_REASONS = select(col(Alert.id)).join(AlertReason, _OF_ALERT).where(*_ABOUT).limit(1)
_REASONS_ABOUT = (
    select(Alert, AlertReason)
    .join(AlertReason, _OF_ALERT)
    .where(*_ABOUT)
    .order_by(col(AlertReason.created_at), col(AlertReason.id))
    .with_for_update(of=Alert)
    .execution_options(populate_existing=True)
)
