"""What managers see of clients where figures by person are shown to nobody: how many there are in whole groups, who they
are, and what needs doing."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, true, union_all
from sqlmodel import Session, col

from feedback.core.access import NotFound, sees_all_teams
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Relationship
from feedback.pages.alerts import AlertView, open_alerts_at
from feedback.pages.relationship_list import RelationshipCounts, Selection, count_relationships, selection
from feedback.store.contacts import has_words
from feedback.store.given import given_at, met_or_given_within
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.outcomes import OutcomeView, outcome_view, outcomes_of
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class PlainAccount:
    """An account without any figure about the people who look after it."""

    id: UUID
    name: str
    value: float | None  # what it is worth a year, in the organisation's money
    own_review_days: int | None  # between two meetings at most; None where the organisation's applies
    renews_on: date | None  # when its contract is due to be renewed
    archived_at: datetime | None


_PLAIN: tuple[Any, ...] = (
    col(Account.id), col(Account.name), col(Account.value), col(Account.review_days).label("own_review_days"),
    col(Account.renews_on), col(Account.archived_at),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainContact:
    """Somebody at an account."""

    id: UUID
    name: str
    role: str | None
    erased: bool


def counts_of_group(session: Session, viewer: Viewer, now: datetime) -> RelationshipCounts | None:
    """Count the relationships of all reps that this person is responsible for, together; None where too few of them
    were heard."""
    chosen = selection(session, viewer, now, now)
    return count_relationships(chosen) if _reps_heard(chosen) >= viewer.figures.least else None


def _reps_heard(chosen: Selection) -> int:
    """Count the reps with a relationship of the selection that both sides have rated, which is in every count."""
    found = chosen.session.scalar(
        select(func.count(col(Relationship.rep_id).distinct())).where(
            col(Relationship.organisation_id) == chosen.viewer.organisation_id,
            chosen.where,
            col(Relationship.loyalty).is_not(None),
        )
    )
    return found or 0


@dataclass(frozen=True, slots=True)
class PlainAccounts:
    """The accounts that somebody may see, by name: those in use, or the archived ones."""

    session: Session
    viewer: Viewer
    words: str  # that the name holds
    archived: bool = False

    def count(self) -> int:
        """Count them."""
        return self.session.scalar(self._select(func.count())) or 0

    def page(self, skip: int, take: int) -> list[PlainAccount]:
        """Return `take` of them after the first `skip`."""
        ordered = (
            self._select(*_PLAIN)
            .order_by(col(Account.name_key), col(Account.id))
            .offset(skip or None)
            .limit(take)
        )
        return views(PlainAccount, self.session.execute(ordered))

    def _select(self, *columns: Any) -> Select[*tuple[Any, ...]]:
        gone = col(Account.archived_at)
        return select(*columns).where(
            _visible_account(self.session, self.viewer),
            has_words(Account.search, self.words),
            gone.is_not(None) if self.archived else gone.is_(None),
        )


def plain_account(session: Session, viewer: Viewer, account_id: UUID) -> PlainAccount:
    """Return one account. Raises NotFound for one that this person may not look at."""
    rows = session.execute(
        select(*_PLAIN).where(_visible_account(session, viewer), col(Account.id) == account_id)
    )
    found = views(PlainAccount, rows)
    if not found:
        raise NotFound("account")
    return found[0]


def plain_contacts(session: Session, viewer: Viewer, account_id: UUID) -> list[PlainContact]:
    """Return the people of an account whom somebody met or is to meet, for an owner all of them; by name."""
    rows = session.execute(
        select(
            col(Contact.id), col(Contact.name), col(Contact.role), col(Contact.erased_at).is_not(None).label("erased")
        )
        .where(
            col(Contact.organisation_id) == viewer.organisation_id,
            col(Contact.account_id) == account_id,
            col(Contact.merged_at).is_(None),
            true() if sees_all_teams(viewer.role) else _met(session, viewer),
        )
        .order_by(col(Contact.name), col(Contact.id))
    )  # fmt: skip
    return views(PlainContact, rows)


def outcomes_shown(session: Session, viewer: Viewer, account_id: UUID) -> list[OutcomeView]:
    """Return the outcomes of an account, the latest first; of its contacts only those whom this person may see."""
    seen = {each.id for each in plain_contacts(session, viewer, account_id)}
    every = outcomes_of(session, viewer.organisation_id, account_id)
    return [each for each in every if each.contact_id is None or each.contact_id in seen]


def outcome_for(session: Session, viewer: Viewer, outcome_id: UUID) -> OutcomeView:
    """Return an outcome of an account, or of a contact, that this person may see. Raises NotFound for any other."""
    found = outcome_view(session, viewer.organisation_id, outcome_id)
    if found is None:
        raise NotFound("outcome")
    plain_account(session, viewer, found.account_id)
    if not any(each.id == outcome_id for each in outcomes_shown(session, viewer, found.account_id)):
        raise NotFound("outcome")
    return found


def alerts_by_account(
    session: Session, viewer: Viewer, accounts: list[PlainAccount], now: datetime
) -> dict[UUID, list[AlertView]]:
    """Return the open alerts of each of these accounts, the one due first at the top."""
    found: dict[UUID, list[AlertView]] = {account.id: [] for account in accounts}
    for alert in open_alerts_at(session, viewer, list(found), now) if found else []:
        found[alert.account_id].append(alert)
    return found


def _visible_account(session: Session, viewer: Viewer) -> ColumnElement[bool]:
    here = (col(Account.organisation_id) == viewer.organisation_id) & col(Account.merged_at).is_(None)
    if sees_all_teams(viewer.role):
        return here
    at_it = references(Contact, Contact.account_id, Account)
    met = (
        select(literal(1))
        .select_from(Contact)
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(at_it, of_clients_looked_after(session, viewer))
        .correlate(Account)
    )
    return here & union_all(met, given_at(viewer)).exists()


def _met(session: Session, viewer: Viewer) -> ColumnElement[bool]:
    between = references(Relationship, Relationship.contact_id, Contact)
    met = (
        select(literal(1)).select_from(Relationship).where(between, of_clients_looked_after(session, viewer))
    )
    return met_or_given_within(met.correlate(Contact), viewer)
