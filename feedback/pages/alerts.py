"""Alerts that a manager may see, with their reasons and the answers that gave them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound, Reader, sees_all_teams, shows_reason
from feedback.core.alerts.metrics import AlertHandling
from feedback.core.alerts.reasons import Kind, Outcome, Severity
from feedback.core.dimensions import DIMENSIONS, LOW
from feedback.core.gaps.analysis import to_practise
from feedback.core.scoring.relationships import Numbers
from feedback.db.rows import views
from feedback.db.tenancy import references
from feedback.models import Account, Alert, AlertEvent, AlertReason, Contact, Relationship, User
from feedback.store.handed_over import looked_after_by
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_by_ids
from feedback.store.people import Viewer, first_name

ALERTS_OF_AN_ACCOUNT = 5  # open ones, about so many of which are read to find the gravest
DOUBT_KINDS = frozenset({Kind.DISPUTED, Kind.DOUBTFUL})
_Taker = aliased(User, name="taker")


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason of an alert."""

    kind: Kind
    severity: Severity
    since: datetime  # when it was given
    answer: InvitationView | None  # that gave it; None for silence
    struck_at: datetime | None  # when it stopped holding; None while it holds


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An open alert, without what it is shown with."""

    id: UUID
    relationship_id: UUID
    kind: Kind
    severity: Severity


@dataclass(frozen=True, slots=True)
class DimensionLine:
    """One dimension of an answer as a manager should see it."""

    dimension: str
    said: int | None  # the client's rating, 1..5
    guessed: int | None  # the rep's guess, 1..5; None until the mirror is sealed

    @property
    def low(self) -> bool:
        """Whether the client rated it 2 or less."""
        return self.said is not None and self.said <= LOW

    @property
    def off(self) -> bool:
        """Whether the guess is two or more away from the rating."""
        return self.said is not None and self.guessed is not None and abs(self.said - self.guessed) >= 2

    @property
    def stands_out(self) -> bool:
        """Whether it is low or guessed far off."""
        return self.low or self.off


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with its reasons."""

    id: UUID
    kind: Kind  # of the leading reason
    severity: Severity  # likewise
    opened_at: datetime
    due_at: datetime  # the end of the last day it may take
    closed_at: datetime | None
    outcome: Outcome | None
    taken_by_id: UUID | None  # the manager who handles it
    relationship_id: UUID
    last_meeting_at: datetime | None
    rep_id: UUID
    rep: str
    contact: str
    account_id: UUID
    account: str
    taken_by: str | None
    reasons: list[ReasonView]  # in the order they were given

    @property
    def urgent(self) -> bool:
        """Whether it is urgent, not only to be watched."""
        return self.severity == Severity.URGENT

    @property
    def contact_first(self) -> str:
        """The contact's first name."""
        return first_name(self.contact)

    @property
    def rep_first(self) -> str:
        """The rep's first name."""
        return first_name(self.rep)

    @property
    def standing(self) -> list[ReasonView]:
        """Return the reasons that hold, the most important first."""
        held = [reason for reason in self.reasons if reason.struck_at is None]
        order = list(Kind)
        return sorted(held, key=lambda r: (r.severity != Severity.URGENT, order.index(r.kind), r.since))

    @property
    def kinds(self) -> list[Kind]:
        """Return each kind once: of the reasons that hold, or that held when none does any more."""
        return list(dict.fromkeys(r.kind for r in self.standing)) or [self.kind]

    @property
    def answer(self) -> InvitationView | None:
        """Return the answer to look at: the latest that gave one of the gravest reasons that hold, or any
        reason when none holds; None for silence alone."""
        held = [r for r in self.standing if r.severity == self.severity] or self.standing or self.reasons
        return max((r.answer for r in held if r.answer), key=lambda i: i.held_at, default=None)

    @property
    def doubted(self) -> list[InvitationView]:
        """Return the answers that a manager has to accept or set aside."""
        found = {r.answer.id: r.answer for r in self.standing if r.answer and r.kind in DOUBT_KINDS}
        return list(found.values())

    @property
    def due_day(self) -> datetime:
        """Return a moment of the last day it may take; due_at is that day's end."""
        return self.due_at - timedelta(seconds=1)

    def overdue(self, now: datetime) -> bool:
        """Tell whether it is open and past due_at."""
        return self.closed_at is None and now >= self.due_at

    def lines(self) -> list[DimensionLine]:
        """Return what was said beside what was guessed; nothing of an answer that was erased or has not
        settled."""
        answer = self.answer
        if answer is None or not answer.access.whole:
            return []
        both = zip(DIMENSIONS, answer.client.ratings, answer.mirror.ratings, strict=True)
        return [DimensionLine(name, said, guessed) for name, said, guessed in both]


