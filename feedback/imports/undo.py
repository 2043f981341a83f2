"""Undoing an import as a whole, while nothing else rests on it: what it made goes, what it changed gets its former values
back, and every number is as before. What rests on it the foreign keys tell, so that no table is forgotten."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlmodel import SQLModel

from feedback.actions.change import change
from feedback.actions.clients import write_search
from feedback.actions.evidence import want_evidence
from feedback.core.audit import AuditKind
from feedback.db.bulk import enlarge_sqlite_cache, insert_all
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.imports.history.recompute import Touched, recompute_without
from feedback.imports.ledger import Deed
from feedback.imports.report import Progress, relaxed_gc
from feedback.imports.resting import RestsOnIt, refuse_what_rests, refuse_what_was_touched, words_of
from feedback.models import Audit, ImportJob, JobState
from feedback.models.columns import new_id
from feedback.store.contacts import contacts_meant
from feedback.store.import_rows import (
    count_rows,
    deeds_backwards,
    imported_meetings,
    meetings_made,
    pointing_at,
    stored_values,
)
from feedback.store.organisations import locked_organisation

# What is made last goes first.
ORDER = ("outcomes", "team_managers", "contacts", "accounts", "users", "teams")
MEETINGS, NUMBERS = 0.5, 0.9  # progress when the meetings have gone, and when the numbers are worked out anew


@contextmanager
def undoing(db: Database, organisation_id: UUID, now: datetime) -> Iterator[Change]:
    """Open the transaction in which an import is undone, after imports that run."""
    with relaxed_gc():
        with change(db, organisation_id, now):
            pass  # weeks that are due are frozen by themselves, as when it was imported
        with change(db, organisation_id, now) as c, enlarge_sqlite_cache(c.session):
            locked_organisation(c.session, c.organisation_id, key_share=True)
            yield c


def undo_import(c: Change, job: ImportJob, progress: Progress) -> None:
    """Undo an import. job: its row, held. Raises RestsOnIt with what rests on it; the transaction is rolled back then."""
    rows = count_rows(c.session, c.organisation_id, job.id)
    refuse_what_rests(c, job, rows)
    with closing(Touched()) as touched:
        for ids in meetings_made(c.session, c.organisation_id, job.id):
            _undo_meetings(c, job, ids, touched)
            progress(MEETINGS * touched.rows / rows)
        if touched.rows:
            recompute_without(
                c,
                touched,
                lambda ids, gone: refuse_what_was_touched(c, job, ids, gone),
                lambda part: progress(MEETINGS + part * (NUMBERS - MEETINGS)),
            )
    progress(NUMBERS)
    people: list[tuple[UUID, str]] = []
    for deeds in deeds_backwards(c.session, c.organisation_id, job.id):
        people += _undo_deeds(c, deeds)
    if job.kind == "outcomes":
        want_evidence(c)
    _tell(c, job, people)
    job.state, job.progress, job.claimed_at, job.ended_at = JobState.UNDONE, 1.0, None, c.now


def _undo_meetings(c: Change, job: ImportJob, ids: Sequence[UUID], touched: Touched) -> None:
    """Delete meetings with what was said in them. Raises RestsOnIt."""
    assert job.imported_at is not None  # noqa: S101 (looked at before)
    found = imported_meetings(c.session, c.organisation_id, ids, job.imported_at)
    if len(found) != len(ids):
        raise RestsOnIt(["Some of its meetings have gone since."])
    if any(each.touched for each in found):
        raise RestsOnIt(["An answer of it was changed, erased or decided on since."])
    invitations = [each.invitation_id for each in found]
    for table, which, mine in (
        ("meetings", list(ids), frozenset({"invitations"})),
        ("invitations", invitations, frozenset({"feedback"})),
    ):
        if resting := pointing_at(c.session, c.organisation_id, table, which, but=mine):
            raise RestsOnIt(words_of(c, table, resting))
    touched.add_pairs(((each.rep_id, each.contact_id, each.held_at) for each in found), c.zone)
    _delete(c, "feedback", "invitation_id", invitations)
    _delete(c, "invitations", "id", invitations)
    _delete(c, "meetings", "id", list(ids))


@dataclass(slots=True)
class _Plan:
    """What becomes of the rows of one table."""

    stored: dict[UUID, dict[str, Any]]
    back: dict[UUID, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    gone: list[UUID] = field(default_factory=list)


def _undo_deeds(c: Change, deeds: Sequence[Deed]) -> list[tuple[UUID, str]]:
    """Undo what was made and changed, the last first; return (id, name) of the people who went. Raises RestsOnIt for what
    is no longer as the import left it."""
    plans = _plans(c, deeds)
    people = []
    for table, text, before, after in deeds:
        row_id, plan = UUID(text), plans[table]
        now = plan.stored.get(row_id)
        if now is None or any(_plain(now[name]) != value for name, value in after.items()):
            name = (now or after).get("name", "Something")
            raise RestsOnIt([f"{name} was changed since."])
        if before is None:
            plan.gone.append(row_id)
            plan.back.pop(row_id, None)
            if table == "users":
                people.append((row_id, after["name"]))
        else:
            now.update(before)
            plan.back[row_id].update(before)
    for table, plan in plans.items():
        for row_id, values in plan.back.items():
            t = SQLModel.metadata.tables[table]
            where = t.c.organisation_id == c.organisation_id, t.c.id == bindparam("row")
            c.execute(update(t).where(*where).values(values), {"row": row_id})
    if changed := plans.get("contacts"):
        meant = contacts_meant(c.session, c.organisation_id, changed.back)
        write_search(c, sorted({*meant, *meant.values()}))
    for table in ORDER:
        if table in plans and (gone := plans[table].gone):
            if resting := pointing_at(c.session, c.organisation_id, table, gone):
                raise RestsOnIt(words_of(c, table, resting))
            _delete(c, table, "id", gone)
    return people


def _plans(c: Change, deeds: Sequence[Deed]) -> dict[str, _Plan]:
    columns: dict[str, set[str]] = defaultdict(set)
    ids: dict[str, set[UUID]] = defaultdict(set)
    for table, text, _, after in deeds:
        columns[table] |= after.keys()
        ids[table].add(UUID(text))
    for table, names in columns.items():  # whom to name when something rests on it
        names |= {"name"} & set(SQLModel.metadata.tables[table].c.keys())
    return {
        table: _Plan(stored_values(c.session, c.organisation_id, table, sorted(ids[table]), sorted(names)))
        for table, names in columns.items()
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON would have it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _delete(c: Change, name: str, column: str, ids: Sequence[UUID]) -> None:
    table = SQLModel.metadata.tables[name]
    c.session.wrote = True
    c.session.connection().execute(
        delete(table).where(table.c.organisation_id == c.organisation_id, table.c[column].in_(ids))
    )


def _tell(c: Change, job: ImportJob, people: Sequence[tuple[UUID, str]]) -> None:
    """Tell the audit log: of each person who went, and of the import."""
    same = {"organisation_id": c.organisation_id, "created_at": c.now, "user_id": job.user_id}
    told = [
        {
            **same,
            "id": new_id(),
            "what": AuditKind.PERSON_UNDONE.value,
            "about_id": user_id,
            "about_name": name,
        }
        for user_id, name in people
    ]
    insert_all(c.session, Audit, told)
    report = job.report or {}
    undone = {name: report[name] for name in ("added", "updated") if report.get(name)}
    c.audit(job.user_id, AuditKind.IMPORT_UNDONE, job.id, name=job.file_name, before=undone)
