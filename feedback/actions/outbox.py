"""Sending is claimed first and reported afterwards, so that several workers send a mail once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from feedback.models import Outbox
from feedback.store.database import Database
from feedback.store.outbox import NOT_TOLD, DueMail

CLAIMED_FOR = timedelta(minutes=5)
# Pauses after each failed try; two days in all, then it is given up and stays listed.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440))


def claim(db: Database, mail: DueMail, now: datetime) -> bool:
    """Is it ours to send? False when another worker was faster."""
    return _update(
        db, mail, (col(Outbox.due_at) == mail.due_at,), due_at=now + CLAIMED_FOR, tries=mail.tries + 1
    )


def sent(db: Database, mail: DueMail, now: datetime) -> None:
    _update(db, mail, (), sent_at=now, error=None)


def failed(db: Database, mail: DueMail, error: str, now: datetime) -> None:
    """Tried again after a growing pause, or given up."""
    if mail.tries < len(PAUSES):
        _update(db, mail, (), due_at=now + PAUSES[mail.tries], error=error[:500])
    else:
        _update(db, mail, (), given_up_at=now, error=error[:500])


def dropped(db: Database, mail: DueMail, why: str, now: datetime) -> None:
    """There is nothing to tell any more."""
    _update(db, mail, (), given_up_at=now, error=f"{NOT_TOLD}{why}")


def _update(db: Database, mail: DueMail, where: tuple[Any, ...], **values: Any) -> bool:
    with db.writing() as session:
        result: Any = session.execute(
            update(Outbox)
            .where(
                col(Outbox.organisation_id) == mail.organisation_id,
                col(Outbox.id) == mail.id,
                col(Outbox.sent_at).is_(None),
                *where,
            )
            .values(**values)
        )
        return bool(result.rowcount)
