"""Comparison of the stored numbers with a replay of the history, some reps at a time, so that memory
use stays small."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from feedback.core.calendar.weeks import week_of
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, Numbers, relationship_numbers
from feedback.core.scoring.sums import RepSums, sum_numbers, unlike
from feedback.db.tenancy import references
from feedback.models import Feedback, HeldMeeting, Invitation, Meeting, Organisation, Relationship, Side, User
from feedback.store.activity import WeekCounts, stored_weeks
from feedback.store.answered import was_answered
from feedback.store.history import Pair
from feedback.store.moments import moments_of_reps
from feedback.store.relationships import RelationshipView, StoredGap, stored_gaps, stored_relationships
from feedback.store.rep_sums import stored_sums
from feedback.store.settling import AS_STORED

MOST_MEETINGS = 5000  # at a time, so that memory stays small


@dataclass(frozen=True, slots=True)
class ReplayedRep:
    """What a rep's history yields."""

    rep_id: UUID
    rep: str
    numbers: dict[UUID, Numbers]  # by contact
    last_meeting: dict[UUID, datetime]  # by contact
    weeks: dict[date, WeekCounts]  # by the week's Monday


def organisations(session: Session) -> list[tuple[UUID, str]]:
    """Return (id, name) of every organisation, by name."""
    rows = session.execute(
        select(col(Organisation.id), col(Organisation.name)).order_by(
            col(Organisation.name), col(Organisation.id)
        )
    )
    return [(row.id, row.name) for row in rows]


def count_reps(session: Session, organisation_id: UUID) -> int:
    """Count the people that a replay goes through."""
    found = session.scalar(
        select(func.count()).select_from(User).where(col(User.organisation_id) == organisation_id)
    )
    return found or 0


def people_in_portions(session: Session, organisation_id: UUID) -> Iterator[dict[UUID, str]]:
    """Return every person of an organisation, the names by id, in portions for `replayed`: together they had no
    more than MOST_MEETINGS, unless one alone had."""
    rows = session.execute(
        select(col(User.id), col(User.name), func.count(col(Meeting.id)))
        .outerjoin(Meeting, references(Meeting, Meeting.rep_id, User))
        .where(col(User.organisation_id) == organisation_id)
        .group_by(col(User.id), col(User.name))
        .order_by(col(User.id))
    ).all()
    portion: dict[UUID, str] = {}
    size = 0
    for user_id, name, meetings in rows:
        if portion and size + meetings > MOST_MEETINGS:
            yield portion
            portion, size = {}, 0
        portion[user_id] = name
        size += meetings
    yield portion


def replayed(
    session: Session, organisation_id: UUID, people: dict[UUID, str], scoring: Scoring | None = None
) -> list[ReplayedRep]:
    """Return the numbers of these people (names by id), calculated from the history alone. scoring: another than the
    organisation's, to see what would be."""
    scoring = scoring or _scoring_of(session, organisation_id)
    past: defaultdict[UUID, dict[UUID, list[Moment]]] = defaultdict(dict)
    for (rep_id, contact_id), moments in moments_of_reps(session, organisation_id, people).items():
        past[rep_id][contact_id] = moments
    weeks = _weeks(session, organisation_id, people, scoring.zone)
    return [
        ReplayedRep(
            rep_id,
            name,
            {who: relationship_numbers(moments, scoring) for who, moments in past[rep_id].items()},
            {who: max(m.held_at for m in moments) for who, moments in past[rep_id].items()},
            weeks.get(rep_id, {}),
        )
        for rep_id, name in people.items()
    ]


def _scoring_of(session: Session, organisation_id: UUID) -> Scoring:
    row = session.execute(
        select(col(Organisation.timezone), col(Organisation.half_life_days)).where(
            col(Organisation.id) == organisation_id
        )
    ).one()
    return Scoring(row.half_life_days, ZoneInfo(row.timezone))


def differences(session: Session, organisation_id: UUID) -> Iterator[str]:
    """Return every place where a stored number is not what the history yields, in words."""
    sums = stored_sums(session, organisation_id)
    for people in people_in_portions(session, organisation_id):
        stored: defaultdict[UUID, dict[UUID, RelationshipView]] = defaultdict(dict)
        for r in stored_relationships(session, organisation_id, col(Relationship.rep_id).in_(people)):
            stored[r.rep_id][r.contact_id] = r
        gaps = stored_gaps(session, organisation_id, people)
        counted = stored_weeks(session, organisation_id, people)
        for rep in replayed(session, organisation_id, people):
            yield from _relationship_differences(rep, stored[rep.rep_id], gaps)
            yield from _week_differences(rep, counted.get(rep.rep_id, {}))
            different = unlike(sums.get(rep.rep_id, RepSums()), sum_numbers(rep.numbers.values()))
            if different:
                yield f"{rep.rep}, sums: {', '.join(different)} differ from those of the history"


