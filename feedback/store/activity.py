"""What reps asked and what was answered, week by week."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, case, func, select
from sqlmodel import Session, col

from feedback.core.calendar.weeks import Week, monday_of, week_of, week_on
from feedback.core.records import record
from feedback.core.scoring.leaderboard import AskedAnswered
from feedback.core.shares import Share
from feedback.db.tenancy import references
from feedback.models import Activity as ActivityRow
from feedback.models import HeldMeeting, Invitation, Meeting
from feedback.store.answered import was_answered
from feedback.store.settling import settled_by_clock

WINDOW_WEEKS = 13
# Somebody opened the page, or declined: either way the client was asked.
_SEEN = col(Invitation.opened_at).is_not(None) | col(Invitation.declined_at).is_not(None)


@record
class WeekCounts:
    """Counts of one rep's week."""

    meetings: int = 0
    opened: int = 0  # meetings with an invitation that was opened, answered or declined
    invitations: int = 0
    answered: int = 0  # invitations
    unasked: int = 0  # meetings of the rep's calendar, held with clients, about which nobody was asked

    @property
    def held(self) -> int:
        """Return how many meetings were held, as far as anybody knows: those of the calendar among them."""
        return self.meetings + self.unasked

    @classmethod
    def of(cls, row: "ActivityRow | Row[*tuple[Any, ...]]") -> "WeekCounts":
        """Return the counts of a row with the columns of Activity."""
        return cls(row.meetings, row.opened, row.invitations, row.answered, row.unasked)

    def __add__(self, other: "WeekCounts") -> "WeekCounts":
        return WeekCounts(
            self.meetings + other.meetings,
            self.opened + other.opened,
            self.invitations + other.invitations,
            self.answered + other.answered,
            self.unasked + other.unasked,
        )

    def __sub__(self, other: "WeekCounts") -> "WeekCounts":
        return WeekCounts(
            self.meetings - other.meetings,
            self.opened - other.opened,
            self.invitations - other.invitations,
            self.answered - other.answered,
            self.unasked - other.unasked,
        )


def count_weeks_of_reps(
    session: Session,
    organisation_id: UUID,
    rep_ids: Sequence[UUID],
    mondays: Sequence[date],
    zone: ZoneInfo,
    now: datetime,
) -> dict[tuple[UUID, date], WeekCounts]:
    """Count the weeks of several reps from the meetings themselves as of `now`, by rep and Monday, for every
    week with a meeting, also one of the calendar, from the first of `mondays` to the last. `mondays` are in order."""
    begins, ends = week_on(mondays[0]).starts(zone), week_on(mondays[-1]).ends(zone)
    answered = was_answered(now)
    invitations = func.count(col(Invitation.id))
    rows: Sequence[Any] = session.connection().execute(
        select(
            col(Meeting.rep_id), col(Meeting.held_at), invitations, invitations.filter(answered),
            invitations.filter(_SEEN | answered),
        )
        .select_from(Meeting)
        .outerjoin(Invitation, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.rep_id).in_(rep_ids),
            col(Meeting.held_at) >= begins,
            col(Meeting.held_at) < ends,
        )
        .group_by(col(Meeting.rep_id), col(Meeting.held_at), col(Meeting.id))
    ).all()  # fmt: skip
    found: defaultdict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for rep_id, held_at, invited, settled, opened in rows:
        counts = found[rep_id, monday_of(held_at, zone)]
        counts[0] += 1
        counts[1] += opened > 0
        counts[2] += invited
        counts[3] += settled
    for rep_id, starts_at in session.execute(
        select(col(HeldMeeting.rep_id), col(HeldMeeting.starts_at)).where(
            col(HeldMeeting.organisation_id) == organisation_id,
            col(HeldMeeting.rep_id).in_(rep_ids),
            col(HeldMeeting.starts_at) >= begins,
            col(HeldMeeting.starts_at) < ends,
            col(HeldMeeting.meeting_id).is_(None),
        )
    ):
        found[rep_id, monday_of(starts_at, zone)][4] += 1
    return {week: WeekCounts(*counts) for week, counts in found.items()}


def count_week(
    session: Session, organisation_id: UUID, rep_id: UUID, monday: date, zone: ZoneInfo, now: datetime
) -> WeekCounts:
    """Count one rep's week from the meetings themselves as of `now`."""
    asked = counted_week(organisation_id, rep_id, week_on(monday), zone, now)
    return WeekCounts(**session.connection().execute(COUNT_WEEK, asked).one()._asdict())


