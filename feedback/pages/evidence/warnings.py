"""The warnings' own record: what was known before each outcome."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import answer_access, shows_reason
from feedback.core.dimensions import mean
from feedback.core.evidence.outcomes import OutcomeOf, last_outcomes
from feedback.core.evidence.warnings import (
    Heard,
    KnownOf,
    Period,
    Warned,
    WarningRecord,
    case_of,
    could_be_warned,
    period_starts,
    warning_record,
)
from feedback.db.rows import SixColumns
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Alert,
    AlertReason,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Relationship,
    Side,
)
from feedback.models.feedback import Counts
from feedback.pages.evidence.frame import EvidenceScope
from feedback.store.history import answer_columns, answer_of
from feedback.store.outcomes import outcomes_that_stand

_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
MOST_IDS = 5000  # in a statement; with more, all accounts are read
MOST_LISTED = 500  # lost clients of which the page has a line


def warnings_section(session: Session, scope: EvidenceScope) -> dict[str, Any]:
    """Return the record of each period: counts, lead times, and the ids of the outcomes of lost clients."""
    outcomes = outcomes_that_stand(session, scope.organisation_id)
    known = known_of(session, scope, {each.account_id for each in outcomes})
    mine = [each for each in outcomes if each.account_id in known]
    accounts = _count_accounts(session, scope)
    return {"periods": {period.value: _period(scope, period, mine, known, accounts) for period in Period}}


def _period(
    scope: EvidenceScope,
    period: Period,
    outcomes: Collection[OutcomeOf],
    known: dict[UUID, KnownOf],
    accounts: int,
) -> dict[str, Any]:
    last = last_outcomes(outcomes, period_starts(period, scope.today), scope.today)
    could = [each for each in last if could_be_warned(each, known[each.account_id])]
    record = warning_record([case_of(each, known[each.account_id]) for each in could])
    silent = accounts - len({each.account_id for each in last})
    return {**_stored(record), "unmet": len(last) - len(could), "silent": max(0, silent)}


def _stored(record: WarningRecord) -> dict[str, Any]:
    return {
        "crossed": {signal.value: asdict(crossed) for signal, crossed in record.crossed.items()},
        "leads": record.leads,
        "heard": record.heard,
        "asked": record.asked,
        "reps": record.reps,
        "lost": [str(each) for each in record.lost[:MOST_LISTED]],
        "unlisted": max(0, len(record.lost) - MOST_LISTED),
    }


def known_of(session: Session, scope: EvidenceScope, account_ids: Collection[UUID]) -> dict[UUID, KnownOf]:
    """Return what is known of accounts, by their id: of all whose contacts a rep of the scope met, and in a whole
    organisation of the others, too."""
    whole = scope.teams is None
    found: defaultdict[UUID, KnownOf] = defaultdict(KnownOf)
    if not account_ids:
        return {}
    if whole:
        found.update((each, KnownOf()) for each in account_ids)
    these = col(Contact.account_id).in_(account_ids) if len(account_ids) <= MOST_IDS else true()
    for account_id, contact_id, rep_id, first in _met(session, scope, these):
        known, day = found[account_id], scope.day(first)
        known.met[contact_id] = min(day, known.met.get(contact_id, day))
        known.reps.setdefault(contact_id, set()).add(rep_id)
    for account_id, warned in _warned(session, scope, these):
        found[account_id].warned.append(warned)
    for account_id, heard in _heard(session, scope, these):
        found[account_id].heard.append(heard)
    return dict(found)


def _met(
    session: Session, scope: EvidenceScope, these: ColumnElement[bool]
) -> Iterator[tuple[UUID, UUID, UUID, datetime]]:
    rows = session.execute(
        select(col(Contact.account_id), col(Contact.id), col(Meeting.rep_id), func.min(col(Meeting.held_at)))
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .where(col(Invitation.organisation_id) == scope.organisation_id, these, scope.has_rep(Meeting.rep_id))
        .group_by(col(Contact.account_id), col(Contact.id), col(Meeting.rep_id))
    )
    return ((row[0], row[1], row[2], row[3]) for row in rows)


def _warned(
    session: Session, scope: EvidenceScope, these: ColumnElement[bool]
) -> Iterator[tuple[UUID, Warned]]:
    rows = session.execute(
        select(col(Contact.account_id), col(AlertReason.created_at), col(Contact.id), col(Relationship.rep_id), col(AlertReason.kind))
        .select_from(AlertReason)
        .join(Alert, references(AlertReason, AlertReason.alert_id, Alert))
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .where(col(AlertReason.organisation_id) == scope.organisation_id, these, scope.has_rep(Relationship.rep_id))
    )  # fmt: skip
    for account_id, at, contact_id, rep_id, kind in rows:
        if shows_reason(scope.reader, kind):
            yield account_id, Warned(scope.day(at), contact_id, rep_id, kind)


def _heard(
    session: Session, scope: EvidenceScope, these: ColumnElement[bool]
) -> Iterator[tuple[UUID, Heard]]:
    rows = session.execute(
        select(
            col(Contact.account_id), col(Contact.id), col(_Client.nps), SixColumns("ratings", _Client),
            *answer_columns(_Client, _Mirror),
        )
        .select_from(_Client)
        .join(Invitation, references(_Client, _Client.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .outerjoin(_Mirror, references(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
        .where(
            col(_Client.organisation_id) == scope.organisation_id, col(_Client.side) == Side.CLIENT,
            col(_Client.counts) == Counts.COUNTED, these, scope.has_rep(Meeting.rep_id),
        )
    )  # fmt: skip
    for row in rows:
        access = answer_access(scope.reader, answer_of(row, scope.now))
        if access.whole or access.in_words:
            at = row.settled_at or row.settles_at
            yield row.account_id, Heard(scope.day(at), row.id, mean(row.ratings), row.nps)


def _count_accounts(session: Session, scope: EvidenceScope) -> int:
    """Count the accounts that are looked after: of a whole organisation all but those that were archived or joined with
    another, of teams those whose contacts their reps met."""
    met = (
        select(col(Contact.account_id))
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(col(Contact.organisation_id) == scope.organisation_id, scope.has_rep(Relationship.rep_id))
    )
    return (
        session.scalar(
            select(func.count())
            .select_from(Account)
            .where(
                col(Account.organisation_id) == scope.organisation_id,
                col(Account.merged_at).is_(None),
                col(Account.archived_at).is_(None),
                true() if scope.teams is None else col(Account.id).in_(met),
            )
        )
        or 0
    )
