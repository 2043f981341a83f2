"""What an owner does about webhooks."""

import base64
import secrets
import socket
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from feedback.actions.change import change
from feedback.db.change import Change, Invalid
from feedback.db.engine import Database
from feedback.models import Audit, Organisation, Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.webhooks import secret_mark
from feedback.webhooks.events import end_webhook_now
from feedback.webhooks.targets import Target, is_public, target_of

MOST = 10  # webhooks of one organisation; each is written to whenever something happens
SECRET_BYTES = 24  # Standard Webhooks asks for 24 to 64


def addresses_of(target: Target, *, private: bool) -> list[Any]:
    """What a target's name leads to, as socket.getaddrinfo tells it. Every one of them must be public, unless
    private targets are allowed. OSError says why not, for the owner."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OSError(f"{target.host} is not known: no server has this name.") from error
    if not private and not all(is_public(str(info[4][0])) for info in found):
        raise OSError(f"{target.host} leads into a private network; only public servers are written to.")
    return list(found)


def add_webhook(
    db: Database,
    organisation_id: UUID,
    user_id: UUID,
    *,
    url: str,
    events: Sequence[str],
    private: bool,
    now: datetime,
) -> UUID:
    """A new webhook, told from now on; the same one twice is one. private: as in the settings. Raises Invalid."""
    wanted = tuple(event for event in Event if event in events)
    if not wanted:
        raise Invalid(events="What shall it be told? Choose at least one.")
    try:
        addresses_of(target_of(url, private=private), private=private)
    except (ValueError, OSError) as error:
        raise Invalid(url=str(error)) from error
    with change(db, organisation_id, now) as c:
        active = _active(c)
        for known in active:
            if known.url == url:
                if known.events == wanted:
                    return known.id
                raise Invalid(url="This address is told already. End that webhook first.")
        if len(active) >= MOST:
            raise Invalid(url=f"There are {MOST} already; end one first.")
        hook = Webhook(
            organisation_id=organisation_id, url=url, secrets=(new_secret(),), events=wanted, created_at=now
        )
        c.session.add(hook)
        _note(c, user_id, "webhook.added", hook.id)
        return hook.id


def end_webhook(db: Database, organisation_id: UUID, webhook_id: UUID, user_id: UUID, now: datetime) -> None:
    """It is told nothing more; its log stays."""
    with change(db, organisation_id, now) as c:
        end_webhook_now(c.session, organisation_id, webhook_id, user_id, now)


def rotate_secret(
    db: Database, organisation_id: UUID, webhook_id: UUID, user_id: UUID, *, mark: str, now: datetime
) -> None:
    """A new secret. Messages carry the signature of the one before as well, until the next rotation, so that
    the receiver may change over when it suits. mark: of the secret that is to go; a form sent twice rotates
    once. Raises Invalid for one that has ended."""
    with change(db, organisation_id, now) as c:
        hook = c.session.exec(
            select(Webhook)
            .where(col(Webhook.organisation_id) == organisation_id, col(Webhook.id) == webhook_id)
            .with_for_update()
        ).one()
        if hook.ended_at:
            raise Invalid(what="It has ended; add it again to go on.")
        current = hook.secrets[0]
        if secret_mark(current) == mark:
            hook.secrets = (new_secret(), current)
            _note(c, user_id, "webhook.secret_rotated", webhook_id)


def resend_delivery(
    db: Database, organisation_id: UUID, webhook_id: UUID, delivery_id: UUID, user_id: UUID, now: datetime
) -> bool:
    """Due at once, and tried for two days again, under the same message id, by which a receiver knows it.
    False when this webhook has no such delivery. Raises Invalid when the webhook has ended."""
    with change(db, organisation_id, now) as c:
        if c.session.get_one(Webhook, (organisation_id, webhook_id)).ended_at:
            raise Invalid(what="It has ended, and is told nothing more.")
        result: Any = c.session.execute(
            update(WebhookDelivery)
            .where(
                col(WebhookDelivery.organisation_id) == organisation_id,
                col(WebhookDelivery.webhook_id) == webhook_id,
                col(WebhookDelivery.id) == delivery_id,
            )
            .values(due_at=now, tries=0, sent_at=None, given_up_at=None)
        )
        if result.rowcount:
            _note(c, user_id, "webhook.resent", delivery_id)
        return bool(result.rowcount)


def new_secret() -> str:
    """As Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _active(c: Change) -> Sequence[Webhook]:
    """Those that are told, while nobody else adds one."""
    c.session.exec(select(Organisation).where(col(Organisation.id) == c.organisation_id).with_for_update())
    return c.session.exec(
        select(Webhook).where(
            col(Webhook.organisation_id) == c.organisation_id, col(Webhook.ended_at).is_(None)
        )
    ).all()


def _note(c: Change, user_id: UUID, what: str, about_id: UUID) -> None:
    c.session.add(
        Audit(
            organisation_id=c.organisation_id,
            user_id=user_id,
            what=what,
            about_id=about_id,
            created_at=c.now,
        )
    )
