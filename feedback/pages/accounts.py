"""Accounts as somebody responsible for reps may see them: through the relationships of those reps."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Row, Select, case, func, literal, select, true
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from feedback.core.access import NotFound, sees_all_teams
from feedback.core.accounts import (
    AccountRelationship,
    AccountState,
    Risk,
    Soundness,
    account_state,
    risks,
    soundness,
    worst_first,
)
from feedback.core.finding import holds_words
from feedback.core.gaps.quadrants import MapPlace, QuadrantPoint, quadrant_point
from feedback.core.gaps.stages import steps_ahead
from feedback.core.scoring.levels import LEVELS_FROM, Level
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Relationship, Side
from feedback.models.feedback import Counts
from feedback.pages.relationship_map import of_accounts
from feedback.store.answered import was_answered
from feedback.store.contacts import has_words, name_key
from feedback.store.given import accounts_given
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, fresh_relationships, relationships


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account, as far as the viewer may see it."""

    id: UUID
    name: str
    value: float | None  # what it is worth a year, in the organisation's money
    review_days: int  # how many days may pass at most between two meetings
    own_review_days: int | None  # the account's own; None where the organisation's applies
    renews_on: date | None  # when its contract is due to be renewed
    archived_at: datetime | None
    # those the viewer may see; in a list of accounts only where it is a single one
    relationships: list[RelationshipView]
    soundness: Soundness
    risks: tuple[Risk, ...]
    state: AccountState
    last_meeting_at: datetime | None
    days: int | None  # since the last meeting; None before the first

    @property
    def at_risk(self) -> bool:
        """Whether the account is at risk (core.accounts decides)."""
        return self.state is AccountState.AT_RISK

    @property
    def point(self) -> QuadrantPoint | None:
        """Return the place on the map of the account's only relationship; None unless both sides rated it.
        For an account with exactly one relationship."""
        numbers = self.relationships[0].numbers
        return quadrant_point(numbers.client, numbers.mirror)


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
class Stages:
    """The latest stage that each side named."""

    client: str | None = None  # as the client says; None without an answer
    rep: str | None = None  # as the rep sealed it; None without one

    @property
    def ahead(self) -> int | None:
        """Return the rep's stage minus the client's, in steps; None unless both are known."""
        return steps_ahead(self.rep, self.client)


@dataclass(frozen=True, slots=True)
class AccountList:
    """Some of the accounts that somebody may see, and how many there are."""

    shown: list[AccountView]
    totals: dict[AccountState, Totals]


def _sound(row: Row[*tuple[Any, ...]], viewer: Viewer, now: datetime) -> Soundness:
    """Return what core.accounts.soundness does, from the sums over an account's relationships."""
    voices = round(row.votes / viewer.scoring.weight(now), 9)  # a sum by the database is less exact than fsum
    return Soundness(row.loyalty, row.relationships, row.heard, voices)


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
        for each in _accounts(session, viewer, now, list(behind), whose)
        if holds_words(each.name, words) and (each.archived_at is not None) == archived
    ]
    listed = [each for each in fresh if state in (None, each.state)]
    first = max(0, skip - len(listed))
    rows = session.execute(_counted_page(found, state, first, skip + take - first)).all()
    totals = {state: Totals() for state in AccountState}
    totals |= {AccountState(row.its): Totals(row.how_many, row.worth_together) for row in rows}
    for each in fresh:
        totals[each.state] += Totals(1, each.value)
    stored = _views_of(session, viewer, now, [row for row in rows if row.id], whose)
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


def _views_of(
    session: Session,
    viewer: Viewer,
    now: datetime,
    rows: list[Row[*tuple[Any, ...]]],
    whose: ColumnElement[bool],
) -> list[AccountView]:
    single = [row.id for row in rows if row.relationships == 1]
    met = _met(session, viewer, now, single, whose) if single else {}
    return [_account(viewer, now, row, met.get(row.id, []), _sound(row, viewer, now)) for row in rows]


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


