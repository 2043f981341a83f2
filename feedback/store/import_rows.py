"""What came of each row of an imported file, and what rests on what it made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlmodel import Session, SQLModel, col

from feedback.core.finding import folded
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import (
    Alert,
    AlertEvent,
    Feedback,
    FrozenWeek,
    ImportJob,
    ImportRow,
    Invitation,
    JobState,
    Meeting,
    Relationship,
)
from feedback.models.feedback import Counts
from feedback.store.history import Pair
from feedback.store.import_jobs import WORKING

AT_ONCE = 500  # rows that are undone at a time
SHOWN = ("made", "changed", "joined", "left_out", "asks")  # by what the rows can be filtered
MOST_WORDS = 8  # of a search


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of an import are looked for."""

    show: str | None = None  # one of SHOWN; None for all
    words: str = ""  # that `about` holds


@dataclass(frozen=True, slots=True)
class ImportRowView:
    """What came of one row of a file."""

    number: int
    about: str
    made: bool
    changed: bool
    joined: bool
    left_out: bool
    asks: bool
    says: list[str]


@dataclass(frozen=True, slots=True)
class ImportedMeeting:
    """A meeting that an import brought in, with its one invitation."""

    id: UUID
    rep_id: UUID
    held_at: datetime
    invitation_id: UUID
    contact_id: UUID
    touched: bool  # its answer was decided on, changed or erased since


AT_A_TIME = 1000  # rows in memory
_ROWS = select(*(col(getattr(ImportRow, name)) for name in ImportRowView.__dataclass_fields__))


def import_rows(
    session: Session, organisation_id: UUID, job_id: UUID, wanted: RowFilter, skip: int, take: int
) -> list[ImportRowView]:
    """Return rows in the order of the file."""
    found = _ROWS.where(*_wanted(organisation_id, job_id, wanted)).order_by(
        col(ImportRow.number), col(ImportRow.id)
    )
    return views(ImportRowView, session.execute(found.offset(skip).limit(take)))


def every_import_row(
    session: Session, organisation_id: UUID, job_id: UUID, wanted: RowFilter
) -> Iterator[ImportRowView]:
    """Return all rows in the order of the file, a part at a time: PostgreSQL has no cursor outside a transaction, and a
    download may take its time."""
    number, row_id = col(ImportRow.number), col(ImportRow.id)
    ordered = (
        _ROWS.add_columns(row_id).where(*_wanted(organisation_id, job_id, wanted)).order_by(number, row_id)
    )
    part = session.execute(ordered.limit(AT_A_TIME)).all()
    while part:
        yield from (ImportRowView(*row[:-1]) for row in part)
        last_number, last_id = part[-1].number, part[-1][-1]
        after = (number > last_number) | ((number == last_number) & (row_id > last_id))
        part = session.execute(ordered.where(after).limit(AT_A_TIME)).all()


def _wanted(organisation_id: UUID, job_id: UUID, wanted: RowFilter) -> list[ColumnElement[bool]]:
    return [
        col(ImportRow.organisation_id) == organisation_id,
        col(ImportRow.job_id) == job_id,
        *([col(getattr(ImportRow, wanted.show)).is_(True)] if wanted.show else []),
        *(
            col(ImportRow.about_key).contains(word, autoescape=True)
            for word in folded(wanted.words).split()[:MOST_WORDS]
        ),
    ]


def jobs_with_old_rows(session: Session, organisation_id: UUID, until: datetime) -> list[UUID]:
    """Return the imports of which is known row by row what came of them, and which are that old."""
    old = func.coalesce(col(ImportJob.imported_at), col(ImportJob.created_at)) <= until
    has_rows = select(ImportRow).where(references(ImportRow, ImportRow.job_id, ImportJob)).exists()
    found = select(col(ImportJob.id)).where(
        col(ImportJob.organisation_id) == organisation_id, old, col(ImportJob.state).not_in(WORKING), has_rows
    )
    return list(session.scalars(found))


