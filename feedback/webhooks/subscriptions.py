"""An owner's changes to webhooks."""

import base64
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.core.audit import AuditKind
from feedback.db.change import Change, Invalid
from feedback.models import Webhook, WebhookDelivery
from feedback.models.webhook import Event
from feedback.store.organisations import locked_organisation
from feedback.store.webhooks import active_webhooks, locked_webhook, mark_of
from feedback.webhooks.events import host_of
from feedback.webhooks.names import LOOKED_UP_WITHIN, look_up
from feedback.webhooks.targets import Target, is_public, target_of

MOST = 10  # webhooks of one organisation; each is written to whenever something happens
SECRET_BYTES = 24  # Standard Webhooks asks for 24 to 64


def addresses_of(target: Target, *, private: bool, seconds: float = LOOKED_UP_WITHIN) -> list[Any]:
    """Return what a target's name leads to, as socket.getaddrinfo gives it. Every address must be public,
    unless private targets are allowed. OSError says, for the owner, why the target is refused; TimeoutError that
    nobody could say within so many seconds what the name leads to."""
    try:
        found = look_up(target.host, target.port, seconds)
    except TimeoutError as error:
        raise TimeoutError(
            f"{target.host} could not be looked up in time: no name server answered."
        ) from error
    except (OSError, UnicodeError) as error:
        raise OSError(f"{target.host} is not known: no server has this name.") from error
    if not private and not all(is_public(str(info[4][0])) for info in found):
        raise OSError(f"{target.host} leads into a private network; only public servers are written to.")
    return found


def checked_url(url: str, *, private: bool) -> str:
    """Return the address when messages may be sent there. The name is looked up for it, so call it before a
    change is open. private: as in the settings. Raises Invalid."""
    try:
        addresses_of(target_of(url, private=private), private=private)
    except (ValueError, OSError) as error:
        raise Invalid(url=str(error)) from error
    return url


def add_webhook(c: Change, user_id: UUID, url: str, events: Sequence[str]) -> UUID:
    """Add a webhook that gets these events from now on, and return its id; the same one twice is one. url: a
    checked one. Raises Invalid."""
    wanted = tuple(event for event in Event if event in events)
    if not wanted:
        raise Invalid(events="What shall it be told? Choose at least one.")
    locked_organisation(c.session, c.organisation_id)  # nobody else adds one meanwhile
    active = active_webhooks(c.session, c.organisation_id)
    for known in active:
        if known.url == url:
            if known.events == wanted:
                return known.id
            raise Invalid(url="This address is told already. End that webhook first.")
    if len(active) >= MOST:
        raise Invalid(url=f"There are {MOST} already; end one first.")
    hook = Webhook(
        organisation_id=c.organisation_id, url=url, secrets=(new_secret(),), events=wanted, created_at=c.now
    )
    c.session.add(hook)
    c.audit(
        user_id,
        AuditKind.WEBHOOK_ADDED,
        hook.id,
        name=host_of(url),
        after={"events": [e.value for e in wanted]},
    )
    return hook.id


def rotate_secret(c: Change, webhook_id: UUID, user_id: UUID, *, mark: str) -> None:
    """Give a webhook a new secret. Messages carry the signature of the one before as well, until the next
    rotation, so that the receiver may change over at any time. mark: of the secret to be replaced; a form
    sent twice rotates once. Raises Invalid for a webhook that has ended."""
    hook = locked_webhook(c.session, c.organisation_id, webhook_id)
    if hook.ended_at:
        raise Invalid(what="It has ended; add it again to go on.")
    if mark_of(hook.secrets) == mark:
        hook.secrets = (new_secret(), *hook.secrets[:1])
        c.audit(user_id, AuditKind.WEBHOOK_SECRET, webhook_id, name=host_of(hook.url))


def resend_delivery(c: Change, webhook_id: UUID, delivery_id: UUID, user_id: UUID) -> bool:
    """Make a delivery due at once, and try it for two days again, under the same message id, by which a
    receiver recognises it. Return False when this webhook has no such delivery. Raises Invalid when the
    webhook has ended."""
    if c.session.get_one(Webhook, (c.organisation_id, webhook_id)).ended_at:
        raise Invalid(what="It has ended, and is told nothing more.")
    result: Any = c.session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.organisation_id) == c.organisation_id,
            col(WebhookDelivery.webhook_id) == webhook_id,
            col(WebhookDelivery.id) == delivery_id,
        )
        .values(due_at=c.now, tries=0, sent_at=None, given_up_at=None)
    )
    if result.rowcount:
        c.audit(user_id, AuditKind.WEBHOOK_RESENT, delivery_id)
    return bool(result.rowcount)


def new_secret() -> str:
    """Return a random secret, as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
