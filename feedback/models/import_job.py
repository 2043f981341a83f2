"""Files that owners gave us to import, from the upload until they are imported or put away; and row by row what came of
them, for a day."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary
from sqlmodel import Field

from feedback.models.columns import Dated, Row, one_of, within, word


class JobState(StrEnum):
    """How far an import is."""

    CHECKING = "checking"  # waits for the dry run, or is in it
    CHECKED = "checked"  # waits for the owner: the dry run found nothing wrong
    REFUSED = "refused"  # the dry run found what is wrong; nothing was written
    IMPORTING = "importing"  # waits to be imported, or is
    DONE = "done"
    UNDOING = "undoing"  # waits to be undone, or is
    UNDONE = "undone"  # everything is as it was before
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
    # imports.doubts: by an IdentityDoubt, or by the number of a row, what was said
    choices: dict[str, str] | None = Field(default=None, sa_type=JSON)
    state: JobState = word(JobState, 16, JobState.CHECKING)
    progress: float = 0.0  # 0..1
    claimed_at: datetime | None = None  # by a worker; it comes back after a while if that one died
    ended_at: datetime | None = None
    imported_at: datetime | None = None  # the moment of its change; None where it changed nothing
    report: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # imports.jobs.report_of


class ImportRow(Row, table=True):
    """What came of one row of a file, or in a dry run would; and after the import what undoes it. Deleted after a day:
    it names people."""

    __tablename__ = "import_rows"
    __table_args__ = (
        within("job_id", "import_jobs"),
        Index("ix_import_row_number", "organisation_id", "job_id", "number"),
        Index("ix_import_row_meeting", "organisation_id", "meeting_id"),
    )

    job_id: UUID
    number: int  # as a spreadsheet counts; the header is row 1
    about: str = Field(max_length=400)  # whom or what the row is about
    about_key: str = Field(max_length=400)  # the same as it is searched
    made: bool = False
    changed: bool = False
    joined: bool = False  # to somebody who was here
    left_out: bool = False
    asks: bool = False  # whether it is somebody who is here: somebody has to say, or has said it
    says: list[str] = Field(default_factory=list, sa_type=JSON)  # sentences, for people
    meeting_id: UUID | None = None  # that it made; no foreign key, for the meeting may go
    # imports.ledger.Deed, in the order of writing
    deeds: list[list[Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
