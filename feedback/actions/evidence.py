"""Figures of evidence: asking for them, and storing what the worker worked out."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from feedback.db.bulk import upsert_all
from feedback.db.change import Change
from feedback.models import EvidenceFigures

KEY = ("organisation_id", "id")


def want_evidence(c: Change) -> None:
    """Let the worker work the figures out soon: something changed that they rest on."""
    row = {"organisation_id": c.organisation_id, "id": c.organisation_id, "wanted_at": c.now}
    upsert_all(c.session, EvidenceFigures, KEY, [row])


def claim_evidence(c: Change) -> bool:
    """Take an organisation's figures from the other workers; return whether they are wanted still. What changes from now
    on asks for them anew."""
    taken = c.session.execute(
        update(EvidenceFigures)
        .where(
            col(EvidenceFigures.organisation_id) == c.organisation_id,
            col(EvidenceFigures.wanted_at).is_not(None),
        )
        .values(wanted_at=None)
        .returning(col(EvidenceFigures.id))
    ).first()
    return taken is not None


def store_evidence(c: Change, row_id: UUID, figures: dict[str, Any]) -> None:
    """Store what was worked out, at the moment of the change. figures: as pages.evidence.frame reads it."""
    row = {"organisation_id": c.organisation_id, "id": row_id, "worked_out_at": c.now, "figures": figures}
    upsert_all(c.session, EvidenceFigures, KEY, [row])


def forget_other_evidence(c: Change, row_ids: Collection[UUID]) -> None:
    """Delete the figures of everybody but these."""
    c.session.execute(
        delete(EvidenceFigures).where(
            col(EvidenceFigures.organisation_id) == c.organisation_id,
            col(EvidenceFigures.id).not_in(row_ids),
        )
    )
