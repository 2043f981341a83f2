"""Recalculation of the numbers that an import of history changed, a few hundred relationships at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col

from feedback.actions.scoring.recompute import write_counts, write_numbers
from feedback.core.calendar.weeks import week_of
from feedback.core.scoring.relationships import relationship_numbers
from feedback.db.bulk import insert_all_if_new, refresh_statistics
from feedback.db.change import Change
from feedback.imports.disk_dict import DiskDict
from feedback.imports.history.writer import MatchedMeeting
from feedback.imports.report import Progress
from feedback.models import Activity, Feedback, Invitation, Meeting, Relationship
from feedback.models.columns import new_id
from feedback.store.activity import count_weeks, locked_weeks
from feedback.store.relationships import PastInvitation, history, locked_relationships
from feedback.store.settling import AS_STORED

MOST_KEYS, MOST_ROWS = 500, 5000  # at a time, so that memory stays small

Touch = TypeVar("Touch", UUID, date)


class Touched:
    """The relationships and weeks that rows were added to, and how many rows."""

    def __init__(self) -> None:
        self._relationships = DiskDict()
        self.weeks: defaultdict[UUID, Counter[date]] = defaultdict(Counter)
        self.rows = 0

    def add(self, batch: Sequence[MatchedMeeting], zone: ZoneInfo) -> None:
        """Count these rows."""
        self._relationships.count(row.rep_id.bytes + row.contact_id.bytes for row in batch)
        for row in batch:
            self.weeks[row.rep_id][week_of(row.meeting.held_at, zone).monday] += 1
        self.rows += len(batch)

    def relationships(self) -> Iterator[tuple[tuple[UUID, UUID], int]]:
        """Return (rep_id, contact_id) in order, with how many rows were added to it."""
        after = b""
        while part := self._relationships.counts(after, MOST_KEYS):
            for key, rows in part:
                yield (UUID(bytes=key[:16]), UUID(bytes=key[16:])), rows
            after = part[-1][0]

    def close(self) -> None:
        """Close the temporary file."""
        self._relationships.close()


def recompute_touched(c: Change, touched: Touched, progress: Progress) -> None:
    """Recalculate relationships first, then activity: the order in which every write locks them."""
    refresh_statistics(c.session, Meeting, Invitation, Feedback)
    done = 0
    for rep_id, relationships in groupby(touched.relationships(), key=lambda found: found[0][0]):
        for part in _parts((contact_id, rows) for (_, contact_id), rows in relationships):
            _recompute_relationships(c, rep_id, list(part))
            done += sum(part.values())
            progress(done / touched.rows)
    for rep_id, weeks in sorted(touched.weeks.items()):
        for mondays in _parts(sorted(weeks.items())):
            _recount_weeks(c, rep_id, list(mondays))


def _recompute_relationships(c: Change, rep_id: UUID, contact_ids: list[UUID]) -> None:
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
    rows = locked_relationships(c.session, c.organisation_id, rep_id, contact_ids)
    past: defaultdict[UUID, list[PastInvitation]] = defaultdict(list)
    mine = (col(Meeting.rep_id) == rep_id) & col(Invitation.contact_id).in_(contact_ids)
    for p in history(c.session, c.organisation_id, mine, AS_STORED):
        past[p.contact_id].append(p)
    for row in rows:
        moments = past[row.contact_id]
        write_numbers(c, row, relationship_numbers((p.moment() for p in moments), c.scoring))
        row.last_meeting_at = max(p.held_at for p in moments)
    c.session.flush()


def _recount_weeks(c: Change, rep_id: UUID, mondays: list[date]) -> None:
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
    rows = locked_weeks(c.session, c.organisation_id, rep_id, mondays)
    counts = count_weeks(c.session, c.organisation_id, rep_id, mondays, c.zone, AS_STORED)
    for row in rows:
        write_counts(row, counts[row.monday])
    c.session.flush()


def _parts(touches: Iterable[tuple[Touch, int]]) -> Iterator[dict[Touch, int]]:
    """Split into parts of bounded size and bounded numbers of rows."""
    part: dict[Touch, int] = {}
    size = 0
    for key, rows in touches:
        if part and (len(part) == MOST_KEYS or size + rows > MOST_ROWS):
            yield part
            part, size = {}, 0
        part[key] = rows
        size += rows
    if part:
        yield part
