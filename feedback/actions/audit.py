"""Entries of the audit log that somebody who is up to no good can cause, and how networks are forgotten.

All other entries are written by the actions they tell of (Change.audit). These would let an attacker fill the disk,
so only so many are written in ten minutes (db/counters.py); the limits of signing in go on counting.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.db.counters import Limit, count_within, reserve
from feedback.db.engine import Database
from feedback.models import Audit
from feedback.store.credentials import Credentials

PER_ACCOUNT = 5  # failed sign-ins that are written down
PER_ORGANISATION = 60  # likewise, of all accounts
PER_PERSON = 10  # refusals
NETWORKS_FOR = timedelta(days=90)


def record_failed_sign_in(
    db: Database,
    candidates: Sequence[Credentials],
    account: str,
    network: Callable[[UUID], str],
    now: datetime,
) -> None:
    """Write a failed sign-in into the log of every organisation that has the address. An address that nobody has
    costs a transaction, too, so that the time does not tell whether there is such an account. account: the key of a
    counter. network: the network's keyed hash for an organisation."""
    with db.writing() as session:
        if not count_within(session, [Limit(account, PER_ACCOUNT)], now):
            return
        for each in candidates:
            whole = Limit(_key("failed", each.organisation_id), PER_ORGANISATION)
            if count_within(session, [whole], now):
                Change(session, each.organisation_id, now).audit(
                    None,
                    AuditKind.SIGN_IN_FAILED,
                    each.user_id,
                    name=each.name,
                    network=network(each.organisation_id),
                )


def record_refusal(
    db: Database, organisation_id: UUID, user_id: UUID, where: str, network: str, now: datetime
) -> None:
    """Write down that somebody was refused what another role may do. where: the rule of the address, without ids."""
    if reserve(db, [Limit(_key("refused", user_id), PER_PERSON)], now):
        with db.writing() as session:
            Change(session, organisation_id, now).audit(
                user_id, AuditKind.REFUSED, name=where, network=network
            )


def forget_networks(c: Change) -> None:
    """Empty the networks of entries that are older than 90 days."""
    old = (
        col(Audit.organisation_id) == c.organisation_id,
        col(Audit.network).is_not(None),
        col(Audit.created_at) < c.now - NETWORKS_FOR,
    )
    c.session.execute(update(Audit).where(*old).values(network=None))


def _key(what: str, about: UUID) -> str:
    """Return the key of a counter; ids are random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(f"{what} {about}".encode()).hexdigest()
