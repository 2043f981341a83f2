"""A line for each lost client: what was known when, and what was done. Read as the page is made, so that it shows nothing
of what was erased, and no client whom the reader may not see."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.alerts.reasons import AlertAction, Kind, Outcome
from feedback.core.evidence.warnings import HORIZON, Case, Heard, KnownOf, case_of, is_warning
from feedback.db.tenancy import references
from feedback.models import Account, Alert, AlertEvent, Contact, Relationship, User
from feedback.pages.evidence.frame import EvidenceScope
from feedback.pages.evidence.warnings import known_of
from feedback.store.outcomes import OutcomeView, outcome_views, outcomes_that_stand


@dataclass(frozen=True, slots=True)
class DoneLine:
    """One thing that somebody did about an alert, or that an alert closed by itself."""

    day: date
    what: AlertAction
    who: str | None
    outcome: Outcome | None
    alert_id: UUID


@dataclass(frozen=True, slots=True)
class LostLine:
    """One lost client."""

    outcome: OutcomeView
    account: str
    case: Case
    first_kinds: list[Kind]  # of the reasons given on the day of the first warning
    last: Heard | None  # the last answer before the loss
    done: list[DoneLine]  # from the first warning until the day of the loss, oldest first


def lost_lines(session: Session, scope: EvidenceScope, outcome_ids: Sequence[UUID]) -> list[LostLine]:
    """Return a line for each of these outcomes, in their order. One that was retracted, corrected to another outcome, or
    is of a client whom nobody of the scope met, is left out."""
    shown = {view.id: view for view in outcome_views(session, scope.organisation_id, outcome_ids)}
    accounts = {view.account_id for view in shown.values()}
    outcomes = {each.id: each for each in outcomes_that_stand(session, scope.organisation_id, accounts)}
    known = known_of(session, scope, accounts)
    names = _names(session, scope.organisation_id, accounts)
    done = _done(session, scope, accounts)
    return [
        _line(scope, shown[each], names[outcome.account_id], case_of(outcome, known[outcome.account_id]), known[outcome.account_id], done)
        for each in outcome_ids
        if (outcome := outcomes.get(each)) and outcome.lost and outcome.account_id in known
    ]  # fmt: skip


def _line(
    scope: EvidenceScope,
    view: OutcomeView,
    account: str,
    case: Case,
    known: KnownOf,
    done: dict[UUID, list[tuple[UUID, DoneLine]]],
) -> LostLine:
    mine, day, first = known.of(view.contact_id), case.outcome.day, case.warned_on
    heard = [each for each in mine.heard if day - HORIZON <= each.day < day]
    about = [
        line
        for contact_id, line in done.get(view.account_id, ())
        if view.contact_id in (None, contact_id) and first and first <= line.day <= day
    ]
    kinds = {each.kind for each in mine.warned if each.day == first and is_warning(each.kind)}
    return LostLine(
        outcome=view,
        account=account,
        case=case,
        first_kinds=[kind for kind in Kind if kind in kinds],
        last=max(heard, key=lambda each: each.day, default=None),
        done=about,
    )


def _names(session: Session, organisation_id: UUID, account_ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(col(Account.id), col(Account.name)).where(
            col(Account.organisation_id) == organisation_id, col(Account.id).in_(account_ids)
        )
    )
    return {row.id: row.name for row in rows}


def _done(
    session: Session, scope: EvidenceScope, account_ids: Collection[UUID]
) -> dict[UUID, list[tuple[UUID, DoneLine]]]:
    """Return what was done at accounts, each with the id of the contact whom it was about."""
    rows = session.execute(
        select(
            col(Contact.account_id), col(Contact.id), col(AlertEvent.created_at), col(AlertEvent.what),
            col(User.name), col(AlertEvent.outcome), col(AlertEvent.alert_id),
        )
        .select_from(AlertEvent)
        .join(Alert, references(AlertEvent, AlertEvent.alert_id, Alert))
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .outerjoin(User, references(AlertEvent, AlertEvent.user_id, User))
        .where(
            col(AlertEvent.organisation_id) == scope.organisation_id, col(Contact.account_id).in_(account_ids),
            scope.has_rep(Relationship.rep_id),
        )
        .order_by(col(AlertEvent.created_at), col(AlertEvent.id))
    )  # fmt: skip
    found: defaultdict[UUID, list[tuple[UUID, DoneLine]]] = defaultdict(list)
    for account_id, contact_id, at, what, who, outcome, alert_id in rows:
        found[account_id].append((contact_id, DoneLine(scope.day(at), what, who, outcome, alert_id)))
    return dict(found)
