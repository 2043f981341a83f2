"""The list of accounts, worst first: sorted and counted by the database, for there may be many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, select, true
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from feedback.core.access import sees_all_teams
from feedback.core.accounts import AccountState, worst_first
from feedback.core.finding import holds_words
from feedback.core.gaps.quadrants import MapPlace
from feedback.core.scoring.levels import LEVELS_FROM, Level
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Relationship
from feedback.pages.accounts import AccountView, accounts_among, views_of_rows
from feedback.store.contacts import has_words, name_key
from feedback.store.given import accounts_given
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer
from feedback.store.relationships import fresh_relationships


@dataclass(frozen=True, slots=True)
class Totals:
    """The number of accounts in a state, and what they are worth together."""

    count: int = 0
    value: float | None = (
        None  # per year, in the organisation's money; None where no account has a known value
    )

    def __add__(self, other: "Totals") -> "Totals":
        known = [value for value in (self.value, other.value) if value is not None]
        return Totals(self.count + other.count, sum(known) if known else None)


@dataclass(frozen=True, slots=True)
class AccountList:
    """Some of the accounts that somebody may see, and how many there are."""

    shown: list[AccountView]
    totals: dict[AccountState, Totals]


def accounts(
    session: Session,
    viewer: Viewer,
    now: datetime,
    skip: int,
    take: int,
    *,
    team_id: UUID | None = None,
    words: str = "",
    state: AccountState | None = None,
    archived: bool = False,
) -> AccountList:
    """Return `take` of the accounts where reps whom the viewer may see met somebody or are to, after the first `skip`, worst
    first; an owner who asks for no team also gets those where nobody did. words: that the name holds. state: only those
    in this state are listed; all are counted. archived: those that are, and no others. A fresh one may stand anywhere
    between the stored ones, so as many more of these are read. By who looks after the clients now. Raises
    WorksAgreement."""
    viewer.figures.require_by_person()
    whose = of_clients_looked_after(session, viewer, team_id)
    gone = col(Account.archived_at)
    named = has_words(Account.search, words) & (gone.is_not(None) if archived else gone.is_(None))
    named &= col(Account.merged_at).is_(None)
    behind = {each.account_id for each in fresh_relationships(session, viewer, whose, now)}
    wanted = named & col(Account.id).not_in(behind) if behind else named
    everything = sees_all_teams(viewer.role) and team_id is None
    given = set() if everything else accounts_given(session, viewer, team_id)
    found = _states(session, viewer, now, wanted, whose, everything, given)
    fresh = [
        each
        for each in accounts_among(session, viewer, list(behind), whose, now)
        if holds_words(each.name, words) and (each.archived_at is not None) == archived
    ]
    listed = [each for each in fresh if state in (None, each.state)]
    first = max(0, skip - len(listed))
    rows = session.execute(_counted_page(found, state, first, skip + take - first)).all()
    totals = {state: Totals() for state in AccountState}
    totals |= {AccountState(row.its): Totals(row.how_many, row.worth_together) for row in rows}
    for each in fresh:
        totals[each.state] += Totals(1, each.value)
    stored = views_of_rows(session, viewer, now, [row for row in rows if row.id], whose)
    merged = sorted([*stored, *listed], key=_worst_first) if listed else stored
    return AccountList(merged[skip - first :][:take], totals)


def _counted_page(found: CTE, state: AccountState | None, first: int, most: int) -> Select[*tuple[Any, ...]]:
    """Return the query of some accounts, worst first, each beside the totals of its state; a state without any among
    them has a row by itself. At once, for what is counted takes long to find."""
    its = found.c
    totals = (
        select(its.state, func.count().label("how_many"), func.sum(its.value).label("worth_together"))
        .group_by(its.state)
        .subquery("totals")
    )
    page = (
        select(found)
        .where(true() if state is None else its.state == state.value)
        .order_by(*_in_order(its))
        .offset(first or None)
        .limit(most)
        .subquery("page")
    )
    columns = [column for column in page.c if column.name != "state"]
    return (
        select(totals.c.state.label("its"), totals.c.how_many, totals.c.worth_together, *columns)
        .join(page, page.c.state == totals.c.state, isouter=True)
        .order_by(*_in_order(page.c))
    )


def _in_order(its: Any) -> tuple[Any, ...]:
    """Return the order of worst_first, by the columns of _states."""
    return its.place, its.worth.desc(), its.sorted_loyalty, its.name_key


def _worst_first(account: AccountView) -> tuple[bool, float, float, str]:
    return worst_first(account.state, account.value, account.soundness.loyalty, name_key(account.name))


def _states(
    session: Session,
    viewer: Viewer,
    now: datetime,
    wanted: ColumnElement[bool],
    whose: ColumnElement[bool],
    everything: bool,
    given: Collection[UUID],
) -> CTE:
    """Return the accounts in `wanted` with the state that core.accounts gives them, and what worst_first sorts by.
    everything: also those without a relationship in `whose`. given: those of these likewise."""
    loyalty, vote = col(Relationship.loyalty), col(Relationship.vote)
    counted = loyalty.is_not(None) & (vote > 0)
    thin = col(Relationship.lukewarm) | (col(Relationship.place) == MapPlace.BLIND_SPOT)
    met = (
        select(
            col(Contact.account_id).label("account_id"),
            func.count().label("relationships"),
            (func.sum(case((counted, vote * loyalty))) / func.sum(case((counted, vote)))).label("loyalty"),
            func.count(loyalty).label("heard"),
            func.sum(case((loyalty.is_not(None), vote), else_=0.0)).label("votes"),
            func.max(col(Relationship.last_meeting_at)).label("last_meeting_at"),
            func.max(case((thin, 1), else_=0)).label("thin"),
        )
        .select_from(Contact)
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(col(Contact.organisation_id) == viewer.organisation_id, whose)
        .group_by(col(Contact.account_id))
        .subquery()
    )
    bound = next(least for least, name in LEVELS_FROM if name is Level.PREDISPOSED)
    at_risk = (
        (met.c.loyalty < bound)
        | (met.c.last_meeting_at < _silent_before(session, viewer, now))
        | ((met.c.relationships == 1) & (met.c.thin == 1))
    )
    state = case(
        (at_risk, literal(AccountState.AT_RISK.value)),
        (met.c.loyalty.is_(None), literal(AccountState.UNKNOWN.value)),
        else_=literal(AccountState.SOUND.value),
    )
    return (
        select(
            col(Account.id),
            col(Account.name),
            col(Account.name_key),
            col(Account.value),
            col(Account.review_days),
            col(Account.renews_on),
            col(Account.archived_at),
            func.coalesce(met.c.relationships, 0).label("relationships"),
            func.coalesce(met.c.heard, 0).label("heard"),
            func.coalesce(met.c.votes, 0.0).label("votes"),
            met.c.loyalty,
            met.c.last_meeting_at,
            state.label("state"),
            case((at_risk, 0), else_=1).label("place"),
            case((at_risk, func.coalesce(col(Account.value), 0.0)), else_=0.0).label("worth"),
            func.coalesce(met.c.loyalty, 101.0).label("sorted_loyalty"),
        )
        .join(met, met.c.account_id == col(Account.id), isouter=everything or bool(given))
        .where(col(Account.organisation_id) == viewer.organisation_id, wanted)
        .where(met.c.account_id.is_not(None) | col(Account.id).in_(given) if given else true())
        .cte("found")
    )


def _silent_before(session: Session, viewer: Viewer, now: datetime) -> ColumnElement[datetime]:
    """Return, for an account, the moment before which its last meeting makes it silent: the beginning of the day that
    is its review interval ago, by the organisation's clocks."""
    zone = ZoneInfo(viewer.timezone)
    today = now.astimezone(zone).date()
    own = session.scalars(
        select(col(Account.review_days))
        .where(col(Account.organisation_id) == viewer.organisation_id, col(Account.review_days).is_not(None))
        .distinct()
    ).all()

    def began(days: int) -> datetime:
        return datetime.combine(today - timedelta(days=days), time(), zone).astimezone(UTC)

    usual = literal(began(viewer.review_days), UTCDateTime())
    its_own = [
        (col(Account.review_days) == days, literal(began(days), UTCDateTime())) for days in own if days
    ]
    return case(*its_own, else_=usual) if its_own else usual
