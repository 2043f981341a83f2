"""Outcomes of accounts and contacts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlmodel import Session, col

from feedback.core.evidence.outcomes import ClientOutcome, OutcomeOf, OutcomeSource
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Contact, NotedOutcome, User


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """An outcome, as people see it."""

    id: UUID
    account_id: UUID
    contact_id: UUID | None
    contact: str | None
    happened_on: date
    outcome: ClientOutcome
    value_before: float | None
    value_after: float | None
    reason: str | None
    noted_by: str | None
    noted_at: datetime
    source: OutcomeSource
    corrected_at: datetime | None
    retracted_at: datetime | None


def outcomes_that_stand(
    session: Session, organisation_id: UUID, account_ids: Collection[UUID] | None = None
) -> list[OutcomeOf]:
    """Return all outcomes that were not retracted, by day; of these accounts, where they are given."""
    rows = session.execute(
        select(
            col(NotedOutcome.id), col(NotedOutcome.account_id), col(NotedOutcome.contact_id),
            col(NotedOutcome.happened_on), col(NotedOutcome.outcome), col(NotedOutcome.value_before),
            col(NotedOutcome.value_after),
        )
        .where(
            col(NotedOutcome.organisation_id) == organisation_id, col(NotedOutcome.retracted_at).is_(None),
            true() if account_ids is None else col(NotedOutcome.account_id).in_(account_ids),
        )
        .order_by(col(NotedOutcome.happened_on), col(NotedOutcome.id))
    )  # fmt: skip
    return [OutcomeOf(*row) for row in rows]


def outcomes_of(session: Session, organisation_id: UUID, account_id: UUID) -> list[OutcomeView]:
    """Return all outcomes of an account and of its contacts, also retracted ones; the latest first."""
    return _views(session, organisation_id, col(NotedOutcome.account_id) == account_id)


def outcome_view(session: Session, organisation_id: UUID, outcome_id: UUID) -> OutcomeView | None:
    """Return an outcome; None where there is none of this id."""
    return next(iter(_views(session, organisation_id, col(NotedOutcome.id) == outcome_id)), None)


def outcome_of_alert(session: Session, organisation_id: UUID, alert_id: UUID) -> OutcomeView | None:
    """Return the outcome that was noted as an alert was closed, and stands; None without one."""
    which = (col(NotedOutcome.alert_id) == alert_id) & col(NotedOutcome.retracted_at).is_(None)
    return next(iter(_views(session, organisation_id, which)), None)


def outcome_on(
    session: Session, organisation_id: UUID, account_id: UUID, contact_id: UUID | None, day: date
) -> NotedOutcome | None:
    """Return the outcome of an account, or of one contact there, that stands for a day; None without one."""
    whose = col(NotedOutcome.contact_id)
    found = select(NotedOutcome).where(
        col(NotedOutcome.organisation_id) == organisation_id,
        col(NotedOutcome.account_id) == account_id,
        whose.is_(None) if contact_id is None else whose == contact_id,
        col(NotedOutcome.happened_on) == day,
        col(NotedOutcome.retracted_at).is_(None),
    )
    return session.scalars(found.order_by(col(NotedOutcome.id)).limit(1)).first()


def outcomes_at(
    session: Session, organisation_id: UUID, account_ids: Collection[UUID]
) -> dict[tuple[UUID, UUID | None, date], OutcomeView]:
    """Return the outcomes of these accounts by account, contact and day: the one that stands, else one that was
    retracted."""
    found: dict[tuple[UUID, UUID | None, date], OutcomeView] = {}
    for each in _views(session, organisation_id, col(NotedOutcome.account_id).in_(account_ids)):
        key = each.account_id, each.contact_id, each.happened_on
        if key not in found or each.retracted_at is None:
            found[key] = each
    return found


def outcome_views(session: Session, organisation_id: UUID, ids: Collection[UUID]) -> list[OutcomeView]:
    """Return the outcomes of these ids that are there."""
    return _views(session, organisation_id, col(NotedOutcome.id).in_(ids))


def _views(session: Session, organisation_id: UUID, which: ColumnElement[bool]) -> list[OutcomeView]:
    rows = session.execute(
        select(
            col(NotedOutcome.id), col(NotedOutcome.account_id), col(NotedOutcome.contact_id),
            col(Contact.name).label("contact"), col(NotedOutcome.happened_on), col(NotedOutcome.outcome),
            col(NotedOutcome.value_before), col(NotedOutcome.value_after), col(NotedOutcome.reason),
            col(User.name).label("noted_by"), col(NotedOutcome.created_at).label("noted_at"),
            col(NotedOutcome.source), col(NotedOutcome.corrected_at), col(NotedOutcome.retracted_at),
        )
        .select_from(NotedOutcome)
        .outerjoin(Contact, references(NotedOutcome, NotedOutcome.contact_id, Contact))
        .outerjoin(User, references(NotedOutcome, NotedOutcome.noted_by_id, User))
        .where(col(NotedOutcome.organisation_id) == organisation_id, which)
        .order_by(col(NotedOutcome.happened_on).desc(), col(NotedOutcome.id).desc())
    )  # fmt: skip
    return views(OutcomeView, rows)
