"""What people do about an alert. Each thing done becomes a line of its history, and stays."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.actions.change import change
from feedback.actions.practices import choose_now
from feedback.core.alerts.reasons import AlertAction, Kind, Outcome, due_at
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.models import Alert, AlertEvent, AlertReason, Feedback, Relationship, Side
from feedback.models.webhook import Event
from feedback.store.working_days import working_days
from feedback.webhooks import events

DECIDE_FIRST = "Open the answer, and accept it or set it aside: that closes this alert, with your reason."
CLOSED = "This alert is closed. Nothing was changed; reopen it to go on."


def take_alert(db: Database, organisation_id: UUID, alert_id: UUID, user_id: UUID, now: datetime) -> None:
    """Somebody makes it theirs; from somebody else, too. Taking what is one's own changes nothing.
    Raises Invalid for a closed one."""
    with change(db, organisation_id, now) as c:
        alert = _open(c, alert_id)
        if alert.taken_by_id != user_id:
            alert.taken_by_id = user_id
            log_event(c, alert, AlertAction.TAKEN, user_id)


def note_on_alert(
    db: Database, organisation_id: UUID, alert_id: UUID, user_id: UUID, words: str, now: datetime
) -> None:
    """A line for its history; of a closed one, too."""
    with change(db, organisation_id, now) as c:
        log_event(c, locked_alert(c, alert_id), AlertAction.NOTED, user_id, note=words)


def assign_practice(
    db: Database,
    organisation_id: UUID,
    alert_id: UUID,
    user_id: UUID,
    *,
    dimension: str,
    number: int,
    now: datetime,
) -> None:
    """Gives the rep a practice for this relationship; whoever assigns has taken the alert, if nobody had.
    Raises Invalid for a practice there is not, and for a closed alert."""
    with change(db, organisation_id, now) as c:
        alert = _open(c, alert_id)
        chosen = choose_now(c, alert.relationship_id, dimension, number, user_id)
        alert.taken_by_id = alert.taken_by_id or user_id
        log_event(c, alert, AlertAction.ASSIGNED, user_id, practice_id=chosen.id)


def close_alert(
    db: Database,
    organisation_id: UUID,
    alert_id: UUID,
    user_id: UUID,
    *,
    outcome: str,
    words: str,
    now: datetime,
) -> None:
    """Closed with what became of it, and a note. A double click closes once; raises Invalid for one that was
    closed otherwise before."""
    with change(db, organisation_id, now) as c:
        alert = locked_alert(c, alert_id)
        if alert.closed_at is not None:
            if alert.outcome == outcome:
                return
            raise Invalid(outcome=CLOSED)
        if _undecided(c, alert):
            raise Invalid(outcome=DECIDE_FIRST)
        close_now(c, alert, user_id, Outcome(outcome), words)


def reopen_alert(db: Database, organisation_id: UUID, alert_id: UUID, user_id: UUID, now: datetime) -> None:
    """Closed by mistake, or too early. Raises Invalid when a newer one is open for its relationship."""
    with change(db, organisation_id, now) as c:
        alert = locked_alert(c, alert_id)
        if alert.closed_at is None:
            return
        _hold_relationship(c, alert)
        if _newer_one(c, alert):
            raise Invalid(what="A newer alert is open for this relationship; go on there.")
        alert.closed_at = alert.outcome = None
        alert.due_at = due_from_now(c)
        alert.taken_by_id = user_id
        log_event(c, alert, AlertAction.REOPENED, user_id)
        events.enqueue_event(c.session, c.organisation_id, Event.ALERT_OPENED, alert.id, now)


def close_now(c: Change, alert: Alert, user_id: UUID | None, outcome: Outcome, words: str | None) -> None:
    """`close` as a part of another write; user_id None: by itself."""
    alert.closed_at = c.now
    alert.outcome = outcome
    alert.taken_by_id = alert.taken_by_id or user_id
    log_event(c, alert, AlertAction.CLOSED, user_id, outcome=outcome, note=words)
    events.enqueue_event(c.session, c.organisation_id, Event.ALERT_CLOSED, alert.id, c.now)


def due_from_now(c: Change) -> datetime:
    """When an alert that opens, or gets worse, now is due."""
    return due_at(c.now, c.zone, c.organisation.alert_due_days, working_days(c.organisation))


def was_handled(c: Change, alert: Alert) -> bool:
    """Has a person done anything about it?"""
    return (
        c.session.exec(
            select(AlertEvent.id).where(
                col(AlertEvent.organisation_id) == c.organisation_id,
                col(AlertEvent.alert_id) == alert.id,
                col(AlertEvent.user_id).is_not(None),
            )
        ).first()
        is not None
    )


def _undecided(c: Change, alert: Alert) -> bool:
    """Does a doubt stand among its reasons about an answer that nobody has accepted or set aside yet?"""
    return (
        c.session.exec(
            select(Feedback.id)
            .join(
                AlertReason,
                (col(AlertReason.organisation_id) == col(Feedback.organisation_id))
                & (col(AlertReason.invitation_id) == col(Feedback.invitation_id)),
            )
            .where(
                col(AlertReason.organisation_id) == c.organisation_id,
                col(AlertReason.alert_id) == alert.id,
                col(AlertReason.struck_at).is_(None),
                col(AlertReason.kind).in_((Kind.DOUBTFUL, Kind.DISPUTED)),
                col(Feedback.side) == Side.CLIENT,
                col(Feedback.decided_at).is_(None),
                col(Feedback.erased_at).is_(None),
            )
        ).first()
        is not None
    )


def _hold_relationship(c: Change, alert: Alert) -> None:
    """Whoever opens an alert holds its relationship: so there is one at a time."""
    c.session.exec(
        select(Relationship.id)
        .where(
            col(Relationship.organisation_id) == c.organisation_id,
            col(Relationship.id) == alert.relationship_id,
        )
        .with_for_update()
    ).one()


def locked_alert(c: Change, alert_id: UUID) -> Alert:
    return c.session.exec(
        select(Alert)
        .where(col(Alert.organisation_id) == c.organisation_id, col(Alert.id) == alert_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _open(c: Change, alert_id: UUID) -> Alert:
    alert = locked_alert(c, alert_id)
    if alert.closed_at is not None:
        raise Invalid(what=CLOSED)
    return alert


def _newer_one(c: Change, alert: Alert) -> bool:
    return (
        c.session.exec(
            select(Alert.id).where(
                col(Alert.organisation_id) == c.organisation_id,
                col(Alert.relationship_id) == alert.relationship_id,
                col(Alert.closed_at).is_(None),
            )
        ).first()
        is not None
    )


def log_event(
    c: Change,
    alert: Alert,
    what: AlertAction,
    user_id: UUID | None,
    *,
    practice_id: UUID | None = None,
    outcome: Outcome | None = None,
    note: str | None = None,
) -> None:
    c.session.add(
        AlertEvent(
            organisation_id=c.organisation_id,
            created_at=c.now,
            alert_id=alert.id,
            what=what,
            user_id=user_id,
            practice_id=practice_id,
            outcome=outcome,
            note=note or None,
        )
    )
    c.session.flush()