def account_for(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> AccountView:
    """Return an account that this person may look at: one where a rep whom they may see met somebody or is to, or any
    for an owner. Raises NotFound for any other, and WorksAgreement."""
    viewer.figures.require_by_person()
    found = _accounts(session, viewer, now, [account_id], of_clients_looked_after(session, viewer))
    if not found or not (
        sees_all_teams(viewer.role) or found[0].relationships or account_id in accounts_given(session, viewer)
    ):
        raise NotFound("account")
    return found[0]


def accounts_among(
    session: Session,
    viewer: Viewer,
    account_ids: Sequence[UUID],
    whose: ColumnElement[bool],
    now: datetime,
) -> list[AccountView]:
    """Return these accounts, as far as the relationships in `whose` know them. Raises WorksAgreement."""
    viewer.figures.require_by_person()
    return _accounts(session, viewer, now, account_ids, whose)


def stages(session: Session, viewer: Viewer, account_ids: list[UUID], now: datetime) -> dict[UUID, Stages]:
    """Return, by account, the latest stage that clients named and that reps sealed, from what the viewer may
    see; accounts without either are absent."""
    place = func.row_number().over(
        partition_by=(col(Contact.account_id), col(Feedback.side)),
        order_by=(col(Meeting.held_at).desc(), col(Feedback.id).desc()),
    )
    said = (
        select(
            col(Contact.account_id).label("account_id"),
            col(Feedback.side).label("side"),
            col(Feedback.stage).label("stage"),
            place.label("place"),
        )
        .select_from(Feedback)
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(
            col(Feedback.organisation_id) == viewer.organisation_id,
            col(Contact.account_id).in_(account_ids),
            col(Feedback.stage).is_not(None),
            (
                (col(Feedback.side) == Side.CLIENT)
                & (col(Feedback.counts) == Counts.COUNTED)
                & was_answered(now)
            )
            | col(Feedback.sealed_at).is_not(None),
            col(Relationship.rep_id) == col(Meeting.rep_id),
            of_clients_looked_after(session, viewer),
        )
        .subquery()
    )
    found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for account_id, side, stage in session.execute(
        select(said.c.account_id, said.c.side, said.c.stage).where(said.c.place == 1)
    ):
        found[account_id][side] = stage
    return {
        account_id: Stages(words.get(Side.CLIENT), words.get(Side.REP)) for account_id, words in found.items()
    }


def _accounts(
    session: Session,
    viewer: Viewer,
    now: datetime,
    account_ids: Sequence[UUID],
    whose: ColumnElement[bool],
) -> list[AccountView]:
    """Return these accounts, with the relationships in `whose`."""
    if not account_ids:
        return []
    rows = session.execute(
        select(
            col(Account.id),
            col(Account.name),
            col(Account.value),
            col(Account.review_days),
            col(Account.renews_on),
            col(Account.archived_at),
        ).where(
            col(Account.organisation_id) == viewer.organisation_id,
            col(Account.id).in_(account_ids),
            col(Account.merged_at).is_(None),
        )
    ).all()
    met = _met(session, viewer, now, account_ids, whose)
    return [_account(viewer, now, row, met[row.id]) for row in rows]


def _met(
    session: Session, viewer: Viewer, now: datetime, account_ids: Sequence[UUID], whose: ColumnElement[bool]
) -> defaultdict[UUID, list[RelationshipView]]:
    """Return, by account, the relationships in `whose`."""
    met: defaultdict[UUID, list[RelationshipView]] = defaultdict(list)
    for each in relationships(session, viewer, whose & of_accounts(viewer, account_ids), now):
        met[each.account_id].append(each)
    return met


def _account(
    viewer: Viewer,
    now: datetime,
    row: Row[*tuple[Any, ...]],
    met: list[RelationshipView],
    sound: Soundness | None = None,
) -> AccountView:
    """Make the view of one account. row: its columns. met: its relationships that the viewer may see. sound: where it
    is known without them, as is then the last meeting."""
    review_days = row.review_days or viewer.review_days
    account_relationships = [_account_relationship(each) for each in met]
    if sound is None:
        last = max((each.last_meeting_at for each in met if each.last_meeting_at), default=None)
        sound = soundness(account_relationships, viewer.scoring.weight(now))
    else:
        last = row.last_meeting_at
    days = _days_since(last, viewer, now)
    why = risks(account_relationships, sound, days, review_days)
    return AccountView(
        id=row.id,
        name=row.name,
        value=row.value,
        review_days=review_days,
        own_review_days=row.review_days,
        renews_on=row.renews_on,
        archived_at=row.archived_at,
        relationships=met,
        soundness=sound,
        risks=why,
        state=account_state(sound, why),
        last_meeting_at=last,
        days=days,
    )


def _account_relationship(relationship: RelationshipView) -> AccountRelationship:
    numbers = relationship.numbers
    where = quadrant_point(numbers.client, numbers.mirror)
    return AccountRelationship(
        numbers.loyalty, numbers.vote, numbers.lukewarm, where.field if where else None
    )


def _days_since(moment: datetime | None, viewer: Viewer, now: datetime) -> int | None:
    if moment is None:
        return None
    zone = ZoneInfo(viewer.timezone)
    return (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
