"""Alerts a manager may see, with their reasons and the answers that gave them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound, Reader, sees_all_teams
from feedback.core.alerts.metrics import AlertHandling
from feedback.core.alerts.reasons import Kind, Outcome, Severity
from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.analysis import to_practise
from feedback.core.scoring.relationships import Numbers
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Alert, AlertEvent, AlertReason, Contact, Relationship, User
from feedback.store.invitations import InvitationView, invitations_by_ids
from feedback.store.people import Viewer, first_name

ABOUT_DOUBT = frozenset({Kind.DISPUTED, Kind.DOUBTFUL})
_Taker = aliased(User, name="taker")


@dataclass(frozen=True, slots=True)
class ReasonView:
    """since: when it was given. answer: that gave it, None for silence. struck_at: when it fell away."""

    kind: Kind
    severity: Severity
    since: datetime
    answer: InvitationView | None
    struck_at: datetime | None


@dataclass(frozen=True, slots=True)
class DimensionLine:
    """One dimension of an answer as a manager should see it. guessed: None until the mirror is sealed. low: 2 or
    less. off: the guess is two or more away."""

    dimension: str
    said: int | None
    guessed: int | None

    @property
    def low(self) -> bool:
        return self.said is not None and self.said <= 2

    @property
    def off(self) -> bool:
        return self.said is not None and self.guessed is not None and abs(self.said - self.guessed) >= 2

    @property
    def stands_out(self) -> bool:
        return self.low or self.off


@dataclass(frozen=True, slots=True)
class AlertView:
    """kind, severity: of its leading reason. reasons: those that stand first, each as it was given."""

    id: UUID
    kind: Kind
    severity: Severity
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcome: Outcome | None
    taken_by_id: UUID | None
    relationship_id: UUID
    last_meeting_at: datetime | None
    rep_id: UUID
    rep: str
    contact: str
    account: str
    taken_by: str | None
    reasons: list[ReasonView]

    @property
    def urgent(self) -> bool:
        return self.severity == Severity.URGENT

    @property
    def contact_first(self) -> str:
        return first_name(self.contact)

    @property
    def rep_first(self) -> str:
        return first_name(self.rep)

    @property
    def standing(self) -> list[ReasonView]:
        """The reasons that hold, what matters most first."""
        held = [reason for reason in self.reasons if reason.struck_at is None]
        order = list(Kind)
        return sorted(held, key=lambda r: (r.severity != Severity.URGENT, order.index(r.kind), r.since))

    @property
    def kinds(self) -> list[Kind]:
        """Each kind once: of what stands, or of what stood when nothing does any more."""
        return list(dict.fromkeys(r.kind for r in self.standing)) or [self.kind]

    @property
    def answer(self) -> InvitationView | None:
        """The answer to look at: the latest that gave one of the gravest reasons that stand, or any when none does."""
        held = [r for r in self.standing if r.severity == self.severity] or self.standing or self.reasons
        return max((r.answer for r in held if r.answer), key=lambda i: i.held_at, default=None)

    @property
    def doubted(self) -> list[InvitationView]:
        """The answers that a manager has to accept or to set aside."""
        found = {r.answer.id: r.answer for r in self.standing if r.answer and r.kind in ABOUT_DOUBT}
        return list(found.values())

    @property
    def due_day(self) -> datetime:
        """A moment of the last day it may take; due_at is that day's end."""
        return self.due_at - timedelta(seconds=1)

    def overdue(self, now: datetime) -> bool:
        return self.closed_at is None and now >= self.due_at

    def lines(self) -> list[DimensionLine]:
        """What was said beside what was guessed; nothing of an answer that was erased, or has not settled."""
        answer = self.answer
        if answer is None or not answer.access.whole:
            return []
        both = zip(DIMENSIONS, answer.client.ratings, answer.mirror.ratings, strict=True)
        return [DimensionLine(name, said, guessed) for name, said, guessed in both]


def to_practise_after(alert: AlertView, numbers: Numbers) -> str:
    """The dimension to work on after an alert: by its answer, else by the relationship's numbers."""
    answer = alert.answer
    if answer is None or not answer.access.whole:
        return to_practise(numbers.client, numbers.mirror)
    return to_practise(answer.client.ratings, answer.mirror.ratings)


def count_open_alerts(session: Session, viewer: Viewer) -> tuple[int, int]:
    """(open alerts, urgent ones among them) of the reps this person looks after."""
    rows = session.execute(
        _visible(viewer, col(Alert.severity), func.count().label("alerts"))
        .where(col(Alert.closed_at).is_(None))
        .group_by(col(Alert.severity))
    )
    counts: dict[Severity, int] = {row.severity: row.alerts for row in rows}
    return sum(counts.values()), counts.get(Severity.URGENT, 0)


def open_alerts(session: Session, viewer: Viewer, now: datetime, skip: int, take: int) -> list[AlertView]:
    """Some of the open ones: the overdue before the others, urgent before watch, then the one due first."""
    late_first = case((col(Alert.due_at) <= now, 0), else_=1)
    order = (late_first, col(Alert.severity), col(Alert.due_at), col(Alert.id))
    return _alerts(session, viewer, now, col(Alert.closed_at).is_(None), order=order, skip=skip, limit=take)


