"""What follows from an answer: nothing until it has settled, everything at once then and after each later change."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from feedback.actions.alerts.evaluate import Closing, evaluate_alerts
from feedback.actions.answer_rows import AnswerRows, locked_answer
from feedback.actions.change import change
from feedback.actions.receipts import queue_receipt
from feedback.actions.scoring.recompute import recompute, recount
from feedback.actions.trust import add_signals, detect_signals
from feedback.core.settling import AnswerState, tell_at
from feedback.core.trust import Signal
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.db.locks import advisory_lock
from feedback.models import Feedback
from feedback.models.feedback import Counts
from feedback.models.webhook import Event
from feedback.store.relationships import PastInvitation
from feedback.store.settling import due_to_settle, due_to_tell
from feedback.store.traces import others_on_device
from feedback.webhooks import events

log = logging.getLogger("feedback.settling")


def settle(c: Change, answer: AnswerRows, receipts: str | None) -> None:
    """An answer counts from now on. receipts: our address when mail can be sent. Whoever comes second, the page or the
    worker, finds it settled and changes nothing."""
    row = answer.row
    if row.settled_at is not None:
        return
    row.settled_at = min(row.settles_at or c.now, c.now)
    signals = detect_signals(c, answer)
    if Signal.OWN_ADDRESS not in signals:
        queue_receipt(c, answer, receipts)  # it carries a key: it goes to the client, and to nobody of ours
    propagate_change(c, answer)
    if Signal.ONE_DEVICE in signals and not row.handed_over:
        _doubt_the_others(c, answer)


def propagate_change(
    c: Change,
    answer: AnswerRows,
    event: Event = Event.FEEDBACK_CHANGED,
    ending: Closing | None = None,
) -> Sequence[PastInvitation]:
    """Scores, counts, alerts and other systems follow a settled answer that is new or has changed. ending: how the alert
    closes when its last reason falls away."""
    past = recompute(c, answer.relationship)
    recount(c, answer.meeting.rep_id, answer.meeting.held_at)
    evaluate_alerts(c, answer, past, ending)
    _tell(c, answer.row, event)
    return past


def settle_due(db: Database, now: datetime, receipts: str | None) -> None:
    """Settles what ten idle minutes or a closing page have settled, of every organisation, and tells other systems of
    answers whose extras were sent or are not waited for any more. One that fails holds up no other."""
    with db.reading() as session:
        settling = due_to_settle(session, now)
    for due in settling:
        with _tried_again(), change(db, due.organisation_id, now) as c:
            if due.device:
                advisory_lock(c.session, due.device)
            answer = locked_answer(c.session, due.organisation_id, due.invitation_id, now)
            if answer.state(now) is AnswerState.SETTLED:
                settle(c, answer, receipts)
    with db.reading() as session:
        telling = due_to_tell(session, now)
    for organisation_id, invitation_id in telling:
        with _tried_again(), change(db, organisation_id, now) as c:
            answer = locked_answer(c.session, organisation_id, invitation_id, now)
            _tell(c, answer.row, Event.FEEDBACK_CHANGED, closes_at=answer.invitation.closes_at)


@contextmanager
def _tried_again() -> Iterator[None]:
    """What goes wrong with one answer is written down, and the next one follows."""
    try:
        yield
    except Exception:
        log.exception("an answer could not be settled, or told of; it is tried again")


def _tell(c: Change, row: Feedback, event: Event, closes_at: datetime | None = None) -> None:
    """Other systems hear of an answer once, when the client is through with it, and then of every change. One that was
    taken back before they heard of it is never told."""
    assert row.settled_at is not None or row.erased_at is not None  # noqa: S101
    if row.told_at is not None:
        events.enqueue_event(c.session, c.organisation_id, event, row.invitation_id, c.now)
    elif row.erased_at is not None:
        row.told_at = c.now
    elif row.extras_at is not None or (
        closes_at and row.settled_at and tell_at(row.settled_at, row.updated_at, None, closes_at) <= c.now
    ):
        row.told_at = c.now
        events.enqueue_event(c.session, c.organisation_id, Event.FEEDBACK_RECEIVED, row.invitation_id, c.now)


def _doubt_the_others(c: Change, answer: AnswerRows) -> None:
    """The third contact on one device puts the first two in doubt as well."""
    for invitation_id in others_on_device(c.session, answer.row):
        other = locked_answer(c.session, c.organisation_id, invitation_id, c.now)
        add_signals(other.row, Signal.ONE_DEVICE)
        if other.row.decided_at is None:
            other.row.counts = Counts.QUARANTINED
        if other.row.settled_at is not None:
            propagate_change(c, other)
