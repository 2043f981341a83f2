"""Recalculation of the numbers that an import of history changed, some thousand relationships at a time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, tuple_
from sqlmodel import col

from feedback.actions.scoring.recompute import RELATIONSHIP, WEEK, activity_row, relationship_row
from feedback.core.calendar.weeks import monday_of
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.db.bulk import hold_all, refresh_statistics, upsert_all
from feedback.db.change import Change
from feedback.imports.disk_dict import DiskDict
from feedback.imports.history.writer import MatchedMeeting
from feedback.imports.report import Progress
from feedback.models import Activity, Feedback, Invitation, Meeting, Relationship, StoredSums
from feedback.store.activity import WeekCounts, count_weeks_of_reps
from feedback.store.history import Pair
from feedback.store.import_rows import relationship_ids, reps_without_relationships
from feedback.store.moments import moments_with_contacts
from feedback.store.settling import AS_STORED

MOST_KEYS, MOST_ROWS = 2000, 5000  # at a time, so that memory stays small

Touch = TypeVar("Touch", Pair, tuple[UUID, date])


class Touched:
    """The relationships and weeks that rows were added to, and how many rows."""

    def __init__(self) -> None:
        self._relationships = DiskDict()
        self.weeks: defaultdict[UUID, Counter[date]] = defaultdict(Counter)
        self.rows = 0

    def add(self, batch: Sequence[MatchedMeeting], zone: ZoneInfo) -> None:
        """Count these rows."""
        self._relationships.count(row.contact_id.bytes + row.rep_id.bytes for row in batch)
        for row in batch:
            self.weeks[row.rep_id][monday_of(row.meeting.held_at, zone)] += 1
        self.rows += len(batch)

    def add_pairs(self, met: Iterable[tuple[UUID, UUID, datetime]], zone: ZoneInfo) -> None:
        """Count meetings that go, each (rep_id, contact_id, held_at)."""
        keys = []
        for rep_id, contact_id, held_at in met:
            keys.append(contact_id.bytes + rep_id.bytes)
            self.weeks[rep_id][monday_of(held_at, zone)] += 1
        self._relationships.count(keys)
        self.rows += len(keys)

    def relationships(self) -> Iterator[tuple[Pair, int]]:
        """Return (rep_id, contact_id), contact by contact, with how many rows were added to it."""
        after = b""
        while part := self._relationships.counts(after, MOST_KEYS):
            for key, rows in part:
                yield (UUID(bytes=key[16:]), UUID(bytes=key[:16])), rows
            after = part[-1][0]

    def close(self) -> None:
        """Close the temporary file."""
        self._relationships.close()


def recompute_touched(c: Change, touched: Touched, progress: Progress) -> None:
    """Recalculate relationships first, then activity: the order in which every write locks them."""
    refresh_statistics(c.session, Meeting, Invitation, Feedback)
    scoring = c.scoring
    done = 0
    for pairs in _parts(touched.relationships()):
        _recompute_relationships(c, list(pairs), scoring)
        done += sum(pairs.values())
        progress(done / touched.rows)
    for weeks in week_parts(touched.weeks):
        _recount_weeks(c, weeks, scoring.zone)


def recompute_without(
    c: Change, touched: Touched, refuse: Callable[[Collection[UUID], bool], None], progress: Progress
) -> None:
    """Recalculate, in the same order, what meetings were taken out of: a relationship without one goes, and so does a week
    without any, and the sums of a rep without a relationship. refuse: called with ids of relationships, and whether they
    are about to go; it raises when something rests on them."""
    scoring = c.scoring
    done = 0
    for pairs in _parts(touched.relationships()):
        past = moments_with_contacts(c.session, c.organisation_id, {contact_id for _, contact_id in pairs})
        here = relationship_ids(c.session, c.organisation_id, list(pairs))
        gone = [here[pair] for pair in pairs if pair not in past and pair in here]
        left = [pair for pair in pairs if pair in past]
        refuse(gone, True)
        refuse([here[pair] for pair in left if pair in here], False)
        if left:
            _recompute_relationships(c, left, scoring)
        _delete(c, Relationship, col(Relationship.id).in_(gone))
        c.rescored.update(rep_id for rep_id, _ in pairs)
        done += sum(pairs.values())
        progress(done / touched.rows)
    for weeks in week_parts(touched.weeks):
        _recount_weeks(c, weeks, scoring.zone)
        blank = (col(Activity.meetings) == 0, col(Activity.invitations) == 0, col(Activity.unasked) == 0)
        _delete(c, Activity, tuple_(col(Activity.rep_id), col(Activity.monday)).in_(weeks), *blank)
    idle = reps_without_relationships(c.session, c.organisation_id, list(touched.weeks))
    c.rescored.difference_update(idle)
    _delete(c, StoredSums, col(StoredSums.rep_id).in_(idle))


def _delete(c: Change, table: Any, *which: ColumnElement[bool]) -> None:
    c.session.execute(delete(table).where(col(table.organisation_id) == c.organisation_id, *which))


def _recompute_relationships(c: Change, pairs: list[Pair], scoring: Scoring) -> None:
    hold_all(c.session, Relationship, RELATIONSHIP, (relationship_row(c, pair, Numbers()) for pair in pairs))
    past = moments_with_contacts(c.session, c.organisation_id, {contact_id for _, contact_id in pairs})
    rows = [
        {
            **relationship_row(c, pair, relationship_numbers(past[pair], scoring)),
            "last_meeting_at": max(moment.held_at for moment in past[pair]),
        }
        for pair in pairs
    ]
    upsert_all(c.session, Relationship, RELATIONSHIP, rows)
    c.rescored.update(rep_id for rep_id, _ in pairs)


def _recount_weeks(c: Change, weeks: list[tuple[UUID, date]], zone: ZoneInfo) -> None:
    hold_all(c.session, Activity, WEEK, (activity_row(c, week, WeekCounts()) for week in weeks))
    reps, mondays = sorted({rep_id for rep_id, _ in weeks}), sorted({monday for _, monday in weeks})
    counted = count_weeks_of_reps(c.session, c.organisation_id, reps, mondays, zone, AS_STORED)
    upsert_all(
        c.session, Activity, WEEK, [activity_row(c, week, counted.get(week, WeekCounts())) for week in weeks]
    )


def week_parts(weeks: Mapping[UUID, Counter[date]]) -> Iterator[list[tuple[UUID, date]]]:
    """Split into parts of whole reps, or of one rep alone who has more rows than a part: all of its reps' meetings from a
    part's first week to its last are read, and of two large reps that was all they ever had."""
    part: dict[tuple[UUID, date], int] = {}
    for rep, days in sorted(weeks.items()):
        mine = {(rep, day): rows for day, rows in sorted(days.items())}
        if part and (len(part) + len(mine) > MOST_KEYS or sum(part.values()) + days.total() > MOST_ROWS):
            yield list(part)
            part = {}
        if len(mine) > MOST_KEYS or days.total() > MOST_ROWS:
            yield from (list(some) for some in _parts(mine.items()))
        else:
            part |= mine
    if part:
        yield list(part)


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
