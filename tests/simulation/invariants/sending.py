"""Mails and webhooks: once, to whom they are for, and marked as sent only then."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from feedback.models import (
    Invitation,
    Mail,
    Outbox,
    Webhook,
    WebhookDelivery,
)
from simulation.invariants.plain import holds
from simulation.organisation import SimulatedOrganisation
from simulation.outside import host_of
from simulation.world import World


def mails(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """What is marked as sent was accepted, under one Message-ID; one receipt an answer; nobody of the example."""
    office = world.office
    rows = session.execute(
        select(
            Outbox.id, Outbox.kind, Outbox.invitation_id, Outbox.user_id, Outbox.monday, Outbox.sent_at
        ).where(Outbox.organisation_id == o.id)
    ).all()
    holds(not (rows and o.demo), f"a mail to the example organisation: {rows[:1]}")
    holds(not office.wrongly, f"a client who wants no mail got one: {office.wrongly}")
    receipts: set[Any] = set()
    weekly: set[Any] = set()
    for row in rows:
        ids = office.accepted.get(row.id, [])
        holds(len(set(ids)) < 2, f"a {row.kind} mail has two Message-IDs: {ids}")
        holds(
            row.sent_at is None or row.id in office.finally_accepted,
            f"a {row.kind} mail is marked as sent, and was not",
        )
        if row.kind == Mail.RECEIPT:
            holds(row.invitation_id not in receipts, "two receipts of one answer")
            receipts.add(row.invitation_id)
        if row.monday:
            holds((row.user_id, row.monday) not in weekly, "two weekly mails for one week")
            weekly.add((row.user_id, row.monday))


def webhooks(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """Received once, then changed or erased; what is marked as sent was taken; nobody hears of the others."""
    hosts = {
        host_of(url) for url in session.scalars(select(Webhook.url).where(Webhook.organisation_id == o.id))
    }
    holds(hosts <= {o.host}, f"webhooks of others: {hosts}")
    ours = set(session.scalars(select(Invitation.id).where(Invitation.organisation_id == o.id)))
    rows = session.execute(
        select(WebhookDelivery).where(WebhookDelivery.organisation_id == o.id).order_by(WebhookDelivery.id)
    ).scalars()
    received: set[tuple[UUID, UUID]] = set()
    early: set[tuple[UUID, UUID]] = set()  # told of a change before they were told as received, by ids
    for row in rows:
        holds(
            row.sent_at is None or f"msg_{row.id.hex}" in world.receivers.ids, "marked as told, and was not"
        )
        if row.event.startswith("feedback"):
            holds(row.about_id in ours, "a message about another organisation's answer")
        if row.event == "feedback.received":
            holds((row.webhook_id, row.about_id) not in received, "an answer was told as received twice")
            received.add((row.webhook_id, row.about_id))
        elif (
            row.event.startswith("feedback")
            and row.webhook_id == o.hooks[0]  # there from the beginning
            and (row.webhook_id, row.about_id) not in received
        ):
            holds(world.comes_twice(row.created_at), f"{row.event} before it was received")
            early.add((row.webhook_id, row.about_id))
    holds(early <= received, "a change was told of what was never told as received")
    for _, message in world.receivers.heard[o.host][-50:]:
        about = message["data"].get("invitation_id")
        holds(about is None or UUID(about) in ours, "a receiver heard of another organisation's answer")
