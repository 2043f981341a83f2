"""The weekly mails and messages: one for each week and person or chat channel, however often the worker looks or starts."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from feedback.actions.change import change
from feedback.core.access import Role
from feedback.core.calendar.weekly_mail import weekly_mail_due_at
from feedback.core.calendar.weeks import Week, week_of
from feedback.core.chat import ChatEvent
from feedback.db.engine import Database
from feedback.db.locks import insert_if_new
from feedback.models import ChatMessage, Mail, Organisation, Outbox
from feedback.models.columns import new_id
from feedback.store.chat import without_week
from feedback.store.frozen_weeks import is_frozen
from feedback.store.mail_queue import without_weekly_mail


def queue_weekly(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Queue, from Monday 07:00 on, what tells of the week before: a mail for every manager and owner, and for reps
    where the organisation wants it, and a message for each chat channel. Whoever was added after that Monday begins
    with the next one."""
    with db.reading() as session:
        week = _week_to_tell(session, organisation_id, now)
        if week is None or not _anybody_untold(session, organisation_id, week):
            return
    with change(db, organisation_id, now) as c:
        due = weekly_mail_due_at(week, c.zone)
        for user in without_weekly_mail(c.session, c.organisation, week.monday, due):
            insert_if_new(
                c.session,
                Outbox,
                {
                    "organisation_id": organisation_id, "id": new_id(), "created_at": now, "recipient": user.email,
                    "kind": Mail.OWN_WEEKLY if user.role == Role.REP else Mail.WEEKLY, "user_id": user.id,
                    "monday": week.monday, "base_url": "", "due_at": now, "tries": 0,
                },
            )  # fmt: skip
        for channel_id in without_week(c.session, organisation_id, week.monday, due):
            insert_if_new(
                c.session,
                ChatMessage,
                {
                    "organisation_id": organisation_id, "id": new_id(), "created_at": now, "channel_id": channel_id,
                    "event": ChatEvent.WEEK, "monday": week.monday, "due_at": now, "tries": 0,
                },
            )  # fmt: skip


def _week_to_tell(session: Session, organisation_id: UUID, now: datetime) -> Week | None:
    """Return the week before, once it is time to tell of it and it was recorded; None of the example organisation."""
    organisation = session.get_one(Organisation, organisation_id)
    zone = ZoneInfo(organisation.timezone)
    week = week_of(now, zone).plus(-1)
    if organisation.demo or now < weekly_mail_due_at(week, zone):
        return None
    return week if is_frozen(session, organisation_id, week) else None


def _anybody_untold(session: Session, organisation_id: UUID, week: Week) -> bool:
    organisation = session.get_one(Organisation, organisation_id)
    due = weekly_mail_due_at(week, ZoneInfo(organisation.timezone))
    return bool(
        without_weekly_mail(session, organisation, week.monday, due, limit=1)
        or without_week(session, organisation_id, week.monday, due, limit=1)
    )
