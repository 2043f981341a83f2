"""What follows from an answer: nothing until it has settled, everything at once then and after each later
change."""

from collections.abc import Sequence
from datetime import datetime

from feedback.actions.alerts.evaluate import CHANGED, evaluate_alerts
from feedback.actions.alerts.handle import Closing
from feedback.actions.answer_rows import locked_answer
from feedback.actions.receipts import queue_receipt
from feedback.actions.scoring.recompute import recount, write_numbers
from feedback.actions.trust import add_signals, detect_signals
from feedback.core.settling import notify_at
from feedback.core.trust import Signal
from feedback.db.change import Change
from feedback.models import Feedback
from feedback.models.feedback import Counts
from feedback.models.webhook import Event
from feedback.store.answers import AnswerRows
from feedback.store.history import PastInvitation
from feedback.store.traces import Similar, others_on_device
from feedback.webhooks.events import enqueue_event


def settle(c: Change, answer: AnswerRows, receipts: str | None, traces: Similar | None = None) -> None:
    """Let an answer count from now on. receipts: our address when mail can be sent. traces: as detect_signals takes them.
    When both the page and the worker do it, the second finds it settled and changes nothing."""
    row = answer.row
    if row.settled_at is not None:
        return
    row.settled_at = min(row.settles_at or c.now, c.now)
    signals = detect_signals(c, answer, traces)
    if Signal.OWN_ADDRESS not in signals:
        queue_receipt(c, answer, receipts)  # it carries a key: it goes to the client, and to nobody of ours
    propagate_change(c, answer)
    if Signal.ONE_DEVICE in signals and not row.handed_over:
        _mark_others_on_device(c, answer)


def propagate_change(
    c: Change,
    answer: AnswerRows,
    event: Event = Event.FEEDBACK_CHANGED,
    closing: Closing = CHANGED,
) -> Sequence[PastInvitation]:
    """Update scores, counts and alerts for a settled answer that is new or has changed, and notify webhooks;
    return the relationship's history. closing: how the alert closes when its last reason no longer holds."""
    past = write_numbers(c, answer.relationship)
    recount(c, answer.meeting.rep_id, answer.meeting.held_at)
    evaluate_alerts(c, answer, past, closing)
    notify_webhooks(c, answer.row, event)
    return past


def notify_webhooks(c: Change, row: Feedback, event: Event, closes_at: datetime | None = None) -> None:
    """Notify webhooks of an answer once, when the client is through with it, and then of every change. They
    are never notified of one that was erased before. closes_at: of the invitation; None to notify only if the
    second page was sent."""
    assert row.settled_at is not None or row.erased_at is not None  # noqa: S101 (else it would be told before it counts)
    if row.erased_at is not None and row.told_at in (None, row.erased_at):
        row.told_at = row.erased_at  # not told, and never to be: not of a later decision either
    elif row.told_at is not None:
        enqueue_event(c, event, row.invitation_id)
    elif row.extras_at is not None or (
        closes_at and row.settled_at and notify_at(row.settled_at, row.updated_at, None, closes_at) <= c.now
    ):
        row.told_at = c.now
        enqueue_event(c, Event.FEEDBACK_RECEIVED, row.invitation_id)


def _mark_others_on_device(c: Change, answer: AnswerRows) -> None:
    """Mark the earlier answers from the same device: the third contact on one device puts the first two in
    doubt as well."""
    for invitation_id in others_on_device(c.session, answer.row):
        other = locked_answer(c, invitation_id)
        add_signals(other.row, Signal.ONE_DEVICE)
        if other.row.decided_at is None:
            other.row.counts = Counts.QUARANTINED
        if other.row.settled_at is not None:
            propagate_change(c, other)
