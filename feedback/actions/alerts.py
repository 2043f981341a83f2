"""Alerts are opened by answers and closed by managers."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.actions import webhooks
from feedback.actions.alert_events import due_from_now, shut, touched
from feedback.actions.alert_mails import mail_alert
from feedback.actions.change import Change
from feedback.core.alerts import Answer, Cause, Kind, Outcome, Severity, causes_of, heavier
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

# What the client's own words give cause for, and may give no longer.
BY_WHAT_WAS_SAID = (Kind.LOW, Kind.DROP, Kind.BLIND_SPOT, Kind.BROKEN_PROMISE, Kind.FINE, Kind.AHEAD)
TAKEN_BACK = "The client changed the answer, or took it back."


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
    if not view.client.finished and not view.closed(c.now):
        return  # more taps are coming
    answer = Answer(
        client=view.client.ratings,
        mirror=view.mirror.ratings if view.sealed else NO_RATINGS,
        loyalty_before=_loyalty_before(c, relationship, view.held_at, invitation_id),
        comment=view.client.comment,
        client_stage=view.client.stage,
        rep_stage=view.mirror.stage if view.sealed else None,
        promise_broken=_broke_a_promise(c, invitation_id),
    )
    found = causes_of(answer)
    for cause in found:
        add_cause(c, relationship, invitation_id, cause)
    withdraw(c, relationship, invitation_id, still={cause.kind for cause in found})


def withdraw(
    c: Change, relationship: Relationship, invitation_id: UUID, still: Collection[Kind] = ()
) -> None:
    """The client changed the answer, or took it back: an alert that only this answer gave cause for, and does so no
    longer, closes by itself, unless somebody has done something about it already."""
    rows = c.session.exec(
        select(Alert)
        .join(AlertCause, points_at(AlertCause, AlertCause.alert_id, Alert))
        .where(
            col(Alert.organisation_id) == c.organisation_id,
            col(Alert.relationship_id) == relationship.id,
            col(Alert.closed_at).is_(None),
            col(Alert.taken_by_id).is_(None),
            col(Alert.kind).in_(BY_WHAT_WAS_SAID),
            col(Alert.kind).not_in(tuple(still)),
            col(AlertCause.invitation_id) == invitation_id,
        )
        .with_for_update(of=Alert)
    ).all()
    for alert in rows:
        if not _others_gave_cause(c, alert, invitation_id) and not touched(c, alert):
            shut(c, alert, None, Outcome.MISTAKEN, TAKEN_BACK)


def _others_gave_cause(c: Change, alert: Alert, invitation_id: UUID) -> bool:
    return (
        c.session.exec(
            select(AlertCause.id).where(
                col(AlertCause.organisation_id) == c.organisation_id,
                col(AlertCause.alert_id) == alert.id,
                col(AlertCause.invitation_id) != invitation_id,
            )
        ).first()
        is not None
    )


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
    """One open alert per relationship and kind. An answer that gave cause once, and led to an alert that somebody
    has closed, opens another only when it got worse. Whatever is urgent and new is mailed. invitation_id None:
    silence."""
    known = _known_cause(c, relationship, invitation_id, cause.kind)
    if known:
        alert, seen = known
        worse = heavier(Severity(seen.severity), cause.severity) != seen.severity
        closed_by_itself = alert.closed_at is not None and not touched(c, alert)
        if not worse and not closed_by_itself:
            return
        seen.severity = heavier(Severity(seen.severity), cause.severity)
    alert = _open_alert(c, relationship, cause)
    _give_cause(c, alert, invitation_id, cause)
    if heavier(Severity(alert.severity), cause.severity) != alert.severity:
        alert.severity, alert.due_at = cause.severity, due_from_now(c)
    c.session.flush()
    if cause.severity == Severity.URGENT:
        mail_alert(c, alert, relationship)


def _give_cause(c: Change, alert: Alert, invitation_id: UUID | None, cause: Cause) -> None:
    there = c.session.exec(
        select(AlertCause.id).where(
            col(AlertCause.organisation_id) == c.organisation_id,
            col(AlertCause.alert_id) == alert.id,
            col(AlertCause.invitation_id) == invitation_id,
        )
    ).first()
    if there is None:
        c.session.add(
            AlertCause(
                organisation_id=c.organisation_id,
                alert_id=alert.id,
                invitation_id=invitation_id,
                severity=cause.severity,
                created_at=c.now,
            )
        )


def _known_cause(
    c: Change, relationship: Relationship, invitation_id: UUID | None, kind: Kind
) -> tuple[Alert, AlertCause] | None:
    """What this answer led to last. Silence has no answer: each is a new one."""
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
        .order_by(col(AlertCause.created_at).desc(), col(AlertCause.id).desc())
    ).first()
    return (row[0], row[1]) if row else None


def _open_alert(c: Change, relationship: Relationship, cause: Cause) -> Alert:
    """The open one of this kind, locked, made if there is none. Again, when somebody closed it in between."""
    while True:
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
                "due_at": due_from_now(c),
            },
        )
        alert = c.session.exec(
            select(Alert)
            .where(
                col(Alert.organisation_id) == c.organisation_id,
                col(Alert.relationship_id) == relationship.id,
                col(Alert.kind) == cause.kind,
                col(Alert.closed_at).is_(None),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        if alert:
            break
    if alert.id == alert_id:
        webhooks.tell(c.session, c.organisation_id, Event.ALERT_OPENED, alert.id, c.now)
    return alert
