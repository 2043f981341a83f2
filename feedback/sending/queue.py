"""One queue for mails and for messages to webhooks and chat channels. A worker claims an item before it sends it and reports
afterwards, so that of several workers one sends it."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlmodel import Session, col

from feedback.db.engine import note_write
from feedback.models import Mail
from feedback.sending.smtp import in_ascii
from feedback.store.chat import DueChat
from feedback.store.mail_queue import DueMail
from feedback.store.queued import Queued
from feedback.store.webhooks import DueDelivery

CLAIMED_FOR = timedelta(minutes=5)
# Pauses after each failed try, two days in all; then the item is given up and stays listed.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))
LONGEST_ERROR = 500  # characters

# Mails to a client of which nobody asks any more once they have left: bounces are of those that ask.
NOT_KEPT = (Mail.RECEIPT, Mail.WE_DID)

Due = DueMail | DueDelivery | DueChat


def claim(session: Session, due: Due, now: datetime) -> bool:
    """Claim an item for five minutes; return False when another worker was faster or it was given up
    meanwhile."""
    tried = {} if isinstance(due, DueMail) else {"tried_at": now}
    return _update(session, due, due.due_at, due_at=now + CLAIMED_FOR, tries=due.tries + 1, **tried)


def mark_sent(session: Session, due: Due, now: datetime, **reply: Any) -> None:
    """Mark an item as sent. reply: what is stored of the receiver's reply (status), by column."""
    _update(session, due, sent_at=now, error=None, **_without_address(due), **reply)


def mark_failed(
    session: Session, due: Due, error: str, now: datetime, wait: timedelta = timedelta(0), **reply: Any
) -> None:
    """Schedule the next try after a growing pause, or give up after two days. wait: the least pause that the receiver
    asks for."""
    if due.tries < len(PAUSES):
        pause = max(PAUSES[due.tries], wait)
        _update(session, due, due_at=now + pause, error=error[:LONGEST_ERROR], **reply)
    else:
        give_up(session, due, error, now, **reply)


def give_up(session: Session, due: Due, reason: str, now: datetime, **reply: Any) -> None:
    """Stop trying: there is nothing to send any more, or the receiver refuses it for good."""
    gone = _without_address(due)
    if gone and isinstance(due, DueMail):  # a mail server repeats the address
        for each in (due.recipient, in_ascii(due.recipient)):
            reason = reason.replace(each, "…")
    _update(session, due, given_up_at=now, error=reason[:LONGEST_ERROR], **gone, **reply)


def _without_address(due: Due) -> dict[str, Any]:
    """Return what is written of a mail that is done with: the address of a receipt is kept no longer than it is needed."""
    return {"recipient": ""} if isinstance(due, DueMail) and due.kind in NOT_KEPT else {}


def _update(session: Session, due: Due, unclaimed_since: datetime | None = None, **values: Any) -> bool:
    """Update an item unless it was sent; with unclaimed_since only if nobody else has claimed it or given it
    up. Return whether a row was updated."""
    note_write(session)
    result = session.connection().execute(
        _update_of(due.table, tuple(values), unclaimed_since is not None),
        {"its_organisation": due.organisation_id, "its_id": due.id, "was_due_at": unclaimed_since}
        | {f"new_{name}": value for name, value in values.items()},
    )
    return bool(result.rowcount)


@cache
def _update_of(table: Queued, names: tuple[str, ...], claims: bool) -> Update:
    """Build it once: to build it took longer than to execute it."""
    statement = update(table).where(
        col(table.organisation_id) == bindparam("its_organisation"),
        col(table.id) == bindparam("its_id"),
        col(table.sent_at).is_(None),
    )
    if claims:
        statement = statement.where(
            col(table.due_at) == bindparam("was_due_at"), col(table.given_up_at).is_(None)
        )
    return statement.values({name: bindparam(f"new_{name}") for name in names})
