"""Files that owners uploaded to be imported."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import ImportJob, JobState, User

CLAIM_HOLDS = timedelta(minutes=15)  # after which a worker that said nothing is taken for dead
WORKING = (JobState.CHECKING, JobState.IMPORTING, JobState.UNDOING)
UNDONE_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class JobView:
    """An import as an owner sees it."""

    id: UUID
    kind: str
    file_name: str
    state: JobState
    progress: float  # 0..1
    columns: dict[str, str] | None
    choices: dict[str, str] | None
    report: dict[str, Any] | None
    uploaded_by: str
    uploaded_at: datetime
    ended_at: datetime | None
    imported_at: datetime | None
    kept: bool  # whether the file is still here

    @property
    def working(self) -> bool:
        """Whether a worker has it, or is to have it."""
        return self.state in WORKING

    @property
    def undone_until(self) -> datetime | None:
        """Return until when it can be undone; None where there is nothing to undo."""
        return self.imported_at and self.imported_at + UNDONE_WITHIN


_JOBS = (
    select(
        col(ImportJob.id), col(ImportJob.kind), col(ImportJob.file_name), col(ImportJob.state),
        col(ImportJob.progress), col(ImportJob.columns), col(ImportJob.choices), col(ImportJob.imported_at), col(ImportJob.report), col(User.name).label("uploaded_by"),
        col(ImportJob.created_at).label("uploaded_at"), col(ImportJob.ended_at),
        col(ImportJob.content).is_not(None).label("kept"),
    )
    .join(User, references(ImportJob, ImportJob.user_id, User))
)  # fmt: skip


def job_for(session: Session, organisation_id: UUID, job_id: UUID) -> JobView:
    """Return an import. Raises NotFound."""
    here = _JOBS.where(col(ImportJob.organisation_id) == organisation_id, col(ImportJob.id) == job_id)
    found = views(JobView, session.execute(here))
    if not found:
        raise NotFound("import")
    return found[0]


def jobs(session: Session, organisation_id: UUID, limit: int = 20) -> list[JobView]:
    """Return the latest imports, the newest first."""
    here = _JOBS.where(col(ImportJob.organisation_id) == organisation_id)
    return views(JobView, session.execute(here.order_by(col(ImportJob.id).desc()).limit(limit)))


def count_working(session: Session, organisation_id: UUID) -> int:
    """Return how many imports of an organisation a worker has, or is to have."""
    found = select(func.count()).select_from(ImportJob)
    found = found.where(col(ImportJob.organisation_id) == organisation_id, col(ImportJob.state).in_(WORKING))
    return int(session.execute(found).scalar_one())


def due_jobs(session: Session, now: datetime) -> list[tuple[UUID, UUID]]:
    """Return (organisation_id, id) of the imports that no worker has, the oldest first."""
    free = or_(col(ImportJob.claimed_at).is_(None), col(ImportJob.claimed_at) <= now - CLAIM_HOLDS)
    rows = session.execute(
        select(col(ImportJob.organisation_id), col(ImportJob.id))
        .where(col(ImportJob.state).in_(WORKING), free)
        .order_by(col(ImportJob.created_at), col(ImportJob.id))
        .execution_options(across_organisations=True)
    )
    return [(row[0], row[1]) for row in rows]


def job_goes_on(session: Session, organisation_id: UUID, job_id: UUID) -> bool:
    """Tell whether nobody has stopped an import that a worker has."""
    found = select(col(ImportJob.state)).where(
        col(ImportJob.organisation_id) == organisation_id, col(ImportJob.id) == job_id
    )
    return session.scalars(found).first() in WORKING
