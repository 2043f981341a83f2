"""Alerts are opened by answers and closed by managers."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.actions import webhooks
from feedback.actions.alert_mails import mail_alert
from feedback.actions.change import Change
from feedback.core.alerts import Answer, Cause, Kind, Severity, causes_of, due, heavier
from feedback.core.dimensions import NO_RATINGS
from feedback.core.relationships import relate
from feedback.core.trust import Signal, unusual
from feedback.models import Alert, AlertCause, Promise, Relationship, Side, Verdict
from feedback.models.columns import new_id
from feedback.models.feedback import Counts
from feedback.models.webhook import Event
from feedback.store.database import insert_if_new
from feedback.store.invitations import by_id
from feedback.store.joins import points_at
from feedback.store.relationships import history_of
from feedback.store.working_days import working_days


def look_at(c: Change, relationship: Relationship, invitation_id: UUID) -> None:
    """Opens, or adds to, every alert that an answer gives cause for. Looking twice changes nothing."""
    c.session.flush()
    view = by_id(c.session, c.organisation_id, invitation_id)
    if view is None or not view.client.taps:
        return
    signals = [Signal(word) for word in view.client.signals.split()]
    if unusual(signals):
        add_cause(c, relationship, invitation_id, Cause(Kind.UNUSUAL, Severity.WATCH))
    if view.client.counts == Counts.QUARANTINED:
        kind = Kind.DISPUTED if view.client.disputed_at else Kind.DOUBTFUL
        add_cause(c, relationship, invitation_id, Cause(kind, Severity.URGENT))
    if view.client.counts != Counts.COUNTED:
        return  # what may not be the client's own word is no cause for anything else
    answer = Answer(
        client=view.client.ratings,
        mirror=view.mirror.ratings if view.sealed else NO_RATINGS,
        loyalty_before=_loyalty_before(c, relationship, view.held_at, invitation_id),
        comment=view.client.comment,
        client_stage=view.client.stage,
        rep_stage=view.mirror.stage if view.sealed else None,
        promise_broken=_broke_a_promise(c, invitation_id),
    )
    for cause in causes_of(answer):
        add_cause(c, relationship, invitation_id, cause)


def _loyalty_before(
    c: Change, relationship: Relationship, held_at: datetime, invitation_id: UUID
) -> float | None:
    """The relationship's loyalty from the meetings held before this one."""
    past = history_of(c.session, c.organisation_id, relationship.rep_id, relationship.contact_id)
    earlier = (p.moment() for p in past if p.held_at <= held_at and p.invitation_id != invitation_id)
    return relate(earlier, c.organisation.half_life_days).loyalty


def _broke_a_promise(c: Change, invitation_id: UUID) -> bool:
    return (
        c.session.exec(
            select(Promise).where(
                col(Promise.organisation_id) == c.organisation_id,
                col(Promise.judged_in_id) == invitation_id,
                col(Promise.verdict) == Verdict.NOT_KEPT,
                col(Promise.side) == Side.REP,
            )
        ).first()
        is not None
    )


def add_cause(c: Change, relationship: Relationship, invitation_id: UUID | None, cause: Cause) -> None:
    """One open alert per relationship and kind; an answer that gave cause once, and led to an alert that is
    closed by now, does not open another. Whatever is urgent and new is mailed. invitation_id None: silence."""
    known = _known_cause(c, relationship, invitation_id, cause.kind)
    if known is None:
        alert = _open_alert(c, relationship, cause)
        c.session.add(
            AlertCause(
                organisation_id=c.organisation_id,
                alert_id=alert.id,
                invitation_id=invitation_id,
                severity=cause.severity,
                created_at=c.now,
            )
        )
        news = True
    else:
        alert, seen = known
        news = seen.severity != heavier(Severity(seen.severity), cause.severity) and alert.closed_at is None
        seen.severity = heavier(Severity(seen.severity), cause.severity)
    if alert.closed_at is None:
        alert.severity = heavier(Severity(alert.severity), cause.severity)
    c.session.flush()
    if news and cause.severity == Severity.URGENT:
        mail_alert(c, alert, relationship)


def _known_cause(
    c: Change, relationship: Relationship, invitation_id: UUID | None, kind: Kind
) -> tuple[Alert, AlertCause] | None:
    """What this answer led to before. Silence has no answer: each is a new one."""
    if invitation_id is None:
        return None
    row = c.session.exec(
        select(Alert, AlertCause)
        .join(AlertCause, points_at(AlertCause, AlertCause.alert_id, Alert))
        .where(
            col(Alert.organisation_id) == c.organisation_id,
            col(Alert.relationship_id) == relationship.id,
            col(Alert.kind) == kind,
            col(AlertCause.invitation_id) == invitation_id,
        )
    ).first()
    return (row[0], row[1]) if row else None


def _open_alert(c: Change, relationship: Relationship, cause: Cause) -> Alert:
    alert_id = new_id()
    insert_if_new(
        c.session,
        Alert,
        {
            "organisation_id": c.organisation_id,
            "id": alert_id,
            "created_at": c.now,
            "relationship_id": relationship.id,
            "kind": cause.kind,
            "severity": cause.severity,
            "due_at": due(c.now, c.zone, c.organisation.alert_due_days, working_days(c.organisation)),
        },
    )
    alert = c.session.exec(
        select(Alert).where(
            col(Alert.organisation_id) == c.organisation_id,
            col(Alert.relationship_id) == relationship.id,
            col(Alert.kind) == cause.kind,
            col(Alert.closed_at).is_(None),
        )
    ).one()
    if alert.id == alert_id:
        webhooks.tell(c.session, c.organisation_id, Event.ALERT_OPENED, alert.id, c.now)
    return alert
