"""What reps asked and got answered, week by week."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.calendar.weeks import Week, week_of, week_on
from feedback.core.scoring.leaderboard import AskedAnswered
from feedback.core.shares import Share
from feedback.db.tenancy import references
from feedback.models import Activity as ActivityRow
from feedback.models import Invitation, Meeting
from feedback.store.relationships import was_answered
from feedback.store.settling import settled_by_clock

WINDOW_WEEKS = 13


@dataclass(frozen=True, slots=True)
class WeekCounts:
    """Of one rep's week. opened: meetings with an invitation that was opened or answered. answered: invitations."""

    meetings: int = 0
    opened: int = 0
    invitations: int = 0
    answered: int = 0

    @classmethod
    def of(cls, row: ActivityRow) -> "WeekCounts":
        return cls(row.meetings, row.opened, row.invitations, row.answered)

    def __add__(self, other: "WeekCounts") -> "WeekCounts":
        return WeekCounts(
            self.meetings + other.meetings,
            self.opened + other.opened,
            self.invitations + other.invitations,
            self.answered + other.answered,
        )

    def __sub__(self, other: "WeekCounts") -> "WeekCounts":
        return WeekCounts(
            self.meetings - other.meetings,
            self.opened - other.opened,
            self.invitations - other.invitations,
            self.answered - other.answered,
        )


def count_weeks(
    session: Session,
    organisation_id: UUID,
    rep_id: UUID,
    mondays: Sequence[date],
    zone: ZoneInfo,
    now: datetime,
) -> dict[date, WeekCounts]:
    """Counted from the meetings themselves as of `now`, for every week with a meeting from the first of `mondays` to
    the last. They are in order."""
    rows = session.execute(
        select(
            col(Meeting.id), col(Meeting.held_at), col(Invitation.id), col(Invitation.opened_at), was_answered(now)
        )
        .select_from(Meeting)
        .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id) == rep_id,
            col(Meeting.held_at) >= week_on(mondays[0]).starts(zone),
            col(Meeting.held_at) < week_on(mondays[-1]).ends(zone),
        )
    )  # fmt: skip
    meetings: defaultdict[date, set[UUID]] = defaultdict(set)
    opened: defaultdict[date, set[UUID]] = defaultdict(set)
    invitations: Counter[date] = Counter()
    answered: Counter[date] = Counter()
    for meeting_id, held_at, invitation_id, opened_at, has_answer in rows:
        monday = week_of(held_at, zone).monday
        meetings[monday].add(meeting_id)
        if opened_at or has_answer:
            opened[monday].add(meeting_id)
        invitations[monday] += invitation_id is not None
        answered[monday] += bool(has_answer)
    return {
        monday: WeekCounts(len(meetings[monday]), len(opened[monday]), invitations[monday], answered[monday])
        for monday in meetings
    }


def activity_until(
    session: Session, organisation_id: UUID, week: Week, zone: ZoneInfo, now: datetime
) -> dict[UUID, AskedAnswered]:
    """What each rep asked and got answered in the 13 weeks that end with `week`, as of `now`."""
    since = week.monday - timedelta(weeks=WINDOW_WEEKS)
    rows = session.execute(
        select(
            col(ActivityRow.rep_id),
            func.sum(col(ActivityRow.meetings)),
            func.sum(col(ActivityRow.opened)),
            func.sum(col(ActivityRow.invitations)),
            func.sum(col(ActivityRow.answered)),
        )
        .where(
            col(ActivityRow.organisation_id) == organisation_id,
            col(ActivityRow.monday) > since,
            col(ActivityRow.monday) <= week.monday,
        )
        .group_by(col(ActivityRow.rep_id))
    )
    found = {row[0]: WeekCounts(*row[1:]) for row in rows}
    for (rep_id, monday), more in _unnoticed(session, organisation_id, zone, now).items():
        if since < monday <= week.monday:
            found[rep_id] = found.get(rep_id, WeekCounts()) + more
    return {
        rep_id: AskedAnswered(Share(each.answered, each.invitations), Share(each.opened, each.meetings))
        for rep_id, each in found.items()
    }


def stored_weeks(session: Session, organisation_id: UUID, rep_id: UUID) -> dict[date, WeekCounts]:
    """As last written, by the week's Monday."""
    rows = session.scalars(
        select(ActivityRow).where(
            col(ActivityRow.organisation_id) == organisation_id, col(ActivityRow.rep_id) == rep_id
        )
    )
    return {row.monday: WeekCounts.of(row) for row in rows}


def _unnoticed(
    session: Session, organisation_id: UUID, zone: ZoneInfo, now: datetime
) -> dict[tuple[UUID, date], WeekCounts]:
    """By (rep, Monday): what is not in the stored counts yet, of answers that settled a moment ago."""
    touched = {
        (due.rep_id, week_of(due.held_at, zone).monday)
        for due in settled_by_clock(session, organisation_id, now)
    }
    found = {}
    for rep_id, monday in touched:
        counted = count_weeks(session, organisation_id, rep_id, [monday], zone, now)[monday]
        found[rep_id, monday] = counted - stored_weeks(session, organisation_id, rep_id).get(
            monday, WeekCounts()
        )
    return found


def locked_weeks(
    session: Session, organisation_id: UUID, rep_id: UUID, mondays: Sequence[date]
) -> list[ActivityRow]:
    """Hold these weeks of a rep until the transaction ends, the earliest first."""
    statement = (
        select(ActivityRow)
        .where(
            col(ActivityRow.organisation_id) == organisation_id,
            col(ActivityRow.rep_id) == rep_id,
            col(ActivityRow.monday).in_(mondays),
        )
        .order_by(col(ActivityRow.monday))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))
