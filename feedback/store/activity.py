"""What reps asked and what was answered, week by week."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from feedback.core.calendar.weeks import Week, monday_of, week_of, week_on
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
    found = count_weeks_of_reps(session, organisation_id, [rep_id], mondays, zone, now)
    return {monday: counts for (_, monday), counts in found.items()}


def count_weeks_of_reps(
    session: Session,
    organisation_id: UUID,
    rep_ids: Sequence[UUID],
    mondays: Sequence[date],
    zone: ZoneInfo,
    now: datetime,
) -> dict[tuple[UUID, date], WeekCounts]:
    """Count the weeks of several reps as count_weeks does, by rep and Monday."""
    rows: Sequence[Any] = session.connection().execute(
        select(
            col(Meeting.rep_id), col(Meeting.id), col(Meeting.held_at), col(Invitation.id).label("invitation_id"),
            col(Invitation.opened_at), was_answered(now).label("answered"),
        )
        .select_from(Meeting)
        .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id).in_(rep_ids),
            col(Meeting.held_at) >= week_on(mondays[0]).starts(zone),
            col(Meeting.held_at) < week_on(mondays[-1]).ends(zone),
        )
    ).all()  # fmt: skip
    meetings: defaultdict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    opened: defaultdict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    invitations: Counter[tuple[UUID, date]] = Counter()
    answered: Counter[tuple[UUID, date]] = Counter()
    for rep_id, meeting_id, held_at, invitation_id, opened_at, was in rows:
        week = rep_id, monday_of(held_at, zone)
        meetings[week].add(meeting_id)
        if opened_at or was:
            opened[week].add(meeting_id)
        invitations[week] += invitation_id is not None
        answered[week] += bool(was)
    return {
        week: WeekCounts(len(meetings[week]), len(opened[week]), invitations[week], answered[week])
        for week in meetings
    }


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
        counted = count_weeks(session, organisation_id, rep_id, [monday], zone, now)[monday]
        found[rep_id, monday] = counted - stored_weeks(session, organisation_id, rep_id).get(
            monday, WeekCounts()
        )
    return found
