"""Accounts as somebody who looks after reps may see them: through the relationships of those reps."""

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
from feedback.pages.relationship_map import of_account, saying_fine, visible_to
from feedback.store.contacts import name_key
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, relationships, was_answered


@dataclass(frozen=True, slots=True)
class AccountView:
    """value: what it is worth a year, in the organisation's money. relationships: those in sight. days: since
    the last meeting, None before the first. review_days: how many there should be at most."""

    id: UUID
    name: str
    value: float | None
    review_days: int
    relationships: list[RelationshipView]
    soundness: Soundness
    risks: tuple[Risk, ...]
    state: AccountState
    last_meeting_at: datetime | None
    days: int | None

    @property
    def at_risk(self) -> bool:
        return self.state is AccountState.AT_RISK

    @property
    def point(self) -> QuadrantPoint | None:
        """Where its only relationship stands on the map."""
        numbers = self.relationships[0].numbers
        return quadrant_point(numbers.client, numbers.mirror)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many accounts, and what they are worth, by state. value: None where no value is known."""

    count: int
    value: float | None

    @classmethod
    def of(cls, accounts: list[AccountView]) -> "Totals":
        values = [account.value for account in accounts if account.value is not None]
        return cls(len(accounts), sum(values) if values else None)


@dataclass(frozen=True, slots=True)
class Stages:
    """The latest word of either side on where the client stands."""

    client: str | None = None
    rep: str | None = None

    @property
    def ahead(self) -> int | None:
        """The rep's stage minus the client's, in steps; None unless both are known."""
        return steps_ahead(self.rep, self.client)


def accounts(
    session: Session, viewer: Viewer, now: datetime, *, team_id: UUID | None = None, words: str = ""
) -> list[AccountView]:
    """The accounts where reps in sight met somebody, worst first; an owner who asks for no team sees those
    too where nobody did. words: held by the name."""
    everything = sees_all_teams(viewer.role) and team_id is None
    key = name_key(words)
    where = col(Account.name_key).contains(key, autoescape=True) if key else true()
    found = _accounts(session, viewer, now, where, visible_to(viewer, team_id))
    return sorted(
        (account for account in found if everything or account.relationships),
        key=lambda a: worst_first(a.state, a.value, a.soundness.loyalty, name_key(a.name)),
    )


def account_for(session: Session, viewer: Viewer, account_id: UUID, now: datetime) -> AccountView:
    """An account this person may look at: one where a rep in sight met somebody, or any, for an owner."""
    found = _accounts(
        session, viewer, now, col(Account.id) == account_id, visible_to(viewer) & of_account(account_id)
    )
    if not found or not (sees_all_teams(viewer.role) or found[0].relationships):
        raise NotFound("account")
    return found[0]


def stages(session: Session, viewer: Viewer, account_ids: list[UUID], now: datetime) -> dict[UUID, Stages]:
    """The latest stage that clients named, and that reps sealed, at these accounts; in sight only."""
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
    """Accounts in `where`, by the relationships in `whose`."""
    rows = session.execute(
        select(col(Account.id), col(Account.name), col(Account.value), col(Account.review_days)).where(
            col(Account.organisation_id) == viewer.organisation_id, where
        )
    ).all()
    met: defaultdict[UUID, list[RelationshipView]] = defaultdict(list)
    for each in relationships(session, viewer, whose, now):
        met[each.account_id].append(each)
    lukewarm = saying_fine(session, viewer, whose, now)
    return [_account(viewer, now, row, met[row.id], lukewarm) for row in rows]


def _account(
    viewer: Viewer,
    now: datetime,
    row: Row[*tuple[Any, ...]],
    met: list[RelationshipView],
    lukewarm: set[UUID],
) -> AccountView:
    """row: its own columns of the statement in _accounts. met: its relationships in sight."""
    review_days = row.review_days or viewer.review_days
    ties = [_tie(each, lukewarm) for each in met]
    last = max((each.last_meeting_at for each in met if each.last_meeting_at), default=None)
    days = _days_since(last, viewer, now)
    sound = soundness(ties, viewer.scoring.weight(now))
    why = risks(ties, sound, days, review_days)
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


def _tie(relationship: RelationshipView, lukewarm: set[UUID]) -> AccountRelationship:
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