def to_practise_after(alert: AlertView, numbers: Numbers) -> str:
    """Return the dimension to work on after an alert: by its answer, else by the relationship's numbers."""
    answer = alert.answer
    if answer is None or not answer.access.whole:
        return to_practise(numbers.client, numbers.mirror)
    return to_practise(answer.client.ratings, answer.mirror.ratings)


def count_open_alerts(session: Session, viewer: Viewer) -> tuple[int, int]:
    """Count (open alerts, urgent ones among them) of the reps this person is responsible for."""
    shown = (
        _visible(viewer, _severity(viewer).label("shown")).where(col(Alert.closed_at).is_(None)).subquery()
    )
    rows = session.execute(select(shown.c.shown, func.count().label("alerts")).group_by(shown.c.shown))
    counts: dict[Severity, int] = {row.shown: row.alerts for row in rows}
    return sum(counts.values()), counts.get(Severity.URGENT, 0)


def open_alerts(session: Session, viewer: Viewer, now: datetime, skip: int, take: int) -> list[AlertView]:
    """Return `take` open alerts after the first `skip`: overdue before the others, urgent before watch, then
    the one due first."""
    late_first = case((col(Alert.due_at) <= now, 0), else_=1)
    order = (late_first, _severity(viewer), col(Alert.due_at), col(Alert.id))
    return _alerts(session, viewer, now, col(Alert.closed_at).is_(None), order=order, skip=skip, limit=take)


def count_overdue(session: Session, viewer: Viewer, now: datetime) -> int:
    """Count the open alerts that should have been closed by now."""
    return (
        session.scalar(
            _visible(viewer, func.count()).where(col(Alert.closed_at).is_(None), col(Alert.due_at) <= now)
        )
        or 0
    )


def closed_alerts(session: Session, viewer: Viewer, now: datetime, skip: int, take: int) -> list[AlertView]:
    """Return `take` closed alerts after the first `skip`, the latest first."""
    order = (col(Alert.closed_at).desc(), col(Alert.id))
    return _alerts(
        session, viewer, now, col(Alert.closed_at).is_not(None), order=order, skip=skip, limit=take
    )


def gravest_open_alerts(session: Session, viewer: Viewer, most: int, now: datetime) -> dict[UUID, OpenAlert]:
    """Return by account the gravest of the open alerts there that this person may see, of at most so many accounts: those
    with urgent ones first, the most valuable first."""
    severity = _severity(viewer)
    seen = _visible(viewer, col(Alert.id)).where(col(Alert.closed_at).is_(None)).correlate(None)
    rows = session.execute(
        _shown(
            viewer.organisation_id, col(Account.id).label("account_id"), col(Alert.id), col(Alert.relationship_id),
            col(Alert.kind), severity.label("severity"),
        )
        .where(col(Alert.closed_at).is_(None), col(Account.archived_at).is_(None), col(Alert.id).in_(seen))
        .order_by(severity, func.coalesce(col(Account.value), 0.0).desc(), col(Alert.due_at), col(Alert.id))
        .limit(ALERTS_OF_AN_ACCOUNT * most)
    )  # fmt: skip
    found: dict[UUID, OpenAlert] = {}
    for row in rows:
        if row.account_id not in found:
            if len(found) == most:
                break
            found[row.account_id] = OpenAlert(row.id, row.relationship_id, row.kind, Severity(row.severity))
    if viewer.reader is not Reader.TEAMS:
        return found
    shown = {
        each.id: each.kind for each in alerts_by_id(session, viewer, [a.id for a in found.values()], now)
    }
    return {
        account_id: replace(each, kind=shown[each.id])
        for account_id, each in found.items()
        if each.id in shown
    }


