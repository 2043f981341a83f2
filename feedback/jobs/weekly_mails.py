"""The weekly mails: one for each week and person, however often the worker looks or starts."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.actions.change import change
from feedback.core.access import Role
from feedback.core.calendar.weekly_mail import weekly_mail_due_at
from feedback.core.calendar.weeks import week_of
from feedback.db.engine import Database
from feedback.db.locks import insert_if_new
from feedback.models import Mail, Organisation, Outbox
from feedback.models.columns import new_id
from feedback.store.frozen_weeks import is_frozen
from feedback.store.mail_queue import without_weekly_mail


def queue_weekly(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Queue, from Monday 07:00 on, a mail about the week before for every manager and owner, and for reps
    where the organisation wants it. Anybody who was added after that Monday begins with the next one."""
    with db.reading() as session:
        if not _is_due(session, organisation_id, now):
            return
    with change(db, organisation_id, now) as c:
        zone = c.zone
        week = week_of(now, zone).plus(-1)
        for user in without_weekly_mail(
            c.session, c.organisation, week.monday, weekly_mail_due_at(week, zone)
        ):
            insert_if_new(
                c.session,
                Outbox,
                {
                    "organisation_id": organisation_id, "id": new_id(), "created_at": now, "recipient": user.email,
                    "kind": Mail.OWN_WEEKLY if user.role == Role.REP else Mail.WEEKLY, "user_id": user.id,
                    "monday": week.monday, "base_url": "", "due_at": now, "tries": 0,
                },
            )  # fmt: skip


def _is_due(session: Session, organisation_id: UUID, now: datetime) -> bool:
    """Tell whether it is time, the week was recorded, and somebody has no mail about it yet."""
    organisation = session.get_one(Organisation, organisation_id)
    zone = ZoneInfo(organisation.timezone)
    week = week_of(now, zone).plus(-1)
    due = weekly_mail_due_at(week, zone)
    if organisation.demo or now < due or not is_frozen(session, organisation_id, week):
        return False
    return bool(without_weekly_mail(session, organisation, week.monday, due, limit=1))
