"""After an import of history: the numbers it touched, worked out anew, a few hundred relationships at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select

from feedback.actions.change import Change
from feedback.actions.import_files import Progress
from feedback.actions.scoring import write_numbers
from feedback.core.relationships import relate
from feedback.models import Activity, Invitation, Meeting, Relationship
from feedback.models.columns import new_id
from feedback.store.imports import counts_by_week, insert_all_if_new
from feedback.store.relationships import Past, history

MOST_KEYS, MOST_ROWS = 500, 5000  # at a time, so that memory stays small

Touch = TypeVar("Touch", UUID, date)


class Touched:
    """The relationships and weeks that rows were added to, and how many, by rep."""

    def __init__(self) -> None:
        self.contacts: defaultdict[UUID, Counter[UUID]] = defaultdict(Counter)
        self.mondays: defaultdict[UUID, Counter[date]] = defaultdict(Counter)
        self.rows = 0

    def add(self, rep_id: UUID, contact_id: UUID, monday: date) -> None:
        self.contacts[rep_id][contact_id] += 1
        self.mondays[rep_id][monday] += 1
        self.rows += 1


def recompute_touched(c: Change, touched: Touched, progress: Progress) -> None:
    """Relationships first, then activity: the order in which every write locks them."""
    done = 0
    for rep_id, contacts in sorted(touched.contacts.items()):
        for contact_ids in _parts(contacts):
            _relate(c, rep_id, contact_ids)
            done += sum(contacts[contact_id] for contact_id in contact_ids)
            progress(done / touched.rows)
    for rep_id, mondays in sorted(touched.mondays.items()):
        for part in _parts(mondays):
            _recount(c, rep_id, part)


def _relate(c: Change, rep_id: UUID, contact_ids: list[UUID]) -> None:
    insert_all_if_new(
        c.session,
        Relationship,
        [
            {
                "organisation_id": c.organisation_id, "id": new_id(), "created_at": c.now, "rep_id": rep_id,
                "contact_id": contact_id, "vote": 0.0, "answers": 0, "both": 0,
            }
            for contact_id in contact_ids
        ],
    )  # fmt: skip
    rows = c.session.exec(
        select(Relationship)
        .where(
            col(Relationship.organisation_id) == c.organisation_id,
            col(Relationship.rep_id) == rep_id,
            col(Relationship.contact_id).in_(contact_ids),
        )
        .order_by(col(Relationship.contact_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    past: defaultdict[UUID, list[Past]] = defaultdict(list)
    mine = (col(Meeting.rep_id) == rep_id) & col(Invitation.contact_id).in_(contact_ids)
    for p in history(c.session, c.organisation_id, mine):
        past[p.contact_id].append(p)
    for row in rows:
        moments = past[row.contact_id]
        write_numbers(row, relate((p.moment() for p in moments), c.organisation.half_life_days))
        row.last_meeting_at = max(p.held_at for p in moments)
    c.session.flush()


def _recount(c: Change, rep_id: UUID, mondays: list[date]) -> None:
    insert_all_if_new(
        c.session,
        Activity,
        [
            {
                "organisation_id": c.organisation_id, "id": new_id(), "rep_id": rep_id, "monday": monday,
                "meetings": 0, "opened": 0, "invitations": 0, "answered": 0,
            }
            for monday in mondays
        ],
    )  # fmt: skip
    rows = c.session.exec(
        select(Activity)
        .where(
            col(Activity.organisation_id) == c.organisation_id,
            col(Activity.rep_id) == rep_id,
            col(Activity.monday).in_(mondays),
        )
        .order_by(col(Activity.monday))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    counts = counts_by_week(c.session, c.organisation_id, rep_id, mondays, c.zone)
    for row in rows:
        row.meetings, row.opened, row.invitations, row.answered = counts[row.monday]
    c.session.flush()


def _parts(touches: Counter[Touch]) -> Iterator[list[Touch]]:
    """The keys in order, in parts of bounded size and bounded numbers of rows."""
    part: list[Touch] = []
    size = 0
    for key in sorted(touches):
        if part and (len(part) == MOST_KEYS or size + touches[key] > MOST_ROWS):
            yield part
            part, size = [], 0
        part.append(key)
        size += touches[key]
    if part:
        yield part