def counted_week(
    organisation_id: UUID, rep_id: UUID, week: Week, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """Return the parameters by which COUNT_WEEK counts a rep's week."""
    return {
        "organisation": organisation_id, "rep": rep_id, "begins": week.starts(zone), "ends": week.ends(zone), "now": now,
    }  # fmt: skip


def hold_week(session: Session, organisation_id: UUID, rep_id: UUID, monday: date) -> None:
    """Hold the row of a rep's week, if there is one, until the transaction ends. SQLite's writers take turns anyway."""
    if session.get_bind().dialect.name == "postgresql":
        asked = {"organisation": organisation_id, "rep": rep_id, "monday": monday}
        session.connection().execute(_LOCKED_WEEK, asked)


_ANSWERED = was_answered(bindparam("now"))
_OPENED = _SEEN | _ANSWERED
# Of the calendar; what somebody was asked about is among the meetings.
_UNASKED = (
    select(func.count())
    .where(
        col(HeldMeeting.organisation_id) == bindparam("organisation"),
        col(HeldMeeting.rep_id) == bindparam("rep"),
        col(HeldMeeting.starts_at) >= bindparam("begins"),
        col(HeldMeeting.starts_at) < bindparam("ends"),
        col(HeldMeeting.meeting_id).is_(None),
    )
    .scalar_subquery()
)
# Built once: to build it took longer than to execute it.
COUNT_WEEK = (
    select(
        func.count(func.distinct(col(Meeting.id))).label("meetings"),
        func.count(func.distinct(case((_OPENED, col(Meeting.id))))).label("opened"),
        func.count(col(Invitation.id)).label("invitations"),
        func.count(case((_ANSWERED, col(Invitation.id)))).label("answered"),
        _UNASKED.label("unasked"),
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


_WINDOW = (
    select(
        col(ActivityRow.rep_id),
        *(func.sum(col(getattr(ActivityRow, each.name))) for each in fields(WeekCounts)),
    )
    .where(
        col(ActivityRow.organisation_id) == bindparam("organisation"),
        col(ActivityRow.monday) > bindparam("since"),
        col(ActivityRow.monday) <= bindparam("until"),
    )
    .group_by(col(ActivityRow.rep_id))
)
_ANSWERED_IN_WEEK = select(col(ActivityRow.rep_id), col(ActivityRow.answered)).where(
    col(ActivityRow.organisation_id) == bindparam("organisation"),
    col(ActivityRow.monday) == bindparam("monday"),
)
_LOCKED_WEEK = (
    select(col(ActivityRow.id))
    .where(
        col(ActivityRow.organisation_id) == bindparam("organisation"),
        col(ActivityRow.rep_id) == bindparam("rep"),
        col(ActivityRow.monday) == bindparam("monday"),
    )
    .with_for_update()
)


def activity_until(
    session: Session,
    organisation_id: UUID,
    week: Week,
    zone: ZoneInfo,
    now: datetime,
    rep_ids: Collection[UUID] | None = None,
) -> dict[UUID, AskedAnswered]:
    """Return, by rep, what was asked and answered in the 13 weeks that end with `week`, as of `now`; of these reps,
    where they are given."""
    since = week.monday - timedelta(weeks=WINDOW_WEEKS)
    asked = {"organisation": organisation_id, "since": since, "until": week.monday}
    of_these = _WINDOW if rep_ids is None else _WINDOW.where(col(ActivityRow.rep_id).in_(rep_ids))
    rows = session.connection().execute(of_these, asked).all()
    found = {rep_id: WeekCounts(*counts) for rep_id, *counts in rows}
    for (rep_id, monday), more in _not_yet_counted(session, organisation_id, zone, now).items():
        if since < monday <= week.monday and (rep_ids is None or rep_id in rep_ids):
            found[rep_id] = found.get(rep_id, WeekCounts()) + more
    return {
        rep_id: AskedAnswered(Share(each.answered, each.invitations), Share(each.opened, each.held))
        for rep_id, each in found.items()
    }


def answered_in_week(session: Session, organisation_id: UUID, week: Week) -> dict[UUID, int]:
    """Return, by rep, how many invitations to meetings of this week were answered, where any was; as last written."""
    asked = {"organisation": organisation_id, "monday": week.monday}
    rows = session.connection().execute(_ANSWERED_IN_WEEK, asked).all()
    return {rep_id: count for rep_id, count in rows if count}


def stored_weeks(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID]
) -> dict[UUID, dict[date, WeekCounts]]:
    """Return counts as last written, by rep and the week's Monday."""
    rows = session.execute(
        select(
            col(ActivityRow.rep_id), col(ActivityRow.monday), col(ActivityRow.meetings), col(ActivityRow.opened),
            col(ActivityRow.invitations), col(ActivityRow.answered), col(ActivityRow.unasked),
        ).where(col(ActivityRow.organisation_id) == organisation_id, col(ActivityRow.rep_id).in_(rep_ids))
    )  # fmt: skip
    found: defaultdict[UUID, dict[date, WeekCounts]] = defaultdict(dict)
    for rep_id, monday, *counts in rows:
        found[rep_id][monday] = WeekCounts(*counts)
    return found


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
        stored = stored_weeks(session, organisation_id, [rep_id])[rep_id]
        found[rep_id, monday] = counted - stored.get(monday, WeekCounts())
    return found
