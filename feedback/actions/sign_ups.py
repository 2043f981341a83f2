"""Signing up where anybody may: asked for on a page, confirmed by the link of a mail."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.actions.people import NewOrganisation, check_organisation, normal_email, set_up_confirmed
from feedback.db.change import Invalid
from feedback.db.counters import Limit, count_within
from feedback.db.engine import Database
from feedback.models import SignUp
from feedback.store.sign_ups import any_expired_sign_up

HOLDS_FOR = timedelta(hours=24)
PER_ADDRESS = 3  # mails in that time
_ADDRESS = re.compile(r"://|www\.|@|\w\.\w{2,}/|[\r\n]", re.IGNORECASE)
CLAIMED_FOR = timedelta(minutes=5)  # then a mail is tried again


def ask_to_sign_up(db: Database, new: NewOrganisation, address: str, now: datetime) -> None:
    """Store what was asked for, and with it the mail; no organisation is made yet. What is one too many for its address
    is not stored, and nothing is said: it may be somebody else's. address: the key of a counter. Raises Invalid."""
    check_organisation(new)
    # The mail carries these words to whoever has the address: they shall not be somebody's advertisement.
    advertising = [name for name in ("organisation", "name") if _ADDRESS.search(getattr(new, name))]
    if advertising:
        raise Invalid(**dict.fromkeys(advertising, "Leave addresses out of the name."))
    email = normal_email(new.email)
    with db.writing() as session:
        if count_within(session, [Limit(address, PER_ADDRESS, HOLDS_FOR)], now):
            session.add(
                SignUp(
                    created_at=now,
                    organisation=new.organisation.strip(),
                    name=new.name.strip(),
                    email=email,
                    timezone=new.timezone,
                    expires_at=now + HOLDS_FOR,
                    due_at=now,
                )
            )


def confirm_sign_up(db: Database, asked: SignUp, password: str, now: datetime) -> tuple[UUID, UUID] | None:
    """Make the organisation that was asked for, once; return (organisation_id, user_id), None when it was made
    meanwhile. Raises Invalid for the password."""
    new = NewOrganisation(
        organisation=asked.organisation,
        name=asked.name,
        email=asked.email,
        password=password,
        timezone=asked.timezone,
    )
    return set_up_confirmed(db, new, asked.id, now)


def claim_mail(db: Database, asked: SignUp, now: datetime) -> bool:
    """Claim the mail of a sign-up for five minutes; False when another worker was faster."""
    with db.writing() as session:
        mine: Any = session.execute(
            update(SignUp)
            .where(
                col(SignUp.id) == asked.id, col(SignUp.due_at) == asked.due_at, col(SignUp.sent_at).is_(None)
            )
            .values(due_at=now + CLAIMED_FOR, tries=asked.tries + 1)
        )
    return bool(mine.rowcount)


def mark_mailed(db: Database, asked: SignUp, now: datetime) -> None:
    """Write down that the mail went out."""
    with db.writing() as session:
        session.execute(update(SignUp).where(col(SignUp.id) == asked.id).values(sent_at=now))


def forget_sign_ups(db: Database, now: datetime) -> None:
    """Delete what nobody confirmed in time; writes only when there is any."""
    with db.reading() as session:
        if not any_expired_sign_up(session, now):
            return
    with db.writing() as session:
        session.execute(delete(SignUp).where(col(SignUp.expires_at) <= now))