def _relationship_differences(
    rep: ReplayedRep, stored: dict[UUID, RelationshipView], gaps: dict[Pair, StoredGap]
) -> Iterator[str]:
    for contact_id in sorted(stored.keys() | rep.numbers.keys()):
        if contact_id not in stored:
            yield f"{rep.rep} with contact {contact_id}: no stored row, though there is a history"
        elif contact_id not in rep.numbers:
            yield f"{rep.rep} with {stored[contact_id].contact}: a stored row without any history"
        elif stored[contact_id].numbers != rep.numbers[contact_id]:
            yield _differs(
                rep, stored[contact_id].contact, stored[contact_id].numbers, rep.numbers[contact_id]
            )
        elif gaps[rep.rep_id, contact_id] != _gap_of(rep.numbers[contact_id]):
            yield f"{rep.rep} with {stored[contact_id].contact}: distance, bias or real_gap is not what the means yield"
        elif stored[contact_id].last_meeting_at != rep.last_meeting[contact_id]:
            yield f"{rep.rep} with {stored[contact_id].contact}: the last meeting is not the latest of the history"


def _week_differences(rep: ReplayedRep, stored: dict[date, WeekCounts]) -> Iterator[str]:
    for monday in sorted(stored.keys() | rep.weeks.keys()):
        counted, history = stored.get(monday, WeekCounts()), rep.weeks.get(monday, WeekCounts())
        if counted != history:
            yield f"{rep.rep}, week of {monday}: stored are {counted}, the history says {history}"


def orphaned_rows(session: Session) -> Iterator[str]:
    """Return the rows that point at nothing, in words. PostgreSQL allows none; SQLite is checked, for a file
    may have been edited with foreign keys switched off."""
    if session.get_bind().dialect.name == "sqlite":
        for row in session.execute(text("PRAGMA foreign_key_check")):
            yield f"{row.table}, row {row.rowid}: points at a missing row of {row.parent}"
    alone = session.scalars(
        select(col(Feedback.id))
        .outerjoin(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .where(col(Invitation.id).is_(None), col(Feedback.side).in_(tuple(Side)))
        .execution_options(across_organisations=True)
    )
    yield from (f"feedback {feedback_id}: its invitation is gone" for feedback_id in alone)


def _weeks(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID], zone: ZoneInfo
) -> dict[UUID, dict[date, WeekCounts]]:
    """Count weeks by rep, independently, to detect when store.activity counts wrong."""
    rows: Sequence[Any] = (
        session.connection()
        .execute(
            select(
                col(Meeting.rep_id),
                col(Meeting.id),
                col(Meeting.held_at),
                col(Invitation.opened_at),
                col(Invitation.declined_at),
                col(Invitation.id).label("invitation_id"),
                was_answered(AS_STORED).label("answered"),
            )
            .select_from(Meeting)
            .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
            .where(col(Meeting.organisation_id) == organisation_id, col(Meeting.rep_id).in_(rep_ids))
            .order_by(col(Meeting.rep_id))
        )
        .all()
    )
    found = {rep_id: _counts(each, zone) for rep_id, each in groupby(rows, key=lambda row: row.rep_id)}
    for rep_id, days in _unasked(session, organisation_id, rep_ids, zone).items():
        weeks = found.setdefault(rep_id, {})
        for monday, unasked in days.items():
            weeks[monday] = replace(weeks.get(monday, WeekCounts()), unasked=unasked)
    return found


def _unasked(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID], zone: ZoneInfo
) -> dict[UUID, Counter[date]]:
    """Count, by rep and the week's Monday, the meetings of calendars that were held and that nobody was asked about."""
    rows = session.execute(
        select(col(HeldMeeting.rep_id), col(HeldMeeting.starts_at), col(HeldMeeting.meeting_id)).where(
            col(HeldMeeting.organisation_id) == organisation_id, col(HeldMeeting.rep_id).in_(rep_ids)
        )
    )
    found: defaultdict[UUID, Counter[date]] = defaultdict(Counter)
    for rep_id, starts_at, meeting_id in rows:
        if meeting_id is None:
            found[rep_id][week_of(starts_at, zone).monday] += 1
    return found


def _counts(rows: Iterable[Any], zone: ZoneInfo) -> dict[date, WeekCounts]:
    meetings: defaultdict[date, set[UUID]] = defaultdict(set)
    opened: defaultdict[date, set[UUID]] = defaultdict(set)
    invited: defaultdict[date, int] = defaultdict(int)
    answered: defaultdict[date, int] = defaultdict(int)
    for row in rows:
        monday = week_of(row.held_at, zone).monday
        meetings[monday].add(row.id)
        if row.opened_at is not None or row.declined_at is not None or row.answered:
            opened[monday].add(row.id)
        invited[monday] += row.invitation_id is not None
        answered[monday] += bool(row.answered)
    return {
        day: WeekCounts(len(meetings[day]), len(opened[day]), invited[day], answered[day]) for day in meetings
    }


def _gap_of(numbers: Numbers) -> StoredGap:
    return StoredGap(numbers.distance, numbers.bias, numbers.real_gap)


def _differs(rep: ReplayedRep, contact: str, stored: Numbers, replayed: Numbers) -> str:
    different = [f.name for f in fields(Numbers) if getattr(stored, f.name) != getattr(replayed, f.name)]
    return f"{rep.rep} with {contact}: {', '.join(different)} differ; loyalty {stored.loyalty}, replayed {replayed.loyalty}"
