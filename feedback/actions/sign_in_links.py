"""Mailed links that sign somebody in: once, within 15 minutes, in the browser that asked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.actions.person_mails import mail_person
from feedback.core.audit import AuditKind
from feedback.core.sign_in_links import LINK_FOR
from feedback.db.change import Change
from feedback.db.counters import Limit, count_within
from feedback.db.engine import Database
from feedback.models import Mail, SignInLink
from feedback.store.credentials import credentials

LINKS = 3  # mails to one address in ten minutes


def ask_for_sign_in_link(
    db: Database, email: str, account: str, browser_hash: str, base_url: str, now: datetime
) -> None:
    """Queue a mail with a link to whoever has the address; one, in however many organisations they are. For an address
    that nobody has it costs a transaction as well, and nothing is said. account: the key of a counter of the address.
    browser_hash: of the browser that asks."""
    with db.writing() as session:
        within = count_within(session, [Limit(account, LINKS)], now)
        # Whoever has no password yet joins by an owner's link, and not when that was withdrawn.
        candidates = [each for each in credentials(session, email) if each.password_hash]
        if not within or not candidates:
            return
        first = min(candidates, key=lambda each: each.organisation_id)
        c = Change(session, first.organisation_id, now)
        session.add(
            SignInLink(
                organisation_id=c.organisation_id,
                created_at=now,
                user_id=first.user_id,
                browser_hash=browser_hash,
            )
        )
        c.audit(None, AuditKind.SIGN_IN_LINK, first.user_id, name=first.name)
        mail_person(c, first.user_id, email, Mail.SIGN_IN_LINK, base_url)


def use_sign_in_link(c: Change, link_id: UUID, browser_hash: str) -> bool:
    """Use a link up; False when it was used before, is over, or was asked for in another browser."""
    used = (
        update(SignInLink)
        .where(
            col(SignInLink.organisation_id) == c.organisation_id,
            col(SignInLink.id) == link_id,
            col(SignInLink.browser_hash) == browser_hash,
            col(SignInLink.used_at).is_(None),
            col(SignInLink.created_at) > c.now - LINK_FOR,
        )
        .values(used_at=c.now)
        .returning(col(SignInLink.id))
    )
    return c.session.execute(used).first() is not None


def forget_sign_in_links(c: Change) -> None:
    """Delete the links that are over."""
    old = (
        col(SignInLink.organisation_id) == c.organisation_id,
        col(SignInLink.created_at) <= c.now - LINK_FOR,
    )
    c.session.execute(delete(SignInLink).where(*old))
