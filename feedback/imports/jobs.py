"""Imports in the background: an owner uploads a file, a worker tries it in a dry run, the owner looks at what it would
do, and the worker imports it. What a page shows of it is stored; the worker holds nothing."""

import io
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col

from feedback.actions.change import tap
from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.imports.report import BadFile, Report
from feedback.imports.run import ImportKind, import_file
from feedback.models import ImportJob, JobState
from feedback.store.import_jobs import CLAIM_HOLDS, WORKING, count_working, due_jobs

log = logging.getLogger("feedback.imports")

KEPT_FOR = timedelta(days=1)  # a file that nobody imports
AT_ONCE = 3  # imports of one organisation that wait or run
LARGEST_FILE = 10 << 20  # bytes


class Stopped(Exception):
    """Raised in the middle of an import that an owner stopped; all of it is rolled back."""


def add_job(c: Change, user_id: UUID, kind: str, file_name: str, content: bytes) -> UUID:
    """Take a file to be checked; return the import's id. Raises Invalid."""
    if kind not in tuple(ImportKind):
        raise Invalid(kind="Choose what is in the file.")
    if not content:
        raise Invalid(file="Choose a file; this one is empty.")
    if len(content) > LARGEST_FILE:
        raise Invalid(
            file=f"At most {LARGEST_FILE >> 20} MB. On the server, `feedback import` takes any size."
        )
    if count_working(c.session, c.organisation_id) >= AT_ONCE:
        raise Invalid(file="Other imports are running; wait for them.")
    job = ImportJob(
        organisation_id=c.organisation_id,
        created_at=c.now,
        user_id=user_id,
        kind=kind,
        file_name=file_name[-200:] or "file",
        content=content,
    )
    c.session.add(job)
    c.session.flush()
    return job.id


def check_again(c: Change, job_id: UUID, columns: Mapping[str, str]) -> None:
    """Check a file anew, with the columns as somebody chose. Raises Invalid."""
    job = _waiting(c, job_id, JobState.CHECKED, JobState.REFUSED)
    job.state, job.columns, job.progress, job.claimed_at = JobState.CHECKING, dict(columns), 0.0, None


def start_import(c: Change, user_id: UUID, job_id: UUID) -> None:
    """Let a file be imported that was checked. Raises Invalid."""
    job = _waiting(c, job_id, JobState.CHECKED)
    job.state, job.progress, job.claimed_at = JobState.IMPORTING, 0.0, None
    c.audit(user_id, AuditKind.IMPORT_STARTED, job.id, name=job.file_name, after={"kind": job.kind})


def put_away(c: Change, job_id: UUID) -> None:
    """Forget a file that is not to be imported. Raises Invalid."""
    job = _waiting(c, job_id, JobState.CHECKED, JobState.REFUSED)
    _end(job, JobState.STOPPED, c.now)


def forget_files(c: Change) -> None:
    """Delete the files that nobody imported for a day."""
    c.session.execute(
        update(ImportJob)
        .where(
            col(ImportJob.organisation_id) == c.organisation_id,
            col(ImportJob.content).is_not(None),
            col(ImportJob.created_at) <= c.now - KEPT_FOR,
            col(ImportJob.state).not_in(WORKING),
        )
        .values(content=None, state=JobState.STOPPED, ended_at=c.now)
    )


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


class Signals:
    """How far an import is, and whether it is to stop, as two small files."""

    def __init__(self, folder: Path, job_id: UUID) -> None:
        self._progress, self._stop = folder / f"{job_id}.progress", folder / f"{job_id}.stop"

    def tell(self, part: float) -> None:
        """Tell how much is done, 0..1; from the worker. Raises Stopped."""
        if self._stop.exists():
            raise Stopped
        self._progress.parent.mkdir(parents=True, exist_ok=True)
        self._progress.write_text(f"{part:.3f}")

    def progress(self) -> float:
        """Return how much is done, 0..1; 0 where nobody tells."""
        try:
            return min(1.0, max(0.0, float(self._progress.read_text())))
        except (OSError, ValueError):
            return 0.0

    def stop(self) -> None:
        """Ask the worker to stop."""
        self._stop.parent.mkdir(parents=True, exist_ok=True)
        self._stop.touch()

    def forget(self) -> None:
        """Delete both."""
        for path in (self._progress, self._stop):
            path.unlink(missing_ok=True)


def _run(
    db: Database, clock: Callable[[], datetime], signals: Signals, organisation_id: UUID, job_id: UUID
) -> bool:
    """Claim, and check or import one file; return whether this worker did."""
    claimed = _claim(db, organisation_id, job_id, clock())
    if claimed is None:
        return False
    kind, content, columns, dry_run = claimed
    state, report = JobState.CHECKED if dry_run else JobState.DONE, {}
    try:
        found = import_file(
            db,
            organisation_id,
            ImportKind(kind),
            io.BytesIO(content),
            chosen=columns,
            dry_run=dry_run,
            now=clock(),
            progress=signals.tell,
        )
        report = report_of(found)
    except BadFile as error:
        problems = [[each.row, each.reason] for each in error.problems]
        state, report = JobState.REFUSED, {"problems": problems, "wrong": error.count}
    except Invalid as error:
        state, report = JobState.REFUSED, {"problems": [[0, str(error)]], "wrong": 1}
    except Stopped:
        state = JobState.STOPPED
    except Exception:
        log.exception("an import failed")
        state, report = JobState.STOPPED, {"failed": True}
    with tap(db, organisation_id, clock()) as c:
        job = c.session.get_one(ImportJob, (organisation_id, job_id))
        job.report, job.progress, job.claimed_at = report, 1.0, None
        if state in (JobState.DONE, JobState.STOPPED):
            _end(job, state, c.now)
        job.state = state
    signals.forget()
    return True


def report_of(found: Report) -> dict[str, Any]:
    """Return a report as it is stored."""
    return {
        "added": list(found.added),
        "updated": list(found.updated),
        "already": found.already,
        "notes": list(found.notes),
    }


def _claim(
    db: Database, organisation_id: UUID, job_id: UUID, now: datetime
) -> tuple[str, bytes, dict[str, str] | None, bool] | None:
    """Take an import from the other workers; return kind, content, chosen columns and whether it is the dry run. None
    when another has it."""
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
            .returning(
                col(ImportJob.kind), col(ImportJob.content), col(ImportJob.columns), col(ImportJob.state)
            )
        ).first()
    if taken is None or taken.content is None:
        return None
    return taken.kind, taken.content, taken.columns, taken.state == JobState.CHECKING


def _waiting(c: Change, job_id: UUID, *states: JobState) -> ImportJob:
    """Return an import that waits for an owner. Raises Invalid for one that does not, or whose file is gone."""
    job = c.session.get(ImportJob, (c.organisation_id, job_id), with_for_update=True)
    if job is None or job.state not in states or job.content is None:
        raise Invalid(file="This import has gone on meanwhile; look at how it stands now.")
    return job


def _end(job: ImportJob, state: JobState, now: datetime) -> None:
    job.state, job.ended_at, job.content = state, now, None
