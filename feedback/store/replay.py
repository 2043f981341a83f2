"""Comparison of the stored numbers with a replay of the history, rep by rep, so that memory use stays
small."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from feedback.core.calendar.weeks import week_of
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.core.scoring.sums import RepSums, sum_numbers, unlike
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Organisation, Relationship, Side, User
from feedback.store.activity import WeekCounts, stored_weeks
from feedback.store.relationships import (
    PastInvitation,
    StoredGap,
    history_of_rep,
    stored_gaps,
    stored_relationships,
    was_answered,
)
from feedback.store.rep_sums import stored_sums
from feedback.store.settling import AS_STORED


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
        select(col(Organisation.id), col(Organisation.name)).order_by(col(Organisation.name))
    )
    return [(row.id, row.name) for row in rows]


def count_reps(session: Session, organisation_id: UUID) -> int:
    """Count the people that `replay` goes through."""
    found = session.scalar(
        select(func.count()).select_from(User).where(col(User.organisation_id) == organisation_id)
    )
    return found or 0


def replay(session: Session, organisation_id: UUID) -> Iterator[ReplayedRep]:
    """Return the numbers of every person of an organisation, calculated from the history alone."""
    organisation = session.execute(
        select(col(Organisation.timezone), col(Organisation.half_life_days)).where(
            col(Organisation.id) == organisation_id
        )
    ).one()
    scoring = Scoring(organisation.half_life_days, ZoneInfo(organisation.timezone))
    people = session.execute(
        select(col(User.id), col(User.name))
        .where(col(User.organisation_id) == organisation_id)
        .order_by(col(User.id))
    ).all()
    for rep_id, name in people:
        past: defaultdict[UUID, list[PastInvitation]] = defaultdict(list)
        for p in history_of_rep(session, organisation_id, rep_id, AS_STORED):
            past[p.contact_id].append(p)
        yield ReplayedRep(
            rep_id,
            name,
            {who: relationship_numbers((p.moment() for p in ps), scoring) for who, ps in past.items()},
            {who: max(p.held_at for p in ps) for who, ps in past.items()},
            _weeks(session, organisation_id, rep_id, scoring.zone),
        )


def differences(session: Session, organisation_id: UUID) -> Iterator[str]:
    """Return every place where a stored number is not what the history yields, in words."""
    sums = stored_sums(session, organisation_id)
    for rep in replay(session, organisation_id):
        stored = {
            r.contact_id: r
            for r in stored_relationships(session, organisation_id, col(Relationship.rep_id) == rep.rep_id)
        }
        gaps = stored_gaps(session, organisation_id, rep.rep_id)
        for contact_id in sorted(stored.keys() | rep.numbers.keys()):
            if contact_id not in stored:
                yield f"{rep.rep} with contact {contact_id}: no stored row, though there is a history"
            elif contact_id not in rep.numbers:
                yield f"{rep.rep} with {stored[contact_id].contact}: a stored row without any history"
            elif stored[contact_id].numbers != rep.numbers[contact_id]:
                yield _differs(
                    rep, stored[contact_id].contact, stored[contact_id].numbers, rep.numbers[contact_id]
                )
            elif gaps[contact_id] != _gap_of(rep.numbers[contact_id]):
                yield f"{rep.rep} with {stored[contact_id].contact}: distance, bias or real_gap is not what the means yield"
            elif stored[contact_id].last_meeting_at != rep.last_meeting[contact_id]:
                yield f"{rep.rep} with {stored[contact_id].contact}: the last meeting is not the latest of the history"
        counted = stored_weeks(session, organisation_id, rep.rep_id)
        for monday in sorted(counted.keys() | rep.weeks.keys()):
            stored_counts, replayed = counted.get(monday, WeekCounts()), rep.weeks.get(monday, WeekCounts())
            if stored_counts != replayed:
                yield f"{rep.rep}, week of {monday}: stored are {stored_counts}, the history says {replayed}"
        different = unlike(sums.get(rep.rep_id, RepSums()), sum_numbers(rep.numbers.values()))
        if different:
            yield f"{rep.rep}, sums: {', '.join(different)} differ from those of the history"


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


def _weeks(session: Session, organisation_id: UUID, rep_id: UUID, zone: ZoneInfo) -> dict[date, WeekCounts]:
    """Count weeks independently, to detect when store.activity counts wrong."""
    rows = session.execute(
        select(
            col(Meeting.id),
            col(Meeting.held_at),
            col(Invitation.opened_at),
            col(Invitation.id).label("invitation_id"),
            was_answered(AS_STORED).label("answered"),
        )
        .select_from(Meeting)
        .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(col(Meeting.organisation_id) == organisation_id, col(Meeting.rep_id) == rep_id)
    )
    meetings: defaultdict[date, set[UUID]] = defaultdict(set)
    opened: defaultdict[date, set[UUID]] = defaultdict(set)
    invited: defaultdict[date, int] = defaultdict(int)
    answered: defaultdict[date, int] = defaultdict(int)
    for row in rows:
        monday = week_of(row.held_at, zone).monday
        meetings[monday].add(row.id)
        if row.opened_at is not None or row.answered:
            opened[monday].add(row.id)
        invited[monday] += row.invitation_id is not None
        answered[monday] += bool(row.answered)
    return {
        day: WeekCounts(len(meetings[day]), len(opened[day]), invited[day], answered[day]) for day in meetings
    }


def _gap_of(numbers: Numbers) -> StoredGap:
    return StoredGap(numbers.distance, numbers.bias, numbers.real_gap)


def _differs(rep: ReplayedRep, contact: str, stored: Numbers, replayed: Numbers) -> str:
    fields = [f for f in Numbers.__slots__ if getattr(stored, f) != getattr(replayed, f)]
    return f"{rep.rep} with {contact}: {', '.join(fields)} differ; loyalty {stored.loyalty}, replayed {replayed.loyalty}"