def count_rows(session: Session, organisation_id: UUID, job_id: UUID) -> int:
    """Return how many rows of an import are known."""
    return int(
        session.execute(
            select(func.count())
            .select_from(ImportRow)
            .where(col(ImportRow.organisation_id) == organisation_id, col(ImportRow.job_id) == job_id)
        ).scalar_one()
    )


def deeds_backwards(session: Session, organisation_id: UUID, job_id: UUID) -> Iterator[list[list[Any]]]:
    """Return what an import made and changed (imports.ledger.Deed) but its meetings, some hundred rows at a time, the
    last first."""
    before: tuple[int, UUID] | None = None
    here = tuple_(col(ImportRow.number), col(ImportRow.id))
    while True:
        found = select(col(ImportRow.number), col(ImportRow.id), col(ImportRow.deeds)).where(
            col(ImportRow.organisation_id) == organisation_id,
            col(ImportRow.job_id) == job_id,
            col(ImportRow.deeds).is_not(None),
        )
        if before:
            found = found.where(here < before)
        rows = session.execute(
            found.order_by(col(ImportRow.number).desc(), col(ImportRow.id).desc()).limit(AT_ONCE)
        ).all()
        if not rows:
            return
        yield [deed for row in rows for deed in reversed(row.deeds)]
        before = rows[-1].number, rows[-1].id


