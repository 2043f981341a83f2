"""What is told to a chat channel: no more than whoever may sit in it is told here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from feedback.core.access import Forbidden, sees_alerts
from feedback.core.calendar.weeks import Week
from feedback.core.scoring.relationships import Numbers
from feedback.pages import alerts, leaderboard
from feedback.pages.alerts import AlertView
from feedback.pages.leaderboard import Leaderboard
from feedback.pages.weekly_mail import WeeklyMail, weekly_mail
from feedback.store.people import Viewer
from feedback.store.relationships import relationship_for


@dataclass(frozen=True, slots=True)
class PostedAlert:
    """An alert as a channel may be told of it."""

    alert: AlertView
    numbers: Numbers | None  # of its relationship; None where figures by person are not the channel's


@dataclass(frozen=True, slots=True)
class PostedWeek:
    """A week as a channel may be told of it."""

    week: Week
    managers: WeeklyMail | None = None  # for a channel that managers alone read
    reps: Leaderboard | None = None  # for any other: the board as every rep sees it; None where they do not


def posted_alerts(
    session: Session, viewer: Viewer, ids: Collection[UUID], now: datetime
) -> list[PostedAlert]:
    """Return those of these alerts that a channel may be told of, urgent ones first; none to a channel that reps may
    read. viewer: as whom the channel reads."""
    if not sees_alerts(viewer.role):
        return []
    by_person = viewer.figures.by_person
    return [
        PostedAlert(alert, relationship_for(session, viewer, alert.relationship_id, now).numbers if by_person else None)
        for alert in alerts.alerts_by_id(session, viewer, ids, now)
        if alert.urgent or by_person
    ]  # fmt: skip


def posted_week(session: Session, viewer: Viewer, week: Week, now: datetime) -> PostedWeek | None:
    """Return a week that is over as a channel may be told of it; None where it was not recorded, or where the leaderboard
    is no business of reps and the channel theirs."""
    if sees_alerts(viewer.role):
        found = weekly_mail(session, viewer, week, now)
        return None if found is None or found.summary is None else PostedWeek(week, managers=found)
    try:
        board, _ = leaderboard.board_for(session, viewer, week, now, lines=0)
    except Forbidden:
        return None
    return PostedWeek(week, reps=board if viewer.figures.colleagues else None)
