"""Organisations that are to be."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.models import SignUp

AT_ONCE = 20


def sign_up_by_id(session: Session, sign_up_id: UUID, now: datetime) -> SignUp | None:
    """Return what was asked for; None when it was used, is too old, or never was."""
    return session.scalars(
        select(SignUp).where(col(SignUp.id) == sign_up_id, col(SignUp.expires_at) > now)
    ).first()


def due_sign_ups(session: Session, now: datetime) -> list[SignUp]:
    """Return those whose mail is to be sent by now, the oldest first."""
    waiting = (col(SignUp.sent_at).is_(None), col(SignUp.due_at) <= now, col(SignUp.expires_at) > now)
    return list(session.scalars(select(SignUp).where(*waiting).order_by(col(SignUp.id)).limit(AT_ONCE)))


def any_expired_sign_up(session: Session, now: datetime) -> bool:
    """Tell whether there is one that is too old."""
    found = select(col(SignUp.id)).where(col(SignUp.expires_at) <= now).limit(1)
    return session.execute(found).first() is not None