def alert_for(session: Session, viewer: Viewer, alert_id: UUID, now: datetime) -> AlertView:
    """Return an alert this person may see. Raises NotFound for any other."""
    found = _alerts(session, viewer, now, col(Alert.id) == alert_id)
    if not found:
        raise NotFound("alert")
    return found[0]


def open_alerts_at(
    session: Session, viewer: Viewer, account_ids: Collection[UUID], now: datetime
) -> list[AlertView]:
    """Return the open alerts at these accounts, the one due first at the top."""
    there = exists().where(
        references(Alert, Alert.relationship_id, Relationship),
        references(Relationship, Relationship.contact_id, Contact),
        col(Contact.account_id).in_(account_ids),
    )
    order = (col(Alert.due_at), col(Alert.id))
    return _alerts(session, viewer, now, col(Alert.closed_at).is_(None), there, order=order)


def alerts_of_relationship(
    session: Session, viewer: Viewer, relationship_id: UUID, now: datetime
) -> list[AlertView]:
    """Return a relationship's alerts, open and closed, the latest first."""
    found = _alerts(session, viewer, now, col(Alert.relationship_id) == relationship_id)
    return sorted(found, key=lambda alert: alert.opened_at, reverse=True)


def alerts_given_between(
    session: Session, viewer: Viewer, kind: Kind, begin: datetime, end: datetime, now: datetime, take: int
) -> list[AlertView]:
    """Return the alerts that were given a reason of this kind from `begin` until before `end`, if it still
    holds; the latest first, at most `take`."""
    order = (col(Alert.created_at).desc(), col(Alert.id))
    return _alerts(session, viewer, now, _given(viewer, kind, begin, end), order=order, limit=take)


def count_given_between(session: Session, viewer: Viewer, kind: Kind, begin: datetime, end: datetime) -> int:
    """Count the alerts that alerts_given_between finds."""
    return session.scalar(_visible(viewer, func.count()).where(_given(viewer, kind, begin, end))) or 0


def _given(viewer: Viewer, kind: Kind, begin: datetime, end: datetime) -> ColumnElement[bool]:
    return col(Alert.id).in_(
        select(col(AlertReason.alert_id)).where(
            col(AlertReason.organisation_id) == viewer.organisation_id,
            col(AlertReason.kind) == kind,
            col(AlertReason.struck_at).is_(None),
            col(AlertReason.created_at) >= begin,
            col(AlertReason.created_at) < end,
        )
    )


def alerts_by_id(session: Session, viewer: Viewer, ids: Collection[UUID], now: datetime) -> list[AlertView]:
    """Return those of these alerts that this person may see, urgent ones first."""
    found = _alerts(session, viewer, now, col(Alert.id).in_(ids))
    return sorted(found, key=lambda alert: (not alert.urgent, alert.opened_at, alert.id))


def handled_alerts(session: Session, viewer: Viewer, since: datetime) -> list[AlertHandling]:
    """Return how each alert opened since then was handled, for core.alerts.metrics."""
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
    """Return the alerts in `where`: the database first finds their ids, and then what they are shown with."""
    chosen = _visible(viewer, col(Alert.id)).where(*where).order_by(*order).limit(limit).offset(skip or None)
    ids = session.scalars(chosen).all()
    statement = _shown(
        viewer.organisation_id,
        col(Alert.id), col(Alert.kind), col(Alert.severity), col(Alert.created_at).label("opened_at"),
        col(Alert.due_at), col(Alert.closed_at), col(Alert.outcome), col(Alert.taken_by_id),
        col(Alert.relationship_id), col(Relationship.last_meeting_at), col(User.id).label("rep_id"),
        col(User.name).label("rep"), col(Contact.name).label("contact"), col(Account.id).label("account_id"), col(Account.name).label("account"),
        col(_Taker.name).label("taken_by"),
    )  # fmt: skip
    found = {row.id: row for row in session.execute(statement.where(col(Alert.id).in_(ids)))} if ids else {}
    reasons = _reasons(session, viewer, list(found), now) if found else {}
    return [
        _led_by_shown(AlertView(**found[each]._asdict(), reasons=reasons[each]), viewer)
        for each in ids
        if each in found
    ]


