"""The worker's half of imports: it checks files, imports them, and undoes that, one after the other."""

import io
import logging
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col

from feedback.actions.change import tap
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.db.locks import locked
from feedback.imports.jobs import finish_job, forget_rows
from feedback.imports.ledger import Ledger
from feedback.imports.report import BadFile, Instructions, Progress, Report, record_import
from feedback.imports.resting import RestsOnIt
from feedback.imports.run import ImportKind, import_file
from feedback.imports.signals import Signals, Stopped
from feedback.imports.undo import undo_import, undoing
from feedback.models import ImportJob, JobState
from feedback.store.import_jobs import CLAIM_HOLDS, WORKING, due_jobs

log = logging.getLogger("feedback.imports")


class TakenOver(Exception):
    """Raised when another worker has an import that this one was taken too long with."""


def run_jobs(db: Database, clock: Callable[[], datetime], signals: Path) -> int:
    """Run the imports that wait, one after the other; return how many. signals: a folder in which the page and the
    worker tell each other how far it is and whether to stop. In the database they could not: on SQLite nobody writes
    while an import does."""
    with db.reading() as session:
        waiting = due_jobs(session, clock())
    return sum(
        _run(db, clock, Signals(signals, job_id), organisation_id, job_id)
        for organisation_id, job_id in waiting
    )


def _run(
    db: Database, clock: Callable[[], datetime], signals: Signals, organisation_id: UUID, job_id: UUID
) -> bool:
    """Claim one file, and check it, import it or undo that; return whether this worker did."""
    job = _claim(db, organisation_id, job_id, clock())
    if job is None:
        return False
    ended: tuple[JobState, dict[str, Any]] | None
    try:
        if job.state == JobState.UNDOING:
            ended = _undo(db, job, clock(), signals.tell)
        else:
            ended = _import(db, job, clock(), signals.tell)
    except TakenOver:
        return False  # it has the signals now, too
    except Stopped:
        ended = _broken_off(job, failed=False)
    except Exception:
        log.exception("an import failed")
        ended = _broken_off(job, failed=True)
    if ended and not _wrote_down(db, job, *ended, clock()):
        return False
    signals.forget()
    return True


def _wrote_down(db: Database, job: ImportJob, state: JobState, report: dict[str, Any], now: datetime) -> bool:
    with suppress(TakenOver), tap(db, job.organisation_id, now) as c:
        finish_job(_own(c, job), state, report, c.now)
        return True
    return False


def _broken_off(job: ImportJob, failed: bool) -> tuple[JobState, dict[str, Any]]:
    """Return where an import stands that was stopped or failed: it is imported or undone as a whole, or not at all."""
    told = {"failed": True} if failed else {}
    if job.state == JobState.UNDOING:
        return JobState.DONE, {**(job.report or {}), **told}
    return JobState.STOPPED, told


def _own(c: Change, job: ImportJob) -> ImportJob:
    """Return the import, held. Raises TakenOver when another worker has taken us for dead."""
    own = locked(c.session, ImportJob, organisation_id=c.organisation_id, id=job.id)
    if own is None or own.state != job.state or own.claimed_at != job.claimed_at:
        raise TakenOver
    return own


def _undo(
    db: Database, job: ImportJob, now: datetime, progress: Progress
) -> tuple[JobState, dict[str, Any]] | None:
    """Undo an import; return where it stands if something rests on it, None when it is written already."""
    try:
        with undoing(db, job.organisation_id, now) as c:
            undo_import(c, _own(c, job), progress)
    except RestsOnIt as error:
        return JobState.DONE, {**(job.report or {}), "rests": error.words}
    return None


def _import(
    db: Database, job: ImportJob, now: datetime, progress: Progress
) -> tuple[JobState, dict[str, Any]] | None:
    """Check or import a file; return where it stands then, None when it is written already."""
    with closing(Ledger()) as ledger:
        return _import_into(ledger, db, job, now, progress)


def _import_into(
    ledger: Ledger, db: Database, job: ImportJob, now: datetime, progress: Progress
) -> tuple[JobState, dict[str, Any]] | None:
    how = Instructions(job.user_id, job.file_name, job.choices or {}, ledger)
    dry_run, written = job.state == JobState.CHECKING, False

    def at_end(c: Change, report: Report) -> None:
        """Write in the import's own transaction that it is done: nobody imports it once more, whenever we are cut off."""
        nonlocal written
        own = _own(c, job)
        own.imported_at = c.now if report.added or report.updated else None
        forget_rows(c, job.id)
        ledger.store(c, job.id)
        record_import(c, job.kind, report, how, job.id)
        finish_job(own, JobState.DONE, report_of(report) | {"rows": dict(ledger.counts)}, c.now)
        written = True

    try:
        found = import_file(
            db, job.organisation_id, ImportKind(job.kind), io.BytesIO(job.content or b""), chosen=job.columns,
            how=how, dry_run=dry_run, now=now, progress=progress, at_end=at_end,
        )  # fmt: skip
        state, report = JobState.CHECKED if dry_run else JobState.DONE, report_of(found)
    except BadFile as error:
        problems = [[each.row, each.reason] for each in error.problems]
        written = False
        state, report = JobState.REFUSED, {
            "problems": problems, "wrong": error.count, "doubts": error.doubts, "notes": list(error.notes),
            "meant": error.meant,
        }  # fmt: skip
    except Invalid as error:
        written = False
        state, report = JobState.REFUSED, {"problems": [[0, str(error)]], "wrong": 1}
    if written:
        return None
    with tap(db, job.organisation_id, now) as c:
        forget_rows(c, job.id)
        ledger.store(c, job.id)
    return state, report | {"rows": dict(ledger.counts)}


def report_of(found: Report) -> dict[str, Any]:
    """Return a report as it is stored."""
    return {
        "added": list(found.added),
        "updated": list(found.updated),
        "already": found.already,
        "notes": list(found.notes),
    }


def _claim(db: Database, organisation_id: UUID, job_id: UUID, now: datetime) -> ImportJob | None:
    """Take an import from the other workers; return it, None when another has it."""
    free = or_(col(ImportJob.claimed_at).is_(None), col(ImportJob.claimed_at) <= now - CLAIM_HOLDS)
    with tap(db, organisation_id, now) as c:
        taken = c.session.execute(
            update(ImportJob)
            .where(
                col(ImportJob.organisation_id) == organisation_id,
                col(ImportJob.id) == job_id,
                col(ImportJob.state).in_(WORKING),
                free,
            )
            .values(claimed_at=now)
            .returning(col(ImportJob.id))
        ).first()
        job = (
            c.session.get_one(ImportJob, (organisation_id, job_id), populate_existing=True) if taken else None
        )
    if job is None or (job.content is None and job.state != JobState.UNDOING):
        return None
    return job
