"""Organisations whose figures of evidence are to be worked out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.models import EvidenceFigures


def wanted_evidence(session: Session) -> list[UUID]:
    """Return the organisations whose figures are to be worked out, in the order in which that was asked."""
    rows = session.scalars(
        select(col(EvidenceFigures.organisation_id))
        .where(col(EvidenceFigures.wanted_at).is_not(None))
        .order_by(col(EvidenceFigures.wanted_at), col(EvidenceFigures.organisation_id))
        .execution_options(across_organisations=True)
    )
    return list(rows)


def evidence_worked_out_at(session: Session, organisation_id: UUID) -> datetime | None:
    """Return when an organisation's figures were worked out last; None before the first time."""
    return session.scalar(
        select(col(EvidenceFigures.worked_out_at)).where(
            col(EvidenceFigures.organisation_id) == organisation_id,
            col(EvidenceFigures.id) == organisation_id,
        )
    )
