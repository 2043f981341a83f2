"""Works out the figures of the page of evidence: once a night, and soon after outcomes changed."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from feedback.actions.change import tap
from feedback.actions.evidence import claim_evidence, forget_other_evidence, store_evidence, want_evidence
from feedback.db.change import Change
from feedback.db.engine import Database
from feedback.jobs.drivers import drivers_section
from feedback.pages.evidence.claims import claims_section
from feedback.pages.evidence.frame import EvidenceScope, Section, scopes
from feedback.pages.evidence.health import health_section
from feedback.pages.evidence.warnings import warnings_section
from feedback.store.evidence import evidence_worked_out_at, wanted_evidence

log = logging.getLogger("feedback.evidence")

# The sections of the page, in the order in which they are worked out, by the name under which they are stored.
SECTIONS: dict[str, Section] = {
    "warnings": warnings_section,
    "claims": claims_section,
    "drivers": drivers_section,
    "health": health_section,
}


def want_nightly_evidence(c: Change) -> None:
    """Ask for the figures where they are of a day that is over, or there are none."""
    at = evidence_worked_out_at(c.session, c.organisation_id)
    if at is None or at.astimezone(c.zone).date() < c.now.astimezone(c.zone).date():
        want_evidence(c)


def run_evidence(db: Database, clock: Callable[[], datetime]) -> int:
    """Work out the figures of the organisations that wait for theirs; return of how many."""
    with db.reading() as session:
        waiting = wanted_evidence(session)
    return sum(work_out_evidence(db, organisation_id, clock()) for organisation_id in waiting)


def work_out_evidence(db: Database, organisation_id: UUID, now: datetime) -> bool:
    """Work out one organisation's figures, for the owners and for each manager; return whether this worker did."""
    with tap(db, organisation_id, now) as c:
        if not claim_evidence(c):
            return False
    with db.reading() as session:
        wanted = scopes(session, organisation_id, now)
        done = {row_id: _figures(session, scope) for row_id, scope in wanted.items()}
    with tap(db, organisation_id, now) as c:
        for row_id, figures in done.items():
            store_evidence(c, row_id, figures)
        forget_other_evidence(c, list(done))
    return True


def _figures(session: Session, scope: EvidenceScope) -> dict[str, Any]:
    return {
        "scope": scope.key,
        "sections": {name: _section(session, scope, name, section) for name, section in SECTIONS.items()},
    }


def _section(session: Session, scope: EvidenceScope, name: str, section: Section) -> dict[str, Any] | None:
    """Work out one section; None where it fails, which holds up no other."""
    try:
        return section(session, scope)
    except Exception:
        log.exception("the section %s could not be worked out", name)
        return None
