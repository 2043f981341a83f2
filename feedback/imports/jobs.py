"""Imports in the background: an owner uploads a file, a worker tries it in a dry run, the owner looks at what it would
do, and the worker imports it (imports.running). What a page shows of it is stored; the worker holds nothing."""

import io
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.imports.doubts import IdentityDoubt, Said
from feedback.imports.run import ImportKind
from feedback.imports.workbook import WrongWorkbook, refuse_other_files
from feedback.models import ImportJob, ImportRow, JobState
from feedback.store.import_jobs import UNDONE_WITHIN, WORKING, count_working
from feedback.store.import_rows import jobs_with_old_rows

KEPT_FOR = timedelta(days=1)  # a file that nobody imports
AT_ONCE = 3  # imports of one organisation that wait or run
LARGEST_FILE = 10 << 20  # bytes
MOST_CHOICES = 2000  # about doubts of one file


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
    try:
        refuse_other_files(io.BytesIO(content))
    except WrongWorkbook as error:
        raise Invalid(file=str(error)) from error
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


def check_again(c: Change, job_id: UUID, columns: Mapping[str, str], choices: Mapping[str, str]) -> None:
    """Check a file anew, with the columns as somebody chose, and with what was said about each doubt. Raises Invalid."""
    if not (all(map(_can_be_said_about, choices)) and set(choices.values()) <= set(Said)):
        raise Invalid(choices="Say for each who is meant.")
    if len(choices) > MOST_CHOICES:
        raise Invalid(
            choices=f"More than {MOST_CHOICES:,} rows in doubt: choose for all the rest, or mend the file."
        )
    job = _waiting(c, job_id, JobState.CHECKED, JobState.REFUSED)
    job.state, job.columns, job.choices = JobState.CHECKING, dict(columns), dict(choices)
    job.progress, job.claimed_at = 0.0, None
    forget_rows(c, job_id)


def check_as(c: Change, job_id: UUID, kind: str) -> None:
    """Check a file anew as one of another kind. Raises Invalid."""
    if kind not in tuple(ImportKind):
        raise Invalid(kind="Choose what is in the file.")
    check_again(c, job_id, {}, {})
    _waiting(c, job_id, JobState.CHECKING).kind = kind


def _can_be_said_about(about: str) -> bool:
    """Tell whether these are all rows with a kind of doubt, or is the number of one row."""
    return about in tuple(IdentityDoubt) or re.fullmatch(r"[1-9][0-9]{0,7}", about, re.ASCII) is not None


def start_import(c: Change, user_id: UUID, job_id: UUID) -> None:
    """Let a file be imported that was checked. Raises Invalid."""
    job = _waiting(c, job_id, JobState.CHECKED)
    job.state, job.progress, job.claimed_at, job.user_id = JobState.IMPORTING, 0.0, None, user_id
    c.audit(user_id, AuditKind.IMPORT_STARTED, job.id, name=job.file_name, after={"kind": job.kind})


def start_undo(c: Change, user_id: UUID, job_id: UUID) -> None:
    """Let an import be undone. Raises Invalid where it is too late; what rests on it is found later."""
    job = c.session.get(ImportJob, (c.organisation_id, job_id), with_for_update=True)
    if job is None or job.state != JobState.DONE or job.imported_at is None:
        raise Invalid(file="This import has gone on meanwhile; look at how it stands now.")
    if c.now >= job.imported_at + UNDONE_WITHIN:
        raise Invalid(file="An import can be undone within a day; that is over.")
    job.state, job.progress, job.claimed_at, job.user_id = JobState.UNDOING, 0.0, None, user_id
    job.report = {name: said for name, said in (job.report or {}).items() if name not in ("rests", "failed")}


def put_away(c: Change, job_id: UUID) -> None:
    """Forget a file that is not to be imported. Raises Invalid."""
    job = _waiting(c, job_id, JobState.CHECKED, JobState.REFUSED)
    _end(job, JobState.STOPPED, c.now)
    forget_rows(c, job_id)


def forget_files(c: Change) -> None:
    """Delete the files that nobody imported for a day, and what is known row by row of imports that are a day old."""
    for job_id in jobs_with_old_rows(c.session, c.organisation_id, c.now - KEPT_FOR):
        forget_rows(c, job_id)
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


def _waiting(c: Change, job_id: UUID, *states: JobState) -> ImportJob:
    """Return an import that waits for an owner. Raises Invalid for one that does not, or whose file is gone."""
    job = c.session.get(ImportJob, (c.organisation_id, job_id), with_for_update=True)
    if job is None or job.state not in states or job.content is None:
        raise Invalid(file="This import has gone on meanwhile; look at how it stands now.")
    return job


def finish_job(job: ImportJob, state: JobState, report: dict[str, Any], now: datetime) -> None:
    """Write down how an import ended, or how its check did."""
    job.report, job.progress, job.claimed_at = report, 1.0, None
    if state in (JobState.DONE, JobState.STOPPED):
        _end(job, state, now)
    job.state = state


def _end(job: ImportJob, state: JobState, now: datetime) -> None:
    job.state, job.ended_at, job.content = state, now, None


def forget_rows(c: Change, job_id: UUID) -> None:
    """Delete what is known of each row of an import."""
    c.session.execute(
        delete(ImportRow).where(
            col(ImportRow.organisation_id) == c.organisation_id, col(ImportRow.job_id) == job_id
        )
    )
