"""What a manager's weekly mail says, and whether it was sent."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from feedback.core.alerts.reasons import Kind
from feedback.core.calendar.weekly_mail import LATE_AFTER, Shift, shift_reasons, weekly_mail_due_at
from feedback.core.calendar.weeks import Week, week_of
from feedback.models import Mail, Outbox
from feedback.pages import alerts, leaderboard
from feedback.pages.alerts import AlertView
from feedback.pages.leaderboard import Leaderboard, LeaderboardRow
from feedback.pages.team_summary import TeamSummary, team_summary
from feedback.pages.week_shifts import week_shifts
from feedback.store import people
from feedback.store.frozen_weeks import is_frozen
from feedback.store.mail_queue import NOT_TOLD
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, relationships_of_pairs

LEAST_LISTED = 0.5  # points by which a score must change to be listed
MOST_LISTED = 8

MOST_NAMED = 50  # alerts that are overdue


@dataclass(frozen=True, slots=True)
class RankChange:
    """The change of a rep's score in a week."""

    row: LeaderboardRow
    by: float | None  # points since the week before; None when that is not known
    why: list[tuple[RelationshipView, Shift]]  # the relationships that caused it


@dataclass(frozen=True, slots=True)
class WeeklyMail:
    """The content of a manager's weekly mail."""

    week: Week
    board: Leaderboard | None  # None where figures by person are not the viewer's to see
    summary: TeamSummary | None  # what it begins with; None without a rep
    listed: list[RankChange]  # worth a line on one page, at most MOST_LISTED, the largest fall first
    unlisted: int  # how many others there are on the board
    overdue: list[AlertView]  # the first of the `late` alerts
    late: int  # how many open alerts are overdue
    waiting: int  # how many alerts are open
    fine: list[AlertView]  # the first MOST_NAMED alerts of relationships that turned lukewarm in the week
    turned_fine: int  # how many there are


@dataclass(frozen=True, slots=True)
class MailState:
    """Whether a person's weekly mails are sent on time."""

    last_at: datetime | None  # when the latest one was sent; None before the first
    due: datetime  # when the next one is
    late: bool  # the one that should have been sent was not
    error: str | None = None  # why not, as the mail server put it


def weekly_mail(session: Session, viewer: Viewer, week: Week, now: datetime) -> WeeklyMail | None:
    """Return the weekly mail about a frozen week, for the teams this person is responsible for; None when
    that week was not recorded."""
    scope = people.scope_of(viewer)
    board = leaderboard.leaderboard(session, viewer.organisation_id, scope, week, now)
    if board is None:
        return None
    first = alerts.open_alerts(session, viewer, now, skip=0, take=MOST_NAMED)
    zone = ZoneInfo(viewer.timezone)
    by_person = viewer.figures.by_person
    listed = _listed(session, viewer, board, zone, now) if by_person else []
    fine_in_week = Kind.FINE, week.starts(zone), week.ends(zone)
    return WeeklyMail(
        week=week,
        board=board if by_person else None,
        summary=team_summary(session, viewer, scope, board, now, to_train=True) if board.rows else None,
        listed=listed,
        unlisted=len(board.rows) - len(listed),
        overdue=[alert for alert in first if alert.overdue(now)],
        late=alerts.count_overdue(session, viewer, now),
        waiting=alerts.count_open_alerts(session, viewer)[0],
        fine=alerts.alerts_given_between(session, viewer, *fine_in_week, now, take=MOST_NAMED),
        turned_fine=alerts.count_given_between(session, viewer, *fine_in_week),
    )


def mail_state(session: Session, viewer: Viewer, now: datetime) -> MailState:
    """Return whether this person's weekly mails are sent on time."""
    zone = ZoneInfo(viewer.timezone)
    current = week_of(now, zone)
    mine = (
        col(Outbox.organisation_id) == viewer.organisation_id,
        col(Outbox.user_id) == viewer.id,
        col(Outbox.kind) == Mail.WEEKLY,
    )
    last = session.scalar(select(func.max(col(Outbox.sent_at))).where(*mine))
    due = weekly_mail_due_at(current.plus(-1), zone)
    if now < due:
        return MailState(last, due, late=False)
    row = session.execute(
        select(col(Outbox.sent_at), col(Outbox.error)).where(
            *mine, col(Outbox.monday) == current.plus(-1).monday
        )
    ).first()
    error = (row.error if row else None) or ""
    out = row is not None and (row.sent_at is not None or error.startswith(NOT_TOLD))
    late = not out and now >= due + LATE_AFTER and viewer.since < due and _has_news(session, viewer, current)
    return MailState(last, weekly_mail_due_at(current, zone), late, error or None)


def _has_news(session: Session, viewer: Viewer, current: Week) -> bool:
    """Tell whether last week was recorded and there is a rep to write about."""
    recorded = is_frozen(session, viewer.organisation_id, current.plus(-1))
    return recorded and people.has_reps(session, viewer)


def _listed(
    session: Session, viewer: Viewer, board: Leaderboard, zone: ZoneInfo, now: datetime
) -> list[RankChange]:
    """Return the changes worth a line: half a point or more, or new; and why, which is looked up for these alone."""
    changes = [(row, _change(row)) for row in board.rows]
    worth = [(row, by) for row, by in changes if by is None or abs(by) >= LEAST_LISTED]
    worth.sort(key=lambda change: (change[1] is None, change[1] or 0.0, change[0].rep.name))
    shifts = week_shifts(
        session, viewer, [row.rep.id for row, _ in worth[:MOST_LISTED]], board.week, zone, now
    )
    found: list[tuple[LeaderboardRow, float | None, list[Shift]]] = []
    for row, by in worth[:MOST_LISTED]:
        mine, before = shifts.get(row.rep.id, {}), row.line[-2] if len(row.line) > 1 else None
        found.append((row, by, shift_reasons(mine.values(), by, before) if by and before is not None else []))
    keys = [each.key for _, _, chosen in found for each in chosen]
    views = relationships_of_pairs(session, viewer, keys, now)
    return [RankChange(row, by, [(views[each.key], each) for each in chosen]) for row, by, chosen in found]


def _change(row: LeaderboardRow) -> float | None:
    """Return by how much a rep's score changed since the week before; None when that is not known."""
    before = row.line[-2] if len(row.line) > 1 else None
    return None if before is None else row.standing.score.score - before
