"""What is true here: the claims, worked out from relationships, values and outcomes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import groupby
from math import inf, isfinite
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlmodel import Session, col

from feedback.core.access import sees_guess
from feedback.core.evidence.claims import Claim, ClaimFinding, ClaimVerdict, RangedFigure, WhyEarly
from feedback.core.evidence.claims_business import ValuedAccount, business_finding
from feedback.core.evidence.claims_outcomes import (
    DAYS_BEFORE,
    EndedClient,
    last_answer,
    lukewarm_finding,
    satisfied_finding,
)
from feedback.core.evidence.claims_person import LoyalRelationship, person_finding
from feedback.core.evidence.claims_relationships import (
    GuessedRelationship,
    RepGaps,
    RepHalves,
    gaps_finding,
    in_halves,
    underestimate_finding,
)
from feedback.core.evidence.outcomes import last_outcomes
from feedback.db.tenancy import references
from feedback.models import Account, Contact, NotedOutcome, Relationship
from feedback.pages.evidence.frame import EvidenceScope
from feedback.pages.evidence.said import answers_said, in_portions, last_before
from feedback.store.outcomes import outcomes_that_stand

REPS_AT_A_TIME = 50


def claims_section(session: Session, scope: EvidenceScope) -> dict[str, Any]:
    """Return the finding about each claim. Those that rest on what reps guessed are left out where managers see no
    guess."""
    clients = list(_ended(session, scope))
    guessed = sees_guess(scope.reader, sealed=True)
    found = [
        *(
            (gaps_finding(_gaps(session, scope)), underestimate_finding(_halves(session, scope)))
            if guessed
            else ()
        ),
        satisfied_finding(clients),
        business_finding(_valued(session, scope)),
        person_finding(_loyal(session, scope)),
        lukewarm_finding(clients),
    ]
    return {"findings": [stored_finding(each) for each in found]}


def stored_finding(finding: ClaimFinding) -> dict[str, Any]:
    """Return a finding as JSON can hold it: there, None is a figure without an upper end."""
    figures = [
        {
            name: value if isinstance(value, str) or isfinite(value) else None
            for name, value in asdict(each).items()
        }
        for each in finding.figures
    ]
    return {
        "claim": finding.claim.value, "verdict": finding.verdict.value, "figures": figures,
        "sample": dict(finding.sample), "reps": finding.reps,
        "early": finding.early.value if finding.early else None,
    }  # fmt: skip


def finding_of(stored: dict[str, Any]) -> ClaimFinding:
    """Return a finding from what stored_finding made of it."""
    figures = tuple(
        RangedFigure(
            each["name"],
            _end(each["value"]),
            each["low"],
            _end(each["high"]),
            each["threshold"],
        )
        for each in stored["figures"]
    )
    early = WhyEarly(stored["early"]) if stored["early"] else None
    return ClaimFinding(
        Claim(stored["claim"]), ClaimVerdict(stored["verdict"]), figures, stored["sample"], stored["reps"], early
    )  # fmt: skip


def _end(value: float | None) -> float:
    return inf if value is None else value


def _gaps(session: Session, scope: EvidenceScope) -> Iterator[RepGaps]:
    real = col(Relationship.real_gap)
    rows = session.execute(
        select(func.count(real), func.sum(case((real.is_(True), 1), else_=0)))
        .where(col(Relationship.organisation_id) == scope.organisation_id, scope.has_rep(Relationship.rep_id))
        .group_by(col(Relationship.rep_id))
    )
    return (RepGaps(could, have or 0) for could, have in rows)


def _halves(session: Session, scope: EvidenceScope) -> Iterator[RepHalves]:
    here = (
        col(Relationship.organisation_id) == scope.organisation_id,
        scope.has_rep(Relationship.rep_id),
        col(Relationship.loyalty).is_not(None),
        col(Relationship.bias).is_not(None),
    )

    def of_reps(rep_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        return (
            select(
                col(Relationship.rep_id), col(Contact.account_id), col(Relationship.loyalty), col(Relationship.bias)
            )
            .join(Contact, references(Relationship, Relationship.contact_id, Contact))
            .where(*here, col(Relationship.rep_id).in_(rep_ids))
            .order_by(col(Relationship.rep_id), col(Relationship.id))
        )  # fmt: skip

    reps = select(col(Relationship.rep_id)).where(*here).distinct().order_by(col(Relationship.rep_id))
    for rep_id, some in groupby(
        in_portions(session, reps, of_reps, REPS_AT_A_TIME), key=lambda row: row.rep_id
    ):
        yield in_halves(rep_id, [GuessedRelationship(row[1], row[2], row[3]) for row in some])


def _heard(session: Session, scope: EvidenceScope, *where: ColumnElement[bool]) -> Iterator[Any]:
    """Return the relationships with a counted answer, those of one account together. where: conditions on Account."""
    accounts = select(col(Account.id)).where(col(Account.organisation_id) == scope.organisation_id, *where)

    def of_accounts(account_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
        return (
            select(
                col(Account.id), col(Account.value), col(Relationship.rep_id), col(Relationship.loyalty),
                col(Relationship.vote),
            )
            .select_from(Relationship)
            .join(Contact, references(Relationship, Relationship.contact_id, Contact))
            .join(Account, references(Contact, Contact.account_id, Account))
            .where(
                col(Relationship.organisation_id) == scope.organisation_id, scope.has_rep(Relationship.rep_id),
                col(Relationship.loyalty).is_not(None), col(Relationship.vote) > 0, col(Account.id).in_(account_ids),
            )
            .order_by(col(Account.id), col(Relationship.id))
        )  # fmt: skip

    return in_portions(session, accounts.order_by(col(Account.id)), of_accounts)


def _loyal(session: Session, scope: EvidenceScope) -> Iterator[LoyalRelationship]:
    return (LoyalRelationship(row.id, row.rep_id, row.loyalty) for row in _heard(session, scope))


def _valued(session: Session, scope: EvidenceScope) -> Iterator[ValuedAccount]:
    rows = _heard(session, scope, col(Account.value) > 0, col(Account.archived_at).is_(None))
    for _, some in groupby(rows, key=lambda row: row.id):
        yield _account(list(some))


def _account(rows: list[Any]) -> ValuedAccount:
    votes = sum(row.vote for row in rows)
    loyalty = sum(row.vote * row.loyalty for row in rows) / votes
    return ValuedAccount(rows[0].value, loyalty, frozenset(row.rep_id for row in rows))


def _ended(session: Session, scope: EvidenceScope) -> Iterable[EndedClient]:
    """Return the clients with an outcome, and what each had said last in the year before the last one."""
    outcomes = last_outcomes(outcomes_that_stand(session, scope.organisation_id), date.min, scope.today)
    if not outcomes:
        return ()
    noted = select(col(NotedOutcome.account_id)).where(
        col(NotedOutcome.organisation_id) == scope.organisation_id
    )
    said = answers_said(session, scope, col(Contact.account_id).in_(noted))
    return (
        EndedClient(outcome.lost, last_answer(last.rep_id, last.ratings, last.comment))
        for outcome, last in last_before(outcomes, said, DAYS_BEFORE)
    )
