"""Taps, the short way: one statement reads, and a tap after the first is one write. It is most of what clients send."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission, merged
from feedback.core.access import Visibility
from feedback.core.answer_key import Browser, KeyKind, hash_key
from feedback.core.settling import AnswerState
from feedback.db.engine import Database
from feedback.models import Side
from feedback.models.columns import new_id
from feedback.models.feedback import Counts
from feedback.store.answers import state_of
from feedback.store.taps import TAPPED, write_first, write_tapped

# The client's row before the first tap.
_NOTHING = {**dict.fromkeys((*TAPPED, "done_at", "settled_at", "extras_at")), "visibility": Visibility.REP, "sequence": 0,
            "handed_over": False, "scripted": False, "signals": ()}  # fmt: skip


def save_first_tap(db: Database, found: Any, submission: Submission, sender: Sender, now: datetime) -> bool:
    """Save the first ratings that were tapped on the client's own phone, on what store.taps.find_unbegun returned, with
    the key that they were sent under, and return True. Return False, and save nothing, as save_next_tap does."""
    taps = submission.ratings and not submission.done and sender.browser is Browser.CLIENTS
    if not taps or sender.key is None or now >= found.closes_at:
        return False
    blank = {**_NOTHING, "updated_at": now}
    row_before: Any = SimpleNamespace(**blank)
    made = {**blank, **merged(row_before, found.closes_at, submission, sender, now)}
    where = {
        "organisation_id": found.organisation_id,
        "invitation_id": found.invitation_id,
        "created_at": now,
    }
    row = {
        **where,
        "id": new_id(),
        "side": Side.CLIENT,
        "counts": Counts.COUNTED,
        **{name: made[name] for name in TAPPED},
    }
    key = {**where, "id": new_id(), "hash": hash_key(sender.key), "kind": KeyKind.PAGE, "ended_at": None}
    with db.writing_bare() as connection:
        first = write_first(connection, row, key)
        if not first:
            connection.rollback()
    return first


def save_next_tap(
    db: Database, connection: Connection, row: Any, submission: Submission, sender: Sender, now: datetime
) -> bool:
    """Save ratings that were tapped on the client's own phone, on a row that store.taps.find_tapped has read on this
    connection, and return True.

    Return False, and save nothing, for all that is more than that, or needs a refusal in words, and when somebody else
    wrote in between: `answers.save_tap` and `answers.save_answer` decide about it.
    """
    plain = row.key_kind is KeyKind.PAGE and sender.browser is Browser.CLIENTS
    takes_taps = row.erased_at is None and now < row.closes_at and state_of(row, now) is AnswerState.TAPPING
    if not (plain and takes_taps):
        return False
    made = merged(row, row.closes_at, submission, sender, now)
    return db.write_at_once(connection, *write_tapped(row, made)) == 1
