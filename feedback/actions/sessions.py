"""Signing in and out: sessions, which live on the server and can be ended."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, not_, update
from sqlmodel import col

from feedback.actions.person_mails import mail_person
from feedback.core.audit import AuditKind
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.models import Mail, OneTimeCodes, UserSession
from feedback.store.sessions import is_running, signed_in_before


def begin_session(
    c: Change,
    user_id: UUID,
    device: str,
    network: str | None = None,
    told: AuditKind = AuditKind.SIGNED_IN,
    *,
    proved: bool = True,
    second_factor: bool = False,
) -> str:
    """Sign a person in; return the secret that the browser's cookie is to carry, which is stored nowhere. device: in
    words. network: its keyed hash, for the audit log, which says `told`. proved: the person has just shown who they
    are. second_factor: and that by more than one thing."""
    secret = secrets.token_urlsafe(32)
    c.session.add(
        UserSession(
            organisation_id=c.organisation_id,
            created_at=c.now,
            user_id=user_id,
            hash=session_hash(secret),
            device=device,
            seen_at=c.now,
            network=network,
            proved_at=c.now if proved else None,
            second_factor=second_factor,
        )
    )
    c.audit(user_id, told, user_id, name=device, network=network)
    return secret


def tell_new_device(c: Change, user_id: UUID, email: str, base_url: str | None) -> None:
    """Tell a person by mail that they signed in where they had not before; in the transaction's moment, by which the
    mail finds the session. Whoever signs in for the first time ever knows of no other device. base_url: ours; None where
    no mail can be sent."""
    if base_url and signed_in_before(c.session, c.organisation_id, user_id):
        mail_person(c, user_id, email, Mail.NEW_DEVICE, base_url)


def end_session(c: Change, secret: str) -> None:
    """End the session of one browser: a copy of its cookie signs nobody in any more."""
    _end(c, col(UserSession.hash) == session_hash(secret))


def lock_session(c: Change, secret: str, pin_hash: str) -> None:
    """Lock the session of a phone that is handed over: it signs nobody in until it is unlocked."""
    _set_pin(c, secret, pin_hash)


def unlock_session(c: Change, secret: str) -> None:
    """Give a session back to its person, who has shown the PIN."""
    _set_pin(c, secret, None)


def _set_pin(c: Change, secret: str, pin_hash: str | None) -> None:
    here = (
        col(UserSession.organisation_id) == c.organisation_id,
        col(UserSession.hash) == session_hash(secret),
    )
    c.session.execute(update(UserSession).where(*here).values(pin_hash=pin_hash))


def note_second_factor(c: Change, session_id: UUID) -> None:
    """Write down that the person of a session has a second factor now."""
    here = col(UserSession.organisation_id) == c.organisation_id, col(UserSession.id) == session_id
    c.session.execute(update(UserSession).where(*here).values(second_factor=True))


def prove_session(c: Change, session_id: UUID) -> None:
    """Write down that the person of a session has just shown who they are."""
    here = col(UserSession.organisation_id) == c.organisation_id, col(UserSession.id) == session_id
    c.session.execute(update(UserSession).where(*here).values(proved_at=c.now))


def end_sessions(c: Change, user_id: UUID) -> None:
    """Sign a person out everywhere, and remember none of the devices."""
    _end(c, col(UserSession.user_id) == user_id)
    forget_devices(c, user_id)


def end_one_session(c: Change, user_id: UUID, session_id: UUID) -> bool:
    """End one of a person's own sessions; False when there is none of this id that runs."""
    return bool(_end_elsewhere(c, user_id, col(UserSession.id) == session_id))


def end_other_sessions(c: Change, user_id: UUID, kept: UUID) -> int:
    """Sign a person out everywhere but in the session `kept`; return of how many."""
    forget_devices(c, user_id)
    return len(_end_elsewhere(c, user_id, col(UserSession.id) != kept))


def _end_elsewhere(c: Change, user_id: UUID, which: ColumnElement[bool]) -> list[str]:
    """End sessions of a person, each with an entry in the audit log; return in words where they were."""
    own = and_(
        col(UserSession.organisation_id) == c.organisation_id,
        col(UserSession.user_id) == user_id,
        col(UserSession.ended_at).is_(None),
        which,
    )
    ended = update(UserSession).where(own).values(ended_at=c.now).returning(col(UserSession.device))
    devices = list(c.session.scalars(ended))
    for device in devices:
        c.audit(user_id, AuditKind.SESSION_ENDED, user_id, name=device)
    return devices


def note_seen(db: Database, organisation_id: UUID, session_id: UUID, now: datetime) -> None:
    """Write down that a session is used, unless somebody else is writing on SQLite: nobody shall wait for this."""
    db.write_if_free(
        update(UserSession)
        .where(col(UserSession.organisation_id) == organisation_id, col(UserSession.id) == session_id)
        .values(seen_at=now)
    )


def forget_sessions(c: Change) -> None:
    """Delete the sessions that are over: signed out, unused for too long, or too old."""
    c.session.execute(
        delete(UserSession).where(
            col(UserSession.organisation_id) == c.organisation_id, not_(is_running(c.now))
        )
    )


def session_hash(secret: str) -> str:
    """Return what is stored of a cookie's secret. It has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def forget_devices(c: Change, user_id: UUID) -> None:
    """Ask for a code again on every device that was remembered."""
    here = (
        col(OneTimeCodes.organisation_id) == c.organisation_id,
        col(OneTimeCodes.user_id) == user_id,
    )
    c.session.execute(update(OneTimeCodes).where(*here).values(trusts_since=c.now))


def _end(c: Change, which: ColumnElement[bool]) -> None:
    running = and_(
        col(UserSession.organisation_id) == c.organisation_id, col(UserSession.ended_at).is_(None), which
    )
    c.session.execute(update(UserSession).where(running).values(ended_at=c.now))
