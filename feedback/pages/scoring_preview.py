"""What another half-life, review interval or time zone would change, worked out from the history and written nowhere."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.calendar.weeks import week_of
from feedback.core.scoring.leaderboard import RepStanding, rep_standings
from feedback.core.scoring.levels import level
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.sums import RepSums, sum_numbers
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Organisation, Relationship, User
from feedback.pages.leaderboard import live_standings, scoring_calendar
from feedback.store.activity import activity_until
from feedback.store.people import all_reps
from feedback.store.replay import people_in_portions, replayed

SHOWN = 10  # ranks


@dataclass(frozen=True, slots=True)
class NewScoring:
    """What scores would be worked out with."""

    half_life_days: int
    review_days: int
    timezone: str

    @property
    def scoring(self) -> Scoring:
        """Return it as the rules take it."""
        return Scoring(self.half_life_days, ZoneInfo(self.timezone))


def scoring_preview(
    session: Session,
    organisation_id: UUID,
    new: NewScoring,
    now: datetime,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Return what would change, as it is stored and shown: how many relationships there are, and from which level to
    which they would move; of how many reps' clients that is; the first ranks as they are and would be, by the reps' ids,
    for names are erased elsewhere; how many are silent, and would be. progress: called for each person."""
    moves: Counter[tuple[str, str]] = Counter()
    sums: dict[UUID, RepSums] = {}
    whole = 0
    for people in people_in_portions(session, organisation_id):
        before = _loyalties(session, organisation_id, people)
        for rep in replayed(session, organisation_id, people, new.scoring):
            for contact_id, numbers in rep.numbers.items():
                old = before.get((rep.rep_id, contact_id))
                if old is not None and numbers.loyalty is not None:
                    whole += 1
                    moves[level(old), level(numbers.loyalty)] += 1
            if rep.numbers:
                sums[rep.rep_id] = sum_numbers(rep.numbers.values())
            progress()
    return {
        "relationships": whole,
        "reps": sum(each.voices.heard > 0 for each in sums.values()),
        "moves": [[old, other, count] for (old, other), count in sorted(moves.items()) if old != other],
        "ranks": _ranks(session, organisation_id, new.scoring, sums, now),
        "silent": [
            count_silent(session, organisation_id, days, now)
            for days in (_review_days(session, organisation_id), new.review_days)
        ],
    }


def _ranks(
    session: Session, organisation_id: UUID, scoring: Scoring, sums: dict[UUID, RepSums], now: datetime
) -> list[list[Any]]:
    """Return [rep's id, rank now, rank then, score now, score then] of whoever is, or would be, among the first."""
    clock = scoring_calendar(session, organisation_id)
    names = {rep.id: rep.name for rep in all_reps(session, organisation_id)}
    current, _ = live_standings(session, organisation_id, clock, week_of(now, clock.zone), now)
    activity = activity_until(session, organisation_id, week_of(now, scoring.zone), scoring.zone, now)
    here = {
        rep_id: each
        for rep_id, each in sums.items()
        if rep_id in names or rep_id in _working(session, organisation_id)
    }
    then, _ = rep_standings(names, here, activity, scoring.weight(now), least_asked=clock.least_asked)
    was: dict[UUID, RepStanding] = {row.rep_id: row for row in current}
    rows = [(was[row.rep_id], row) for row in then if row.rep_id in was]
    first = [pair for pair in rows if any(each.rank is not None and each.rank <= SHOWN for each in pair)]
    return [
        [str(new.rep_id), old.rank, new.rank, round(old.score.score, 2), round(new.score.score, 2)]
        for old, new in first
    ]


def _working(session: Session, organisation_id: UUID) -> set[UUID]:
    return set(
        session.scalars(
            select(col(User.id)).where(
                col(User.organisation_id) == organisation_id, col(User.ended_at).is_(None)
            )
        )
    )


def _loyalties(
    session: Session, organisation_id: UUID, people: dict[UUID, str]
) -> dict[tuple[UUID, UUID], float]:
    rows = session.execute(
        select(col(Relationship.rep_id), col(Relationship.contact_id), col(Relationship.loyalty)).where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.rep_id).in_(people),
            col(Relationship.loyalty).is_not(None),
        )
    )
    return {(row.rep_id, row.contact_id): row.loyalty for row in rows}


def _review_days(session: Session, organisation_id: UUID) -> int:
    kept = select(col(Organisation.review_days)).where(col(Organisation.id) == organisation_id)
    return int(session.execute(kept).scalar_one())


def count_silent(session: Session, organisation_id: UUID, review_days: int, now: datetime) -> int:
    """Count the relationships that were answered and nobody met for longer than the interval, their account's own where
    it has one, of reps who work here."""
    days = func.coalesce(col(Account.review_days), review_days)
    rows = session.execute(
        select(days.label("days"), col(Relationship.last_meeting_at))
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.answers) > 0,
            col(User.ended_at).is_(None),
            col(Relationship.last_meeting_at) < now - timedelta(days=1),
        )
    )
    return sum(bool(row.last_meeting_at < now - timedelta(days=row.days)) for row in rows)
