"""The content of a webhook message, from what is known when it is sent: what a client erased by then is not
in it, and a rep's guess never is. README documents every field."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.access import Reader, manager_reader, shows_reason
from feedback.core.alerts.reasons import Reason, leading
from feedback.core.calendar.weeks import week_on
from feedback.core.dimensions import DIMENSIONS
from feedback.db.tenancy import references
from feedback.models import Account, Alert, AlertReason, Contact, Relationship, Standing, User
from feedback.models import FrozenWeek as WeekRow
from feedback.models.webhook import Event
from feedback.store.invitations import invitation_by_id
from feedback.store.organisations import has_works_agreement

Payload = dict[str, Any]


def payload(
    session: Session,
    organisation_id: UUID,
    event: Event,
    about_id: UUID,
    happened_at: datetime,
    now: datetime,
) -> Payload | None:
    """Return the whole message, ready for JSON; None when what it is about is gone. happened_at: when the
    event happened."""
    if event == Event.STANDINGS_FROZEN:
        data = _standings(session, organisation_id, about_id)
    elif event in (Event.ALERT_OPENED, Event.ALERT_CLOSED):
        data = _alert(session, organisation_id, about_id)
    else:
        data = _feedback(session, organisation_id, about_id, now)
    return None if data is None else {"type": event, "timestamp": _moment(happened_at), "data": data}


def _feedback(session: Session, organisation_id: UUID, invitation_id: UUID, now: datetime) -> Payload | None:
    """Return an answer as a manager may see it."""
    reader = manager_reader(works_agreement=has_works_agreement(session, organisation_id))
    found = invitation_by_id(session, organisation_id, invitation_id, reader, now)
    if found is None:
        return None
    by_person = reader is Reader.MANAGER
    rep_email = session.scalar(
        select(col(User.email)).where(
            col(User.organisation_id) == organisation_id, col(User.id) == found.rep_id
        )
    )
    loyalty = session.scalar(
        select(col(Relationship.loyalty)).where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.rep_id) == found.rep_id,
            col(Relationship.contact_id) == found.contact_id,
        )
    )
    said = found.client
    return {
        "invitation_id": str(found.id),
        "held_at": _moment(found.held_at),
        "rep": {"name": found.rep, "email": rep_email} if by_person else None,
        "contact": found.contact,
        "account": found.account,
        "ratings": dict(zip(DIMENSIONS, said.ratings, strict=True)),
        "comment": said.comment,
        "visibility": "manager" if said.hidden_from_rep else "rep",
        "counts": "erased" if said.erased_at else said.counts,
        "loyalty": _round(loyalty) if by_person else None,
    }


def _alert(session: Session, organisation_id: UUID, alert_id: UUID) -> Payload | None:
    row = session.execute(
        select(Alert, col(User.name), col(User.email), col(Contact.name), col(Account.name))
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .where(col(Alert.organisation_id) == organisation_id, col(Alert.id) == alert_id)
    ).first()
    if row is None:
        return None
    alert, rep, rep_email, contact, account = row
    reader = manager_reader(works_agreement=has_works_agreement(session, organisation_id))
    reasons = session.execute(
        select(col(AlertReason.kind), col(AlertReason.severity), col(AlertReason.created_at))
        .where(
            col(AlertReason.organisation_id) == organisation_id,
            col(AlertReason.alert_id) == alert_id,
            col(AlertReason.struck_at).is_(None),
        )
        .order_by(col(AlertReason.created_at), col(AlertReason.id))
    )
    shown = [row for row in reasons if shows_reason(reader, row.kind)]
    first = leading(Reason(kind, severity) for kind, severity, _ in shown)
    if not shows_reason(reader, alert.kind) and first is None:
        return None
    return {
        "alert_id": str(alert.id),
        "kind": alert.kind if shows_reason(reader, alert.kind) else first and first.kind,
        "severity": first.severity if first and reader is Reader.TEAMS else alert.severity,
        "reasons": [{"kind": kind, "severity": how, "since": _moment(since)} for kind, how, since in shown],
        "opened_at": _moment(alert.created_at),
        "due_at": _moment(alert.due_at),
        "closed_at": _moment(alert.closed_at) if alert.closed_at else None,
        "outcome": alert.outcome,
        "rep": {"name": rep, "email": rep_email} if reader is Reader.MANAGER else None,
        "contact": contact,
        "account": account,
    }


def _standings(session: Session, organisation_id: UUID, week_id: UUID) -> Payload | None:
    week = session.get(WeekRow, (organisation_id, week_id))
    if week is None:
        return None
    if has_works_agreement(session, organisation_id):
        return {"week": str(week_on(week.monday)), "standings": []}
    rows = session.execute(
        select(Standing, col(User.name), col(User.email))
        .join(User, references(Standing, Standing.rep_id, User))
        .where(col(Standing.organisation_id) == organisation_id, col(Standing.monday) == week.monday)
        .order_by(col(Standing.rank).nulls_last(), col(User.name), col(User.id))
    )
    return {
        "week": str(week_on(week.monday)),
        "standings": [
            {
                "rank": row.rank,
                "rep": {"name": name, "email": email},
                "score": _round(row.score),
                "low": _round(row.low),
                "high": _round(row.high),
                "voices": _round(row.voices),
            }
            for row, name, email in rows
        ],
    }


def _moment(moment: datetime) -> str:
    """Return a time in ISO 8601, in UTC, such as 2026-11-18T11:00:00Z."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _round(number: float | None) -> float | None:
    """Round to two decimals, as leaderboard.csv does."""
    return None if number is None else round(number, 2)
