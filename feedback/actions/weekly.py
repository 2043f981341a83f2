"""The weekly mails: one per week and person, however often the worker looks or starts."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from feedback.actions.change import Change, change
from feedback.core.access import Role
from feedback.core.weekly import due_at
from feedback.core.weeks import week_of
from feedback.models import Mail, Outbox, User
from feedback.models.columns import new_id
from feedback.store.database import Database, insert_if_new
from feedback.store.standings import is_frozen


def queue_weekly(db: Database, organisation_id: UUID, now: datetime) -> None:
    """From Monday 07:00 on, a mail about the week before for every manager and owner, and for reps where the
    organisation wants it. Whoever came later than that Monday begins with the next one."""
    with change(db, organisation_id, now) as c:
        week = week_of(now, c.zone).plus(-1)
        due = due_at(week, c.zone)
        if c.organisation.demo or now < due or not is_frozen(c.session, organisation_id, week):
            return
        for user in _people(c, due):
            insert_if_new(
                c.session,
                Outbox,
                {
                    "organisation_id": organisation_id, "id": new_id(), "created_at": now, "recipient": user.email,
                    "kind": Mail.OWN_WEEKLY if user.role == Role.REP else Mail.WEEKLY, "user_id": user.id,
                    "monday": week.monday, "base_url": "", "due_at": now, "tries": 0,
                },
            )  # fmt: skip


def _people(c: Change, due: datetime) -> list[User]:
    roles = [Role.MANAGER, Role.OWNER, *([Role.REP] if c.organisation.reps_weekly_mail else [])]
    return list(
        c.session.exec(
            select(User).where(
                col(User.organisation_id) == c.organisation_id,
                col(User.role).in_(roles),
                col(User.ended_at).is_(None),
                col(User.created_at) < due,
            )
        )
    )
