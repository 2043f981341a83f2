"""Accounts as somebody responsible for reps may see them: through the relationships of those reps."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlmodel import Session, col

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
from feedback.core.gaps.quadrants import QuadrantPoint, quadrant_point
from feedback.core.gaps.stages import steps_ahead
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Side, User
from feedback.models.feedback import Counts
from feedback.pages.relationship_map import lukewarm_relationships, of_account, visible_to
from feedback.store.contacts import name_key
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, relationships, was_answered


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account, as far as the viewer may see it."""

    id: UUID
    name: str
    value: float | None  # what it is worth a year, in the organisation's money
    review_days: int  # how many days may pass at most between two meetings
    relationships: list[RelationshipView]  # those the viewer may see
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

    count: int
    value: float | None  # per year, in the organisation's money; None where no account has a known value

    @classmethod
    def of(cls, accounts: list[AccountView]) -> "Totals":
        """Add up these accounts; those without a known value count, but add no value."""
        values = [account.value for account in accounts if account.value is not None]
        return cls(len(accounts), sum(values) if values else None)


@dataclass(frozen=True, slots=True)
class Stages:
    """The latest stage that each side named."""

    client: str | None = None  # as the client says; None without an answer
    rep: str | None = None  # as the rep sealed it; None without one

    @property
    def ahead(self) -> int | None:
        """Return the rep's stage minus the client's, in steps; None unless both are known."""
        return steps_ahead(self.rep, self.client)


def accounts(
    session: Session, viewer: Viewer, now: datetime, *, team_id: UUID | None = None, words: str = ""
) -> list[AccountView]:
    """Return the accounts where reps whom the viewer may see met somebody, worst first; an owner who asks for
    no team also gets those where nobody did. words: text that the name contains."""
    everything = sees_all_teams(viewer.role) and team_id is None
    key = name_key(words)
    where = col(Account.name_key).contains(key, autoescape=True) if key else true()
    found = _accounts(session, viewer, now, where, visible_to(viewer, team_id))
    return sorted(
        (account for account in found if everything or account.relationships),
        key=lambda a: worst_first(a.state, a.value, a.soundness.loyalty, name_key(a.name)),
    )


def account_for(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> AccountView:
    """Return an account that this person may look at: one where a rep whom they may see met somebody, or any
    for an owner. Raises NotFound for any other."""
    found = _accounts(
        session, viewer, now, col(Account.id) == account_id, visible_to(viewer) & of_account(account_id)
    )
    if not found or not (sees_all_teams(viewer.role) or found[0].relationships):
        raise NotFound("account")
    return found[0]


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
        .join(User, references(Meeting, Meeting.rep_id, User))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
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
            visible_to(viewer),
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
    where: ColumnElement[bool],
    whose: ColumnElement[bool],
) -> list[AccountView]:
    """Return the accounts in `where`, with the relationships in `whose`."""
    rows = session.execute(
        select(col(Account.id), col(Account.name), col(Account.value), col(Account.review_days)).where(
            col(Account.organisation_id) == viewer.organisation_id, where
        )
    ).all()
    met: defaultdict[UUID, list[RelationshipView]] = defaultdict(list)
    for each in relationships(session, viewer, whose, now):
        met[each.account_id].append(each)
    lukewarm = lukewarm_relationships(session, viewer, whose, now)
    return [_account(viewer, now, row, met[row.id], lukewarm) for row in rows]


def _account(
    viewer: Viewer,
    now: datetime,
    row: Row[*tuple[Any, ...]],
    met: list[RelationshipView],
    lukewarm: set[UUID],
) -> AccountView:
    """Make the view of one account. row: its columns of the statement in _accounts. met: its relationships
    that the viewer may see."""
    review_days = row.review_days or viewer.review_days
    account_relationships = [_account_relationship(each, lukewarm) for each in met]
    last = max((each.last_meeting_at for each in met if each.last_meeting_at), default=None)
    days = _days_since(last, viewer, now)
    sound = soundness(account_relationships, viewer.scoring.weight(now))
    why = risks(account_relationships, sound, days, review_days)
    return AccountView(
        id=row.id,
        name=row.name,
        value=row.value,
        review_days=review_days,
        relationships=met,
        soundness=sound,
        risks=why,
        state=account_state(sound, why),
        last_meeting_at=last,
        days=days,
    )


def _account_relationship(relationship: RelationshipView, lukewarm: set[UUID]) -> AccountRelationship:
    numbers = relationship.numbers
    where = quadrant_point(numbers.client, numbers.mirror)
    return AccountRelationship(
        numbers.loyalty, numbers.vote, relationship.id in lukewarm, where.field if where else None
    )


def _days_since(moment: datetime | None, viewer: Viewer, now: datetime) -> int | None:
    if moment is None:
        return None
    zone = ZoneInfo(viewer.timezone)
    return (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