def _led_by_shown(alert: AlertView, viewer: Viewer) -> AlertView:
    """Return an alert led by a reason that this person may be shown."""
    if shows_reason(viewer.reader, alert.kind):
        severity = Severity.URGENT if any(r.severity == Severity.URGENT for r in alert.standing) else None
        return replace(alert, severity=severity or Severity.WATCH) if viewer.reader is Reader.TEAMS else alert
    first = (alert.standing or alert.reasons)[0]
    return replace(alert, kind=first.kind, severity=first.severity)


def _visible(viewer: Viewer, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Select from the alerts about whom the reps look after that this person is responsible for, without what an alert is
    shown with. Those with no reason that this person may be shown are not among them."""
    statement = (
        select(*columns).select_from(Alert).where(col(Alert.organisation_id) == viewer.organisation_id)
    )
    shown = _shown_kinds(viewer)
    if len(shown) < len(Kind):
        statement = statement.where(_has_reason(col(AlertReason.kind).in_(shown)))
    if sees_all_teams(viewer.role):
        return statement
    reps = select(col(User.id)).where(
        col(User.organisation_id) == viewer.organisation_id, col(User.team_id).in_(viewer.teams)
    )
    theirs = exists().where(references(Alert, Alert.relationship_id, Relationship), looked_after_by(reps))
    return statement.where(theirs)


def _shown_kinds(viewer: Viewer) -> list[Kind]:
    return [kind for kind in Kind if shows_reason(viewer.reader, kind)]


def _has_reason(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(references(AlertReason, AlertReason.alert_id, Alert), *where).correlate(Alert)


def _severity(viewer: Viewer) -> Any:
    """Return the severity of an alert: as stored, or by the reasons that this person may be shown alone."""
    shown = _shown_kinds(viewer)
    if len(shown) == len(Kind):
        return col(Alert.severity)
    urgent = _has_reason(
        col(AlertReason.kind).in_(shown),
        col(AlertReason.severity) == Severity.URGENT,
        col(AlertReason.struck_at).is_(None),
    )
    return case((urgent, Severity.URGENT.value), else_=Severity.WATCH.value)


def _shown(organisation_id: UUID, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Select from alerts with all that one is shown with."""
    return (
        select(*columns)
        .select_from(Alert)
        .join(Relationship, references(Alert, Alert.relationship_id, Relationship))
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(_Taker, references(Alert, Alert.taken_by_id, _Taker))
        .where(col(Alert.organisation_id) == organisation_id)
    )


def _reasons(
    session: Session, viewer: Viewer, alert_ids: list[UUID], now: datetime
) -> dict[UUID, list[ReasonView]]:
    """Return the reasons that this person may be shown by alert, in the order they were given."""
    organisation_id, shown = viewer.organisation_id, _shown_kinds(viewer)
    rows = session.scalars(
        select(AlertReason)
        .where(
            col(AlertReason.organisation_id) == organisation_id,
            col(AlertReason.alert_id).in_(alert_ids),
            true() if len(shown) == len(Kind) else col(AlertReason.kind).in_(shown),
        )
        .order_by(col(AlertReason.created_at), col(AlertReason.id))
    ).all()
    ids = [row.invitation_id for row in rows if row.invitation_id]
    answers = invitations_by_ids(session, organisation_id, ids, viewer.reader, now)
    found: defaultdict[UUID, list[ReasonView]] = defaultdict(list)
    for row in rows:
        answer = answers.get(row.invitation_id) if row.invitation_id else None
        found[row.alert_id].append(ReasonView(row.kind, row.severity, row.created_at, answer, row.struck_at))
    return found