def count_overdue(session: Session, viewer: Viewer, now: datetime) -> int:
    """How many open ones should have been closed by now."""
    return (
        session.scalar(
            _visible(viewer, func.count()).where(col(Alert.closed_at).is_(None), col(Alert.due_at) <= now)
        )
        or 0
    )


def closed_alerts(session: Session, viewer: Viewer, now: datetime, skip: int, take: int) -> list[AlertView]:
    """Some of the closed ones, the latest first."""
    order = (col(Alert.closed_at).desc(), col(Alert.id))
    return _alerts(
        session, viewer, now, col(Alert.closed_at).is_not(None), order=order, skip=skip, limit=take
    )


def alert_for(session: Session, viewer: Viewer, alert_id: UUID, now: datetime) -> AlertView:
    """An alert this person may see; NotFound for any other."""
    found = _alerts(session, viewer, now, col(Alert.id) == alert_id)
    if not found:
        raise NotFound("alert")
    return found[0]


def alerts_of_relationship(
    session: Session, viewer: Viewer, relationship_id: UUID, now: datetime
) -> list[AlertView]:
    """A relationship's alerts, open and closed, the latest first."""
    found = _alerts(session, viewer, now, col(Alert.relationship_id) == relationship_id)
    return sorted(found, key=lambda alert: alert.opened_at, reverse=True)


def alerts_given_between(
    session: Session, viewer: Viewer, kind: Kind, begin: datetime, end: datetime, now: datetime
) -> list[AlertView]:
    """Alerts that were given a reason of this kind from `begin` until before `end`, and it stands; by the contact's
    name."""
    given = exists().where(
        references(AlertReason, AlertReason.alert_id, Alert),
        col(AlertReason.kind) == kind,
        col(AlertReason.struck_at).is_(None),
        col(AlertReason.created_at) >= begin,
        col(AlertReason.created_at) < end,
    )
    found = _alerts(session, viewer, now, given)
    return sorted(found, key=lambda alert: (alert.contact, alert.opened_at))


def alerts_by_id(session: Session, viewer: Viewer, ids: Collection[UUID], now: datetime) -> list[AlertView]:
    """Those of these alerts that this person may see, urgent ones first."""
    found = _alerts(session, viewer, now, col(Alert.id).in_(ids))
    return sorted(found, key=lambda alert: (not alert.urgent, alert.opened_at, alert.id))


def handled_alerts(session: Session, viewer: Viewer, since: datetime) -> list[AlertHandling]:
    """The alerts opened since then, as core.alerts.metrics looks at them."""
    first = (
        select(func.min(col(AlertEvent.created_at)))
        .where(references(AlertEvent, AlertEvent.alert_id, Alert), col(AlertEvent.user_id).is_not(None))
        .correlate(Alert)
        .scalar_subquery()
    )
    rows = session.execute(
        _visible(
            viewer, col(Alert.kind), col(Alert.created_at).label("opened_at"), col(Alert.due_at),
            first.label("first_action_at"), col(Alert.closed_at), col(Alert.outcome),
        ).where(col(Alert.created_at) >= since)
    )  # fmt: skip
    return views(AlertHandling, rows)


def _alerts(
    session: Session,
    viewer: Viewer,
    now: datetime,
    *where: ColumnElement[bool],
    order: Sequence[Any] = (),
    limit: int | None = None,
    skip: int = 0,
) -> list[AlertView]:
    statement = _visible(
        viewer,
        col(Alert.id), col(Alert.kind), col(Alert.severity), col(Alert.created_at).label("opened_at"),
        col(Alert.due_at), col(Alert.closed_at), col(Alert.outcome), col(Alert.taken_by_id),
        col(Alert.relationship_id), col(Relationship.last_meeting_at), col(User.id).label("rep_id"),
        col(User.name).label("rep"), col(Contact.name).label("contact"), col(Account.name).label("account"),
        col(_Taker.name).label("taken_by"),
    )  # fmt: skip
    rows = session.execute(statement.where(*where).order_by(*order).limit(limit).offset(skip or None)).all()
    reasons = _reasons(session, viewer.organisation_id, [row.id for row in rows], now)
    return [AlertView(**row._asdict(), reasons=reasons[row.id]) for row in rows]


def _visible(viewer: Viewer, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Alerts of the reps this person looks after."""
    statement = (
        select(*columns)
        .select_from(Alert)
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(_Taker, references(Alert, Alert.taken_by_id, _Taker))
        .where(col(Alert.organisation_id) == viewer.organisation_id)
    )
    return statement if sees_all_teams(viewer.role) else statement.where(col(User.team_id).in_(viewer.teams))


def _reasons(
    session: Session, organisation_id: UUID, alert_ids: list[UUID], now: datetime
) -> dict[UUID, list[ReasonView]]:
    """By alert, in the order they were given."""
    rows = session.scalars(
        select(AlertReason)
        .where(col(AlertReason.organisation_id) == organisation_id, col(AlertReason.alert_id).in_(alert_ids))
        .order_by(col(AlertReason.created_at), col(AlertReason.id))
    ).all()
    ids = [row.invitation_id for row in rows if row.invitation_id]
    answers = invitations_by_ids(session, organisation_id, ids, Reader.MANAGER, now)
    found: defaultdict[UUID, list[ReasonView]] = defaultdict(list)
    for row in rows:
        answer = answers.get(row.invitation_id) if row.invitation_id else None
        found[row.alert_id].append(ReasonView(row.kind, row.severity, row.created_at, answer, row.struck_at))
    return found
