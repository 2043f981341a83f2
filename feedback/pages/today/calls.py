"""Who to call today: the accounts with the most at stake, why, and the last words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from feedback.core.access import sees_all_teams
from feedback.core.alerts.reasons import Kind, Severity
from feedback.core.scoring.reps import rounded
from feedback.core.today import Stake, stake
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Relationship,
    Side,
)
from feedback.pages.accounts import accounts_among
from feedback.pages.alerts import OpenAlert, gravest_open_alerts
from feedback.pages.relationship_map import of_accounts
from feedback.store.answered import was_answered
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_by_ids
from feedback.store.people import Viewer
from feedback.store.relationships import fresh_relationships, stored_relationships

SHOWN = 7  # lines of the list
MOST_VALUABLE = 40  # accounts that are looked at, beside all with an open alert


@dataclass(frozen=True, slots=True)
class Call:
    """An account to be called today."""

    account_id: UUID
    account: str
    value: float | None  # a year; None where it is not known
    counted: float  # the value it is put in order by
    stake: Stake
    alert_id: UUID | None  # the gravest open alert
    alert_kind: Kind | None
    alert_severity: Severity | None
    loyalty: float | None  # of the account; None where it is not known, or may not be shown
    voices: float  # that loyalty rests on
    days: int | None  # since the last meeting
    contact: str | None  # whom to call: of the alert, else the least loyal one
    rep: str | None  # who met them last; None where it may not be shown
    last_words: InvitationView | None  # the latest answer of this contact with words

    @property
    def at_stake(self) -> float:
        """The part of the value that is at stake."""
        return self.stake.of(self.counted)


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What is known of an account."""

    id: UUID
    name: str
    value: float | None
    loyalty: float | None
    voices: float
    last_meeting_at: datetime | None
    review_days: int

    def days(self, viewer: Viewer, now: datetime) -> int | None:
        if self.last_meeting_at is None:
            return None
        zone = ZoneInfo(viewer.timezone)
        return (now.astimezone(zone).date() - self.last_meeting_at.astimezone(zone).date()).days


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom to call."""

    relationship_id: UUID
    contact: str
    rep: str


def whom_to_call(session: Session, viewer: Viewer, now: datetime) -> tuple[list[Call], int]:
    """Return whom to call, and of how many accounts they were chosen."""
    whose = of_clients_looked_after(session, viewer)
    alerts = gravest_open_alerts(session, viewer, MOST_VALUABLE, now)
    ids = {*_most_valuable(session, viewer, whose), *alerts}
    known = _known(session, viewer, ids, whose, now)
    values = [each.value for each in known if each.value is not None]
    usual, by_person = sum(values) / len(values) if values else 1.0, viewer.figures.by_person
    found = []
    for each in known:
        alert, days = alerts.get(each.id), each.days(viewer, now)
        silent = by_person and days is not None and days > each.review_days
        loyalty = each.loyalty if by_person else None
        why = stake(loyalty, alert.severity if alert else None, silent=silent)
        if why:
            found.append((each, why, loyalty, usual if each.value is None else each.value))
    found.sort(key=lambda one: (-one[1].of(one[3]), -one[1].percent, one[0].name, one[0].id))
    shown = found[:SHOWN]
    people = _people(session, {each.id: alerts.get(each.id) for each, *_ in shown}, viewer, whose)
    words = _last_words(session, viewer, [who.relationship_id for who in people.values()], now)
    return [
        _call(each, why, loyalty, counted, alerts.get(each.id), people.get(each.id), words, viewer, now)
        for each, why, loyalty, counted in shown
    ], len(known)


def _call(
    each: KnownAccount,
    why: Stake,
    loyalty: float | None,
    counted: float,
    alert: OpenAlert | None,
    who: _Person | None,
    words: Mapping[UUID, InvitationView],
    viewer: Viewer,
    now: datetime,
) -> Call:
    return Call(
        account_id=each.id,
        account=each.name,
        value=each.value,
        counted=counted,
        stake=why,
        alert_id=alert.id if alert else None,
        alert_kind=alert.kind if alert else None,
        alert_severity=alert.severity if alert else None,
        loyalty=loyalty,
        voices=each.voices,
        days=each.days(viewer, now) if viewer.figures.by_person else None,
        contact=who.contact if who else None,
        rep=who.rep if who and viewer.figures.by_person else None,
        last_words=words.get(who.relationship_id) if who else None,
    )


def _most_valuable(session: Session, viewer: Viewer, whose: ColumnElement[bool]) -> list[UUID]:
    """Return the accounts of the highest value where somebody is looked after."""
    statement = select(col(Account.id)).where(
        col(Account.organisation_id) == viewer.organisation_id,
        col(Account.archived_at).is_(None),
        col(Account.merged_at).is_(None),
    )
    if not sees_all_teams(viewer.role):
        theirs = (
            select(col(Contact.account_id))
            .select_from(Relationship)
            .join(Contact, references(Relationship, Relationship.contact_id, Contact))
            .where(col(Relationship.organisation_id) == viewer.organisation_id, whose)
        )
        statement = statement.where(col(Account.id).in_(theirs))
    order = func.coalesce(col(Account.value), 0.0).desc(), col(Account.id)
    return list(session.scalars(statement.order_by(*order).limit(MOST_VALUABLE)))


def _known(
    session: Session, viewer: Viewer, ids: Collection[UUID], whose: ColumnElement[bool], now: datetime
) -> list[KnownAccount]:
    """Return what is known of these accounts, of the relationships in `whose`. Those whose stored numbers are behind are
    read as they are."""
    loyalty, vote = col(Relationship.loyalty), col(Relationship.vote)
    votes = func.sum(case((loyalty.is_not(None), vote), else_=0.0))
    rows = session.execute(
        select(
            col(Account.id),
            col(Account.name),
            col(Account.value),
            col(Account.review_days),
            func.sum(vote * loyalty).label("total"),
            votes.label("votes"),
            func.max(col(Relationship.last_meeting_at)).label("last_meeting_at"),
        )
        .select_from(Account)
        .join(Contact, references(Contact, Contact.account_id, Account))
        .join(Relationship, references(Relationship, Relationship.contact_id, Contact))
        .where(
            col(Account.organisation_id) == viewer.organisation_id,
            col(Account.id).in_(ids),
            col(Account.archived_at).is_(None),
            col(Account.merged_at).is_(None),
            whose,
        )
        .group_by(col(Account.id), col(Account.name), col(Account.value), col(Account.review_days))
    ).all()
    stored = {
        row.id: KnownAccount(
            row.id,
            row.name,
            row.value,
            row.total / row.votes if row.votes else None,
            rounded(row.votes / viewer.scoring.weight(now)),
            row.last_meeting_at,
            row.review_days or viewer.review_days,
        )
        for row in rows
    }
    if not viewer.figures.by_person:
        return list(stored.values())  # what may be behind is not shown
    behind = {each.account_id for each in fresh_relationships(session, viewer, whose, now)}
    for each in accounts_among(session, viewer, [*(behind & stored.keys())], whose, now):
        sound = each.soundness
        stored[each.id] = KnownAccount(
            each.id,
            each.name,
            each.value,
            sound.loyalty,
            sound.voices,
            each.last_meeting_at,
            each.review_days,
        )
    return list(stored.values())


def _people(
    session: Session,
    alerts: Mapping[UUID, OpenAlert | None],
    viewer: Viewer,
    whose: ColumnElement[bool],
) -> dict[UUID, _Person]:
    """Return by account whom to call: who the alert is about, else the least loyal one who was heard, else whom somebody
    met last."""
    found = stored_relationships(
        session, viewer.organisation_id, whose & of_accounts(viewer, alerts) & _worst_of_account(viewer, alerts)
    ) if alerts else []  # fmt: skip
    people: dict[UUID, _Person] = {}
    for each in found:
        alert = alerts[each.account_id]
        if alert is None or alert.relationship_id == each.id or each.account_id not in people:
            people[each.account_id] = _Person(each.id, each.contact, each.now_with or each.rep)
    return people


def _worst_of_account(viewer: Viewer, alerts: Mapping[UUID, OpenAlert | None]) -> ColumnElement[bool]:
    """Return the condition on a relationship that an alert of its account is about it, or that it comes first there."""
    about = [alert.relationship_id for alert in alerts.values() if alert]
    without = [account_id for account_id, alert in alerts.items() if not alert]
    loyalty = col(Relationship.loyalty)
    place = func.row_number().over(
        partition_by=col(Contact.account_id),
        order_by=(
            case((loyalty.is_(None), 1), else_=0),
            loyalty,
            col(Relationship.last_meeting_at).desc(),
            col(Relationship.id),
        ),
    )
    ranked = (
        select(col(Relationship.id), place.label("place"))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .where(
            col(Relationship.organisation_id) == viewer.organisation_id, col(Contact.account_id).in_(without)
        )
        .subquery()
    )
    return col(Relationship.id).in_(about) | col(Relationship.id).in_(
        select(ranked.c.id).where(ranked.c.place == 1)
    )


def _last_words(
    session: Session, viewer: Viewer, relationship_ids: Collection[UUID], now: datetime
) -> dict[UUID, InvitationView]:
    """Return by relationship the latest answer with words that this person may be shown."""
    rows = session.execute(
        select(col(Relationship.id), col(Invitation.id).label("invitation_id"))
        .select_from(Relationship)
        .join(
            Invitation,
            (col(Invitation.organisation_id) == col(Relationship.organisation_id))
            & (col(Invitation.contact_id) == col(Relationship.contact_id)),
        )
        .join(
            Meeting,
            references(Invitation, Invitation.meeting_id, Meeting)
            & (col(Meeting.rep_id) == col(Relationship.rep_id)),
        )
        .join(Feedback, references(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Relationship.organisation_id) == viewer.organisation_id,
            col(Relationship.id).in_(relationship_ids),
            col(Feedback.side) == Side.CLIENT,
            col(Feedback.comment).is_not(None),
            was_answered(now),
        )
        .order_by(col(Meeting.held_at), col(Invitation.id))
    )
    latest = {row.id: row.invitation_id for row in rows}
    found = invitations_by_ids(session, viewer.organisation_id, list(latest.values()), viewer.reader, now)
    return {
        relationship_id: found[each]
        for relationship_id, each in latest.items()
        if each in found and found[each].client.comment
    }
