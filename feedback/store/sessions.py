"""Where somebody is signed in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlmodel import Session, col

from feedback.core.audit import AuditKind
from feedback.core.sessions import earliest_seen, earliest_start
from feedback.db.rows import views
from feedback.models import Audit, UserSession


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A browser in which somebody is signed in."""

    id: UUID
    device: str  # in words
    created_at: datetime
    seen_at: datetime  # the last use, to some minutes
    network: str | None  # where it began: a keyed hash


def is_running(now: datetime) -> ColumnElement[bool]:
    """Return the condition: a session has not ended, was used lately enough, and is not too old."""
    return and_(
        col(UserSession.ended_at).is_(None),
        col(UserSession.seen_at) > earliest_seen(now),
        col(UserSession.created_at) > earliest_start(now),
    )


def is_unlocked() -> ColumnElement[bool]:
    """Return the condition: the phone of a session is not in a client's hand."""
    return col(UserSession.pin_hash).is_(None)


def locked_by(session: Session, organisation_id: UUID, session_hash: str, now: datetime) -> str | None:
    """Return the hash of the PIN that a running session is locked by; None where it is not locked, or has ended."""
    return session.scalar(
        select(col(UserSession.pin_hash)).where(
            col(UserSession.organisation_id) == organisation_id,
            col(UserSession.hash) == session_hash,
            is_running(now),
        )
    )


def device_since(session: Session, organisation_id: UUID, user_id: UUID, created_at: datetime) -> str | None:
    """Return in words where a person signed in at that moment; None when that is forgotten."""
    return session.scalar(
        select(col(UserSession.device))
        .where(
            col(UserSession.organisation_id) == organisation_id,
            col(UserSession.user_id) == user_id,
            col(UserSession.created_at) == created_at,
        )
        .order_by(col(UserSession.id))
        .limit(1)
    )


def running_sessions(
    session: Session, organisation_id: UUID, user_id: UUID, now: datetime
) -> list[RunningSession]:
    """Return where a person is signed in, the latest use first."""
    rows = session.execute(
        select(
            col(UserSession.id),
            col(UserSession.device),
            col(UserSession.created_at),
            col(UserSession.seen_at),
            col(UserSession.network),
        )
        .where(
            col(UserSession.organisation_id) == organisation_id,
            col(UserSession.user_id) == user_id,
            is_running(now),
        )
        .order_by(col(UserSession.seen_at).desc(), col(UserSession.id).desc())
    )
    return views(RunningSession, rows)


def signed_in_before(session: Session, organisation_id: UUID, user_id: UUID) -> bool:
    """Tell whether somebody has ever signed in. The audit log knows: sessions are forgotten."""
    found = exists().where(
        col(Audit.organisation_id) == organisation_id,
        col(Audit.user_id) == user_id,
        col(Audit.what) == AuditKind.SIGNED_IN,
    )
    return bool(session.scalar(select(found)))