def meetings_made(session: Session, organisation_id: UUID, job_id: UUID) -> Iterator[list[UUID]]:
    """Return the ids of the meetings that an import made, some hundred at a time."""
    after = UUID(int=0)
    while True:
        rows = session.execute(
            select(col(ImportRow.id), col(ImportRow.meeting_id))
            .where(
                col(ImportRow.organisation_id) == organisation_id,
                col(ImportRow.job_id) == job_id,
                col(ImportRow.meeting_id).is_not(None),
                col(ImportRow.id) > after,
            )
            .order_by(col(ImportRow.id))
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        yield [row.meeting_id for row in rows]
        after = rows[-1].id


def imported_meetings(
    session: Session, organisation_id: UUID, ids: Sequence[UUID], since: datetime
) -> list[ImportedMeeting]:
    """Return those that are still there."""
    changed = or_(
        col(Feedback.updated_at) > since,
        col(Feedback.erased_at).is_not(None),
        col(Feedback.decided_at).is_not(None),
        col(Feedback.counts) != Counts.COUNTED,
    )
    touched = (
        select(Feedback)
        .where(references(Feedback, Feedback.invitation_id, Invitation), changed)
        .correlate(Invitation)
        .exists()
    )
    rows = session.execute(
        select(
            col(Meeting.id), col(Meeting.rep_id), col(Meeting.held_at), col(Invitation.id).label("invitation_id"),
            col(Invitation.contact_id), touched.label("touched"),
        )
        .join(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(col(Meeting.organisation_id) == organisation_id, col(Meeting.id).in_(ids))
    )  # fmt: skip
    return views(ImportedMeeting, rows)


def later_import(session: Session, job: ImportJob) -> str | None:
    """Return the file name of the latest import that changed something after this one and was not undone."""
    later = tuple_(col(ImportJob.imported_at), col(ImportJob.id)) > (job.imported_at, job.id)
    return session.scalars(
        select(col(ImportJob.file_name))
        .where(
            col(ImportJob.organisation_id) == job.organisation_id,
            col(ImportJob.state) == JobState.DONE,
            col(ImportJob.imported_at).is_not(None),
            later,
        )
        .order_by(col(ImportJob.imported_at).desc(), col(ImportJob.id).desc())
    ).first()


def week_frozen_since(session: Session, organisation_id: UUID, since: datetime) -> Any:
    """Return the Monday of the first week that was frozen after this moment; None without one."""
    return session.scalars(
        select(col(FrozenWeek.monday))
        .where(col(FrozenWeek.organisation_id) == organisation_id, col(FrozenWeek.frozen_at) > since)
        .order_by(col(FrozenWeek.monday))
    ).first()


def stored_values(
    session: Session, organisation_id: UUID, table: str, ids: Sequence[UUID], columns: Sequence[str]
) -> dict[UUID, dict[str, Any]]:
    """Return columns of rows of any table, by id."""
    t = SQLModel.metadata.tables[table]
    rows = session.connection().execute(
        select(t.c.id, *(t.c[name] for name in columns)).where(
            t.c.organisation_id == organisation_id, t.c.id.in_(ids)
        )
    )
    return {row.id: {name: getattr(row, name) for name in columns} for row in rows}


def pointing_at(
    session: Session,
    organisation_id: UUID,
    table: str,
    ids: Sequence[UUID],
    *,
    but: frozenset[str] = frozenset(),
    since: datetime | None = None,
) -> list[tuple[str, UUID, int]]:
    """Return (table, the id it points at, how many) of all rows that point at one of these rows, whatever table they are
    in. but: tables that are not looked at. since: only rows made after this moment."""
    found = []
    for child in SQLModel.metadata.sorted_tables:
        for key in child.foreign_key_constraints:
            if key.referred_table.name != table or child.name in but or len(key.columns) != 2:
                continue
            if since is not None and "created_at" not in child.c:
                continue
            column = next(c for c in key.columns if c.name != "organisation_id")
            newer = [child.c.created_at > since] if since is not None else []
            rows = session.connection().execute(
                select(column, func.count())
                .where(child.c.organisation_id == organisation_id, column.in_(ids), *newer)
                .group_by(column)
                .order_by(column)
            )
            found += [(child.name, row[0], row[1]) for row in rows]
    return found


def relationship_ids(session: Session, organisation_id: UUID, pairs: Sequence[Pair]) -> dict[Pair, UUID]:
    """Return the ids of the relationships of these reps and contacts."""
    contacts = sorted({contact_id for _, contact_id in pairs})
    rows = session.execute(
        select(col(Relationship.id), col(Relationship.rep_id), col(Relationship.contact_id)).where(
            col(Relationship.organisation_id) == organisation_id, col(Relationship.contact_id).in_(contacts)
        )
    )
    found = {(row.rep_id, row.contact_id): row.id for row in rows}
    return {pair: found[pair] for pair in pairs if pair in found}


def alerts_touched(
    session: Session, organisation_id: UUID, ids: Sequence[UUID], since: datetime
) -> list[tuple[str, UUID, int]]:
    """Return, as `pointing_at` does, the alerts of these relationships about which something happened after this moment."""
    happened = (
        select(AlertEvent)
        .where(references(AlertEvent, AlertEvent.alert_id, Alert), col(AlertEvent.created_at) > since)
        .correlate(Alert)
        .exists()
    )
    rows = session.execute(
        select(col(Alert.relationship_id), func.count())
        .where(
            col(Alert.organisation_id) == organisation_id,
            col(Alert.relationship_id).in_(ids),
            or_(happened, col(Alert.closed_at) > since),
        )
        .group_by(col(Alert.relationship_id))
        .order_by(col(Alert.relationship_id))
    )
    return [("alerts", row[0], row[1]) for row in rows]


def contacts_of_relationships(
    session: Session, organisation_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Return the contact of each of these relationships, by id."""
    rows = session.execute(
        select(col(Relationship.id), col(Relationship.contact_id)).where(
            col(Relationship.organisation_id) == organisation_id, col(Relationship.id).in_(ids)
        )
    )
    return {row.id: row.contact_id for row in rows}


def reps_without_relationships(
    session: Session, organisation_id: UUID, rep_ids: Sequence[UUID]
) -> list[UUID]:
    """Return those of these reps who have none."""
    has = set(
        session.scalars(
            select(col(Relationship.rep_id))
            .where(
                col(Relationship.organisation_id) == organisation_id, col(Relationship.rep_id).in_(rep_ids)
            )
            .distinct()
        )
    )
    return sorted(set(rep_ids) - has)
