"""What reps asked and what was answered, week by week."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, case, func, select
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
    """Counts of one rep's week."""

    meetings: int = 0
    opened: int = 0  # meetings with an invitation that was opened or answered
    invitations: int = 0
    answered: int = 0  # invitations

    @classmethod
    def of(cls, row: "ActivityRow | Row[*tuple[Any, ...]]") -> "WeekCounts":
        """Return the counts of a row with the columns of Activity."""
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
    """Count a rep's weeks from the meetings themselves as of `now`, by Monday, for every week with a meeting
    from the first of `mondays` to the last. `mondays` are in order."""
    rows = session.execute(
        select(
            col(Meeting.id), col(Meeting.held_at), col(Invitation.id).label("invitation_id"), col(Invitation.opened_at),
            was_answered(now).label("answered"),
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
    for row in rows:
        monday = week_of(row.held_at, zone).monday
        meetings[monday].add(row.id)
        if row.opened_at or row.answered:
            opened[monday].add(row.id)
        invitations[monday] += row.invitation_id is not None
        answered[monday] += bool(row.answered)
    return {
        monday: WeekCounts(len(meetings[monday]), len(opened[monday]), invitations[monday], answered[monday])
        for monday in meetings
    }


def count_week(
    session: Session, organisation_id: UUID, rep_id: UUID, monday: date, zone: ZoneInfo, now: datetime
) -> WeekCounts:
    """Count one week as count_weeks does, in the database."""
    week = week_on(monday)
    asked = {
        "organisation": organisation_id, "rep": rep_id, "begins": week.starts(zone), "ends": week.ends(zone), "now": now,
    }  # fmt: skip
    return WeekCounts(**session.connection().execute(_COUNT_WEEK, asked).one()._asdict())


_ANSWERED = was_answered(bindparam("now"))
_OPENED = col(Invitation.opened_at).is_not(None) | _ANSWERED
# Built once: to build it took longer than to execute it.
_COUNT_WEEK = (
    select(
        func.count(func.distinct(col(Meeting.id))).label("meetings"),
        func.count(func.distinct(case((_OPENED, col(Meeting.id))))).label("opened"),
        func.count(col(Invitation.id)).label("invitations"),
        func.count(case((_ANSWERED, col(Invitation.id)))).label("answered"),
    )
    .select_from(Meeting)
    .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
    .where(
        col(Meeting.organisation_id) == bindparam("organisation"),
        col(Meeting.rep_id) == bindparam("rep"),
        col(Meeting.held_at) >= bindparam("begins"),
        col(Meeting.held_at) < bindparam("ends"),
    )
)


def activity_until(
    session: Session, organisation_id: UUID, week: Week, zone: ZoneInfo, now: datetime
) -> dict[UUID, AskedAnswered]:
    """Return, by rep, what was asked and answered in the 13 weeks that end with `week`, as of `now`."""
    since = week.monday - timedelta(weeks=WINDOW_WEEKS)
    rows = session.execute(
        select(
            col(ActivityRow.rep_id),
            func.sum(col(ActivityRow.meetings)).label("meetings"),
            func.sum(col(ActivityRow.opened)).label("opened"),
            func.sum(col(ActivityRow.invitations)).label("invitations"),
            func.sum(col(ActivityRow.answered)).label("answered"),
        )
        .where(
            col(ActivityRow.organisation_id) == organisation_id,
            col(ActivityRow.monday) > since,
            col(ActivityRow.monday) <= week.monday,
        )
        .group_by(col(ActivityRow.rep_id))
    )
    found = {row.rep_id: WeekCounts.of(row) for row in rows}
    for (rep_id, monday), more in _not_yet_counted(session, organisation_id, zone, now).items():
        if since < monday <= week.monday:
            found[rep_id] = found.get(rep_id, WeekCounts()) + more
    return {
        rep_id: AskedAnswered(Share(each.answered, each.invitations), Share(each.opened, each.meetings))
        for rep_id, each in found.items()
    }


def stored_weeks(session: Session, organisation_id: UUID, rep_id: UUID) -> dict[date, WeekCounts]:
    """Return a rep's counts as last written, by the week's Monday."""
    rows = session.scalars(
        select(ActivityRow).where(
            col(ActivityRow.organisation_id) == organisation_id, col(ActivityRow.rep_id) == rep_id
        )
    )
    return {row.monday: WeekCounts.of(row) for row in rows}


def _not_yet_counted(
    session: Session, organisation_id: UUID, zone: ZoneInfo, now: datetime
) -> dict[tuple[UUID, date], WeekCounts]:
    """Return by (rep, Monday) what the stored counts lack: answers that have settled by the clock since they
    were written."""
    touched = {
        (due.rep_id, week_of(due.held_at, zone).monday)
        for due in settled_by_clock(session, organisation_id, now)
    }
    found = {}
    for rep_id, monday in touched:
        counted = count_week(session, organisation_id, rep_id, monday, zone, now)
        found[rep_id, monday] = counted - stored_weeks(session, organisation_id, rep_id).get(
            monday, WeekCounts()
        )
    return found


def locked_weeks(
    session: Session, organisation_id: UUID, rep_id: UUID, mondays: Sequence[date]
) -> list[ActivityRow]:
    """Return these weeks of a rep, locked until the transaction ends, the earliest first."""
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
