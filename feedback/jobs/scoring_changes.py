"""Tries and applies changes of what scores are worked out with, in the background."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from feedback.actions.change import change, tap
from feedback.actions.scoring.changes import claim_change, rescore_again, rescore_with, store_preview
from feedback.db.change import Invalid
from feedback.db.engine import Database
from feedback.imports.signals import Signals, Stopped
from feedback.models import ChangeState
from feedback.pages.scoring_preview import NewScoring, scoring_preview
from feedback.store.replay import count_reps
from feedback.store.scoring_changes import due_scoring_changes

log = logging.getLogger("feedback.scoring")


def run_scoring_changes(db: Database, clock: Callable[[], datetime], signals: Path) -> int:
    """Try or apply the changes that wait; return how many. signals: as in imports.jobs.run_jobs."""
    with db.reading() as session:
        waiting = due_scoring_changes(session, clock())
    return sum(
        _run(db, clock, Signals(signals, change_id), organisation_id, change_id)
        for organisation_id, change_id in waiting
    )


def _run(
    db: Database, clock: Callable[[], datetime], signals: Signals, organisation_id: UUID, change_id: UUID
) -> bool:
    """Claim, and try or apply one; return whether this worker did. One that fails ends, and has written nothing."""
    with tap(db, organisation_id, clock()) as c:
        asked = claim_change(c, change_id)
        if asked is None:
            return False
        state, new = asked.state, NewScoring(asked.half_life_days, asked.review_days, asked.timezone)
    try:
        if state is ChangeState.TRYING:
            _try(db, clock(), signals, organisation_id, change_id, new)
        else:
            _apply(db, clock(), signals, organisation_id, change_id, again=state is ChangeState.DONE)
    except (Invalid, Stopped):  # an owner has left it meanwhile
        log.info("a change of the scores was left")
    except Exception:  # it is tried again once the claim has run out; others are not held up
        log.exception("a change of the scores was not applied")
    finally:
        signals.forget()
    return True


def _try(
    db: Database, now: datetime, signals: Signals, organisation_id: UUID, change_id: UUID, new: NewScoring
) -> None:
    try:
        with db.reading() as session:
            told = _Told(signals, count_reps(session, organisation_id))
            preview = scoring_preview(session, organisation_id, new, now, told.one_more)
    except Stopped:
        raise
    except Exception:
        log.exception("what a change of the scores would do could not be told")
        preview = None
    with tap(db, organisation_id, now) as c:
        store_preview(c, change_id, preview)


def _apply(
    db: Database, now: datetime, signals: Signals, organisation_id: UUID, change_id: UUID, *, again: bool
) -> None:
    with db.reading() as session:
        told = _Told(signals, count_reps(session, organisation_id))
    with change(db, organisation_id, now) as c:
        if again:
            rescore_again(c, change_id)
        else:
            rescore_with(c, change_id, told.one_more)


class _Told:
    """Tells how far it is, person by person."""

    def __init__(self, signals: Signals, whole: int) -> None:
        self._signals, self._whole, self._done = signals, max(1, whole), 0

    def one_more(self) -> None:
        self._done += 1
        self._signals.tell(min(1.0, self._done / self._whole))
