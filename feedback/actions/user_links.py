"""Links by which people join, and choose a new password where they lost theirs. One at a time is good for a person."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.actions.passwords import change_password
from feedback.core.audit import AuditKind
from feedback.core.links import LINK_HOLDS
from feedback.db.change import Change, Invalid
from feedback.models import LinkKind, Mail, Outbox, User, UserLink
from feedback.store.user_links import held_link


def new_link(c: Change, by: UUID, user_id: UUID, mail_from: str | None = None) -> UUID:
    """Make a link for somebody, which ends the one before; return its id. Whoever has no password joins by it, and
    whoever has one chooses a new one. mail_from: the public address of this server, when the link is to be mailed.
    Raises Invalid for somebody who may not sign in."""
    user = c.session.get_one(User, (c.organisation_id, user_id))
    if user.ended_at:
        raise Invalid(person=f"{user.name} may not sign in. Bring them back first.")
    end_links(c, user_id)
    kind = LinkKind.PASSWORD if user.password_hash else LinkKind.JOIN
    link = UserLink(
        organisation_id=c.organisation_id,
        created_at=c.now,
        user_id=user_id,
        made_by=by,
        kind=kind,
        expires_at=c.now + LINK_HOLDS,
    )
    c.session.add(link)
    if mail_from and not c.organisation.demo:
        c.session.add(
            Outbox(
                organisation_id=c.organisation_id,
                kind=Mail.LINK,
                recipient=user.email,
                user_id=user_id,
                base_url=mail_from,
                due_at=c.now,
                created_at=c.now,
            )
        )
    after = {"for": kind.value, "mailed": bool(mail_from)}
    c.audit(by, AuditKind.LINK_MADE, user_id, name=user.name, after=after)
    c.session.flush()
    return link.id


def withdraw_link(c: Change, by: UUID, user_id: UUID) -> None:
    """End the link that a person could still use."""
    if end_links(c, user_id):
        c.audit(
            by, AuditKind.LINK_ENDED, user_id, name=c.session.get_one(User, (c.organisation_id, user_id)).name
        )


def use_link(c: Change, link_id: UUID, password: str, base_url: str | None = None) -> UUID:
    """Set the password that somebody chose by a link, which ends it; return the person's id. base_url: ours, where
    whoever had a password before is told by mail. Raises Invalid for a password that is refused, and NotFound when the
    link is good no longer: somebody was faster."""
    link = held_link(c.session, c.organisation_id, link_id, c.now)
    told = base_url if link.kind == LinkKind.PASSWORD else None
    change_password(c, link.user_id, password, by=link.user_id, base_url=told)
    link.ended_at, link.used = c.now, True
    c.audit(link.user_id, AuditKind.LINK_USED, link.user_id, after={"for": link.kind.value})
    return link.user_id


def end_links(c: Change, user_id: UUID) -> bool:
    """End whatever link a person could still use; tell whether there was one."""
    ended = c.session.execute(
        update(UserLink)
        .where(
            col(UserLink.organisation_id) == c.organisation_id,
            col(UserLink.user_id) == user_id,
            col(UserLink.ended_at).is_(None),
        )
        .values(ended_at=c.now)
        .returning(col(UserLink.id))
    )
    return bool(ended.all())
