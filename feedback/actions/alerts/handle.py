"""What people do about an alert. Each action becomes a line of its history, which is never deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from feedback.actions.practices import choose_practice
from feedback.chat.posting import post_follow_up
from feedback.core.alerts.reasons import AlertAction, Outcome, due_at, leading
from feedback.core.audit import AuditKind
from feedback.core.chat import ChatEvent
from feedback.db.change import Change, Invalid
from feedback.models import Alert, AlertEvent
from feedback.models.webhook import Event
from feedback.store.alert_rows import has_open_alert, has_undecided_doubt, locked_alert, standing_reasons
from feedback.store.working_days import working_days
from feedback.webhooks.events import enqueue_event
from feedback.wording.i18n import app_text, lazy_app_text

DECIDE_FIRST = lazy_app_text(
    "Open the answer, and accept it or set it aside: that closes this alert, with your reason."
)
CLOSED = lazy_app_text("This alert is closed. Nothing was changed; reopen it to go on.")


@dataclass(frozen=True, slots=True)
class Closing:
    """How an alert closes."""

    outcome: Outcome
    words: str | None
    user_id: UUID | None = None  # who closes it; None: it closes by itself


def take_alert(c: Change, alert_id: UUID, user_id: UUID) -> None:
    """Make somebody responsible for an alert, in place of anybody before. Taking it twice changes nothing.
    Raises Invalid for a closed one."""
    alert = _open(c, alert_id)
    if alert.taken_by_id != user_id:
        alert.taken_by_id = user_id
        log_event(c, alert, AlertAction.TAKEN, user_id)
        post_follow_up(c, alert, ChatEvent.TAKEN, user_id)


def note_on_alert(c: Change, alert_id: UUID, user_id: UUID, words: str) -> None:
    """Add a note to its history; to a closed one's, too."""
    log_event(c, locked_alert(c.session, c.organisation_id, alert_id), AlertAction.NOTED, user_id, note=words)


def assign_practice(c: Change, alert_id: UUID, user_id: UUID, *, dimension: str, number: int) -> None:
    """Give the rep a practice for this relationship; the person who assigns it takes the alert, if nobody
    had. Raises Invalid for a practice that does not exist, and for a closed alert."""
    alert = _open(c, alert_id)
    chosen = choose_practice(c, alert.relationship_id, dimension, number, user_id)
    if alert.taken_by_id is None:
        alert.taken_by_id = user_id
        post_follow_up(c, alert, ChatEvent.TAKEN, user_id)
    log_event(c, alert, AlertAction.ASSIGNED, user_id, practice_id=chosen.id)


def close_alert(c: Change, alert_id: UUID, user_id: UUID, *, outcome: str, words: str) -> None:
    """Close an alert with its outcome and a note. A double click closes once. Raises Invalid for one that was
    closed with another outcome before, and while an answer that it doubts is undecided."""
    alert = locked_alert(c.session, c.organisation_id, alert_id)
    if alert.closed_at is not None:
        if alert.outcome == outcome:
            return
        raise Invalid(outcome=CLOSED)
    if has_undecided_doubt(c.session, alert):
        raise Invalid(outcome=DECIDE_FIRST)
    close(c, alert, Closing(Outcome(outcome), words, user_id))


def close(c: Change, alert: Alert, closing: Closing) -> None:
    """Close an alert whose row is locked."""
    alert.closed_at = c.now
    alert.outcome = closing.outcome
    alert.taken_by_id = alert.taken_by_id or closing.user_id
    log_event(c, alert, AlertAction.CLOSED, closing.user_id, outcome=closing.outcome, note=closing.words)
    c.audit(
        closing.user_id,
        AuditKind.ALERT_CLOSED,
        alert.id,
        name=alert.kind.value,
        after={"outcome": closing.outcome.value},
    )
    enqueue_event(c, Event.ALERT_CLOSED, alert.id)
    post_follow_up(c, alert, ChatEvent.CLOSED, closing.user_id)


def reopen_alert(c: Change, alert_id: UUID, user_id: UUID) -> None:
    """Reopen an alert that was closed by mistake, or too early. Reopening an open one changes nothing. Raises
    Invalid when a newer one is open for its relationship."""
    alert = locked_alert(c.session, c.organisation_id, alert_id)
    if alert.closed_at is None:
        return
    if has_open_alert(c.session, c.organisation_id, alert.relationship_id):
        raise Invalid(what=app_text("A newer alert is open for this relationship; go on there."))
    before = {"outcome": alert.outcome.value if alert.outcome else None}
    alert.closed_at = alert.outcome = None
    if lead := leading(standing_reasons(c.session, alert)):  # some may have fallen away meanwhile
        alert.kind, alert.severity = lead.kind, lead.severity
    alert.due_at = due_from_now(c)
    alert.taken_by_id = user_id
    log_event(c, alert, AlertAction.REOPENED, user_id)
    c.audit(user_id, AuditKind.ALERT_REOPENED, alert.id, name=alert.kind.value, before=before)
    enqueue_event(c, Event.ALERT_OPENED, alert.id)
    post_follow_up(c, alert, ChatEvent.REOPENED, user_id)


def due_from_now(c: Change) -> datetime:
    """Return when an alert is due that opens, or gets worse, now."""
    return due_at(c.now, c.zone, c.organisation.alert_due_days, working_days(c.organisation))


def _open(c: Change, alert_id: UUID) -> Alert:
    alert = locked_alert(c.session, c.organisation_id, alert_id)
    if alert.closed_at is not None:
        raise Invalid(what=CLOSED)
    return alert


def log_event(c: Change, alert: Alert, what: AlertAction, user_id: UUID | None, **more: Any) -> None:
    """Add a line to the alert's history. more: practice_id, outcome or note, where the line has them."""
    note = more.pop("note", None) or None
    c.session.add(
        AlertEvent(
            organisation_id=c.organisation_id,
            created_at=c.now,
            alert_id=alert.id,
            what=what,
            user_id=user_id,
            note=note,
            **more,
        )
    )
    c.session.flush()
