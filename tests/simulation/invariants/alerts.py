"""Alerts: one open for a relationship, with reasons that hold."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from feedback.core.dimensions import DIMENSIONS
from feedback.db.tenancy import references
from feedback.models import (
    Alert,
    AlertEvent,
    AlertReason,
    Feedback,
    Merge,
    Relationship,
    Side,
)
from simulation.invariants.plain import holds
from simulation.organisation import SimulatedOrganisation
from simulation.phones import ExpectedAnswer

FROM_ANSWER = {"low", "broken_promise", "drop", "blind_spot", "fine", "ahead"}
DOUBTS = {"disputed", "doubtful", "unusual"}


_OPEN = (
    select(Alert.id, Alert.severity, AlertReason.severity.label("reason"))
    .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
    .join(AlertReason, references(AlertReason, AlertReason.alert_id, Alert))
    .where(
        Alert.organisation_id == bindparam("organisation"), Alert.closed_at.is_(None), AlertReason.struck_at.is_(None),
        Relationship.rep_id == bindparam("rep"), Relationship.contact_id == bindparam("contact"),
    )
)  # fmt: skip


def alert_of_pair(session: Any, answer: ExpectedAnswer) -> None:
    """Check the open alert of one relationship."""
    pair = {"organisation": answer.organisation.id, "rep": answer.rep_id, "contact": answer.contact_id}
    rows = session.execute(_OPEN, pair).all()
    holds(len({row.id for row in rows}) < 2, "two open alerts for one relationship")
    if rows:
        highest = "urgent" if any(row.reason == "urgent" for row in rows) else "watch"
        holds(rows[0].severity == highest, f"the alert is {rows[0].severity}, its reasons are {highest}")


def joined_alerts(session: Any, o: SimulatedOrganisation) -> set[UUID]:
    """Return the alerts whose reasons are another's, for their clients were joined."""
    moved = session.scalars(
        select(Merge.moved).where(Merge.organisation_id == o.id, Merge.undone_at.is_(None))
    )
    return {
        UUID(pair["alert"]["closed"]) for each in moved for pair in each.get("joined", ()) if pair["alert"]
    }


def alerts(session: Any, o: SimulatedOrganisation) -> None:
    """Check every alert with its reasons and its history."""
    every = session.scalars(select(Alert).where(Alert.organisation_id == o.id)).all()
    reasons: defaultdict[UUID, list[AlertReason]] = defaultdict(list)
    for reason in session.scalars(select(AlertReason).where(AlertReason.organisation_id == o.id)):
        reasons[reason.alert_id].append(reason)
    events: defaultdict[UUID, list[AlertEvent]] = defaultdict(list)
    for event in session.scalars(
        select(AlertEvent).where(AlertEvent.organisation_id == o.id).order_by(AlertEvent.id)
    ):
        events[event.alert_id].append(event)
    clients = {
        row.invitation_id: row
        for row in session.scalars(
            select(Feedback).where(Feedback.organisation_id == o.id, Feedback.side == Side.CLIENT)
        )
    }
    open_of: set[UUID] = set()
    joined = joined_alerts(session, o)
    for alert in (each for each in every if each.id not in joined):
        standing = [reason for reason in reasons[alert.id] if reason.struck_at is None]
        touched = any(event.user_id for event in events[alert.id])
        holds(reasons[alert.id], "an alert without any reason")
        for event in events[alert.id]:
            if event.what == "closed" and event.user_id is None:
                before = [e for e in events[alert.id] if e.id < event.id and e.user_id]
                holds(not before, "an alert closed by itself that somebody had acted on")
        if alert.closed_at is not None:
            holds(any(event.what == "closed" for event in events[alert.id]), "closed, and nobody closed it")
            continue
        holds(alert.relationship_id not in open_of, "two open alerts for one relationship")
        open_of.add(alert.relationship_id)
        holds(standing or touched, "an open alert without a reason, that nobody acted on")
        if standing:
            highest = "urgent" if any(r.severity == "urgent" for r in standing) else "watch"
            holds(alert.severity == highest, f"the alert is {alert.severity}, its reasons are {highest}")
        for reason in standing:
            _reason_holds(reason, clients)
    given = {(reason.invitation_id, reason.kind) for each in reasons.values() for reason in each}
    for row in clients.values():
        low = any(getattr(row, name) == 1 for name in DIMENSIONS)
        if low and row.settled_at and row.counts == "counted" and not row.erased_at:
            holds((row.invitation_id, "low") in given, "a 1 gave no reason for an alert")


def _reason_holds(reason: AlertReason, clients: dict[UUID, Feedback]) -> None:
    if reason.invitation_id is None:
        return
    row = clients[reason.invitation_id]
    if reason.kind in FROM_ANSWER:
        holds(row.erased_at is None, f"an erased answer gives a reason: {reason.kind}")
        holds(row.counts == "counted", f"an answer that does not count gives a reason: {reason.kind}")
    if reason.kind == "low":
        holds(any((getattr(row, name) or 5) <= 2 for name in DIMENSIONS), "low, and nothing is low")
    if reason.kind in DOUBTS:
        holds(row.decided_at is None, "a doubt stands that was decided")
    if reason.kind == "disputed":
        holds(row.disputed_at is not None, "disputed by nobody")
