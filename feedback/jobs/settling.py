"""Answers that have settled by the clock, or that webhooks are to be notified of."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from feedback.actions.answer_rows import locked_answer
from feedback.actions.change import change
from feedback.actions.settling import notify_webhooks, settle
from feedback.core.settling import AnswerState
from feedback.db.engine import Database
from feedback.db.locks import advisory_lock
from feedback.models.webhook import Event
from feedback.store.settling import due_to_notify, due_to_settle

log = logging.getLogger("feedback.settling")


def settle_due(db: Database, now: datetime, receipts: str | None) -> None:
    """Settle the answers of every organisation that ten idle minutes or a closed page have settled, and
    notify webhooks of answers whose second page was sent or is not expected any more. One that fails holds up
    no other. receipts: our address when mail can be sent; None when it cannot."""
    with db.reading() as session:
        settling = due_to_settle(session, now)
    for due in settling:
        with _log_and_go_on(), change(db, due.organisation_id, now) as c:
            if due.device:
                advisory_lock(c.session, due.device)
            answer = locked_answer(c, due.invitation_id)
            if answer.state(now) is AnswerState.SETTLED:
                settle(c, answer, receipts)
    with db.reading() as session:
        to_notify = due_to_notify(session, now)
    for organisation_id, invitation_id in to_notify:
        with _log_and_go_on(), change(db, organisation_id, now) as c:
            answer = locked_answer(c, invitation_id)
            notify_webhooks(c, answer.row, Event.FEEDBACK_CHANGED, closes_at=answer.invitation.closes_at)


@contextmanager
def _log_and_go_on() -> Iterator[None]:
    """Log what goes wrong with one answer, and continue with the next."""
    try:
        yield
    except Exception:
        log.exception("an answer could not be settled, or told of; it is tried again")
