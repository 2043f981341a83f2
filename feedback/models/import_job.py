"""Files that owners gave us to import, from the upload until they are imported or put away."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary
from sqlmodel import Field

from feedback.models.columns import Dated, one_of, within, word


class JobState(StrEnum):
    """How far an import is."""

    CHECKING = "checking"  # waits for the dry run, or is in it
    CHECKED = "checked"  # waits for the owner: the dry run found nothing wrong
    REFUSED = "refused"  # the dry run found what is wrong; nothing was written
    IMPORTING = "importing"  # waits to be imported, or is
    DONE = "done"
    STOPPED = "stopped"  # by an owner, or because it could not go on; nothing was written


class ImportJob(Dated, table=True):
    """A file to be imported. Its content is deleted when it is done, stopped, or a day old."""

    __tablename__ = "import_jobs"
    __table_args__ = (
        within("user_id", "users"),
        one_of("state", JobState),
        CheckConstraint("progress BETWEEN 0 AND 1", name="ck_progress"),
        Index("ix_import_job_state", "state", "created_at"),
    )

    user_id: UUID  # who uploaded it
    kind: str = Field(max_length=16)  # an imports.run.ImportKind
    file_name: str = Field(max_length=200)
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    columns: dict[str, str] | None = Field(default=None, sa_type=JSON)  # chosen by hand: ours to theirs
    state: JobState = word(JobState, 16, JobState.CHECKING)
    progress: float = 0.0  # 0..1
    claimed_at: datetime | None = None  # by a worker; it comes back after a while if that one died
    ended_at: datetime | None = None
    report: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # imports.jobs.report_of
