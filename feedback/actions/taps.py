"""A tap after the first, the short way: one statement reads, one writes. It is most of what clients send."""

from datetime import datetime
from typing import Any

from feedback.actions.answer_keys import Sender
from feedback.actions.answers import Submission, merged
from feedback.core.answer_key import Browser, KeyKind
from feedback.core.settling import AnswerState
from feedback.db.engine import Database
from feedback.store.answers import state_of
from feedback.store.taps import write_tapped


def save_next_tap(db: Database, row: Any, submission: Submission, sender: Sender, now: datetime) -> bool:
    """Save ratings that were tapped on the client's own phone, on a row of store.taps.find_tapped, and return True.

    Return False, and save nothing, for all that is more than that, or needs a refusal in words, and when somebody else
    wrote in between: `answers.save_tap` and `answers.save_answer` decide about it.
    """
    plain = row.key_kind is KeyKind.PAGE and sender.browser is Browser.CLIENTS
    takes_taps = row.erased_at is None and now < row.closes_at and state_of(row, now) is AnswerState.TAPPING
    if not (plain and takes_taps):
        return False
    return db.write_at_once(*write_tapped(row, merged(row, row.closes_at, submission, sender, now))) == 1
