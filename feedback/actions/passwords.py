"""New passwords: by who knows the old one, by a link, and by whoever runs the server."""

from datetime import datetime
from uuid import UUID

from feedback.actions.people import hash_password, verify_password
from feedback.actions.person_mails import mail_person
from feedback.actions.sessions import end_sessions
from feedback.core.audit import AuditKind
from feedback.core.password_links import PasswordLink
from feedback.db.change import Change, Invalid
from feedback.db.counters import Limit, count_within
from feedback.db.engine import Database
from feedback.models import Mail, User
from feedback.store.credentials import credentials, oldest_hash, one_credentials
from feedback.wording.i18n import lazy_app_text

LINKS = 3  # mails with a link to one address in ten minutes
WRONG = lazy_app_text("This is not your password.")
KNOWN = lazy_app_text("This is your password already. Choose another.")


def change_password(
    c: Change, user_id: UUID, password: str, *, by: UUID | None = None, base_url: str | None = None
) -> None:
    """Set a new password, which signs the person out everywhere. by: who does it; None on the command line. base_url:
    ours, where the person is to be told by mail. Raises Invalid."""
    user = c.session.get_one(User, (c.organisation_id, user_id))
    known = (user.name, user.email, c.organisation.name)
    hashed = hash_password(password, oldest_hash(c.session, user.email), known)
    if hashed == user.password_hash:
        raise Invalid(password=KNOWN)
    user.password_hash = hashed
    end_sessions(c, user_id)
    c.audit(by, AuditKind.PASSWORD_CHANGED, user_id, name=user.name)
    if base_url:
        mail_person(c, user_id, user.email, Mail.PASSWORD_CHANGED, base_url)


def change_own_password(c: Change, user_id: UUID, old: str, new: str, base_url: str | None = None) -> None:
    """Set a new password for somebody who knows the old one. Raises Invalid."""
    if not verify_password([one_credentials(c.session, c.organisation_id, user_id)], old):
        raise Invalid(old=WRONG)
    change_password(c, user_id, new, by=user_id, base_url=base_url)


def use_link(c: Change, link: PasswordLink, password: str, base_url: str | None = None) -> bool:
    """Set a new password by a link; False when it was used, or has expired, since. Raises Invalid."""
    found = one_credentials(c.session, c.organisation_id, link.user_id, locked=True)
    if not link.holds(found.password_hash, c.now):
        return False
    change_password(c, link.user_id, password, by=link.user_id, base_url=base_url)
    return True


def ask_for_link(db: Database, email: str, account: str, base_url: str, now: datetime) -> None:
    """Queue a mail with a link to whoever has the address, in whichever organisations: one mail with a link for each.
    For an address that nobody has it costs a transaction as well, and nothing is said. account: the key of a counter
    of the address."""
    with db.writing() as session:
        within = count_within(session, [Limit(account, LINKS)], now)
        # Whoever has no password yet joins by an owner's link, and not when that was withdrawn.
        candidates = [each for each in credentials(session, email) if each.password_hash]
        if not within or not candidates:
            return
        for each in candidates:
            c = Change(session, each.organisation_id, now)
            c.audit(None, AuditKind.PASSWORD_LINK, each.user_id, name=each.name)
        first = min(candidates, key=lambda each: each.organisation_id)
        mail_person(
            Change(session, first.organisation_id, now), first.user_id, email, Mail.PASSWORD_LINK, base_url
        )
