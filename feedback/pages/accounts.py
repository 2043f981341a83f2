"""Accounts as somebody responsible for reps may see them: through the relationships of those reps."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, select
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
)
from feedback.core.gaps.quadrants import QuadrantPoint, quadrant_point
from feedback.models import Account
from feedback.pages.relationship_map import of_accounts
from feedback.store.given import accounts_given
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, relationships


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


def views_of_rows(
    session: Session,
    viewer: Viewer,
    now: datetime,
    rows: list[Row[*tuple[Any, ...]]],
    whose: ColumnElement[bool],
) -> list[AccountView]:
    """Return the views of accounts from rows with the sums over their relationships in `whose`."""
    single = [row.id for row in rows if row.relationships == 1]
    met = _met(session, viewer, now, single, whose) if single else {}
    return [_account(viewer, now, row, met.get(row.id, []), _sound(row, viewer, now)) for row in rows]


def _sound(row: Row[*tuple[Any, ...]], viewer: Viewer, now: datetime) -> Soundness:
    """Return what core.accounts.soundness does, from the sums over an account's relationships."""
    voices = round(row.votes / viewer.scoring.weight(now), 9)  # a sum by the database is less exact than fsum
    return Soundness(row.loyalty, row.relationships, row.heard, voices)


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
