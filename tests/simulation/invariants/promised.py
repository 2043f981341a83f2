"""At least: every mail and every message that somebody is promised was queued, and none is given up but for a reason."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from feedback.db.tenancy import references
from feedback.models import (
    Alert,
    AlertReason,
    Feedback,
    FrozenWeek,
    Mail,
    Outbox,
    Relationship,
    Side,
    Webhook,
    WebhookDelivery,
)
from simulation.invariants.alerts import joined_alerts
from simulation.invariants.plain import holds
from simulation.organisation import SimulatedOrganisation
from simulation.phones import ExpectedAnswer
from simulation.world import World

TRIES = 9  # in two days; then a mail is given up
EMPTY = "not told: "  # how the reason begins why there is nothing to send any more

_MAILS = select(
    Outbox.kind, Outbox.recipient, Outbox.invitation_id, Outbox.user_id, Outbox.alert_id, Outbox.monday, Outbox.created_at,
    Outbox.sent_at, Outbox.given_up_at, Outbox.error, Outbox.tries,
).where(Outbox.organisation_id == bindparam("organisation"))  # fmt: skip
_URGENT = (
    select(AlertReason.alert_id, AlertReason.created_at, Relationship.rep_id, Relationship.contact_id)
    .join(Alert, references(AlertReason, AlertReason.alert_id, Alert))
    .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
    .where(AlertReason.organisation_id == bindparam("organisation"), AlertReason.severity == "urgent")
)
_TOLD = select(Feedback.invitation_id, Feedback.told_at, Feedback.erased_at).where(
    Feedback.organisation_id == bindparam("organisation"), Feedback.side == Side.CLIENT
)


def promised_mails(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """A receipt for each answer that settled, to whoever had an address; a mail for each urgent reason, to whom it is
    promised; one for each week and person. Nobody of the example organisation is promised any."""
    if o.demo:
        return
    rows = session.execute(_MAILS, {"organisation": o.id}).all()
    receipts = {row.invitation_id for row in rows if row.kind == Mail.RECEIPT}
    for answer in o.answers:
        owed = answer.heard and answer.address and o.receipts and not _is_ours(o, answer.address)
        holds(not owed or answer.invitation_id in receipts, f"no receipt for {answer.address}")
    asked = {(row.invitation_id, row.kind) for row in rows}
    for answer in o.answers:
        both = {(answer.invitation_id, kind) for kind in (Mail.ASK, Mail.REMINDER)}
        holds(not answer.asked or both <= asked, f"{answer.address} was never asked by mail, or reminded")
    weekly = {(row.user_id, row.monday) for row in rows if row.monday}
    holds(o.weekly <= weekly, f"weekly mails were never queued: {o.weekly - weekly}")
    _alert_mails(session, o, world, [row for row in rows if row.kind == Mail.ALERT])
    _given_up_for_a_reason(o, rows)


def _is_ours(o: SimulatedOrganisation, address: str) -> bool:
    """Tell whether an address is that of one of our own people: nobody of ours gets the key of an answer."""
    return address.endswith(f"@{o.host}")


def _alert_mails(session: Any, o: SimulatedOrganisation, world: World, rows: list[Any]) -> None:
    """Each urgent reason is mailed: by a mail that came with it, or by one that was waiting when it came."""
    mails: defaultdict[tuple[UUID, UUID], list[Any]] = defaultdict(list)
    for row in rows:
        mails[row.alert_id, row.user_id].append(row)
    for reason in session.execute(_URGENT, {"organisation": o.id}):
        if reason.contact_id in o.joined:
            continue  # its reasons may be another alert's by now, and nothing is mailed of that
        whom = {o.told_of(reason.rep_id)}
        if (reason.rep_id, reason.contact_id) in o.handed_over:
            whom = {o.owner_id, o.managers[-1]}  # by who looked after the client then
        known = [row for who in whom for row in mails[reason.alert_id, who]]
        told = any(row.created_at >= reason.created_at or _waited(row, reason.created_at) for row in known)
        holds(told or world.comes_twice(reason.created_at), "an urgent reason was mailed to nobody")


def _waited(row: Any, when: datetime) -> bool:
    out = row.sent_at or row.given_up_at
    return out is None or out >= when


def _given_up_for_a_reason(o: SimulatedOrganisation, rows: list[Any]) -> None:
    erased = {answer.invitation_id for answer in o.answers if answer.erased}
    for row in rows:
        if row.given_up_at is None:
            continue
        empty = row.kind != Mail.RECEIPT and (row.error or "").startswith(EMPTY)
        gone = not row.recipient or row.invitation_id in erased  # what was said about it is erased, too
        gone |= row.error is None and bool(erased)  # and so is what was said about mails of its alerts
        holds(empty or gone or row.tries >= TRIES, f"a {row.kind} mail was given up: {row.error}")


def promised_messages(session: Any, o: SimulatedOrganisation, world: World) -> None:
    """Each webhook is told of everything that happened while it was there, of the kinds that it wants."""
    deliveries = select(WebhookDelivery.webhook_id, WebhookDelivery.event, WebhookDelivery.about_id)
    rows = session.execute(deliveries.where(WebhookDelivery.organisation_id == o.id))
    told = {(row.webhook_id, row.event, row.about_id) for row in rows}
    happened = _happened(session, o, joined_alerts(session, o))
    for hook in session.scalars(select(Webhook).where(Webhook.organisation_id == o.id)):
        for event, about_id, when in happened:
            there = hook.created_at < when and (hook.ended_at is None or when < hook.ended_at)
            if there and event in hook.events and not world.comes_twice(when):
                holds((hook.id, event, about_id) in told, f"a webhook was never told: {event}")


def _happened(session: Any, o: SimulatedOrganisation, joined: set[UUID]) -> list[tuple[str, UUID, datetime]]:
    found: list[tuple[str, UUID, datetime]] = []
    for row in session.execute(_TOLD, {"organisation": o.id}):
        if row.told_at is not None and row.told_at != row.erased_at:  # else it was erased before it was told
            found.append(("feedback.received", row.invitation_id, row.told_at))
            if row.erased_at is not None:
                found.append(("feedback.erased", row.invitation_id, row.erased_at))
    for alert in session.execute(
        select(Alert.id, Alert.created_at, Alert.closed_at).where(Alert.organisation_id == o.id)
    ):
        found.append(("alert.opened", alert.id, alert.created_at))
        if alert.closed_at is not None and alert.id not in joined:
            found.append(("alert.closed", alert.id, alert.closed_at))
    weeks = select(FrozenWeek.id, FrozenWeek.frozen_at).where(FrozenWeek.organisation_id == o.id)
    return found + [("standings.frozen", row.id, row.frozen_at) for row in session.execute(weeks)]


def all_are_told(session: Any, o: SimulatedOrganisation) -> None:
    """At the end, when the worker has looked long enough: every answer that settled was told, unless it was erased."""
    told = {row.invitation_id: row.told_at for row in session.execute(_TOLD, {"organisation": o.id})}
    late: list[ExpectedAnswer] = [
        answer
        for answer in o.answers
        if answer.heard and not answer.erased and told.get(answer.invitation_id) is None
    ]
    holds(not late, f"answers were told to nobody: {[answer.invitation_id for answer in late]}")
