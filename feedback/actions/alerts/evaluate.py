"""One open alert per relationship: answers and silence give it reasons, and take them away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from feedback.actions.alerts.handle import close_now, due_from_now, was_handled
from feedback.actions.alerts.mail import mail_alert
from feedback.actions.answer_rows import AnswerRows
from feedback.core.alerts.reasons import (
    AnswerFacts,
    Kind,
    Outcome,
    Reason,
    Severity,
    leading,
    reasons_of,
    reasons_of_trust,
)
from feedback.core.dimensions import NO_RATINGS
from feedback.core.extras import Extra
from feedback.core.scoring.relationships import relationship_numbers
from feedback.db.change import Change
from feedback.db.tenancy import references
from feedback.models import Alert, AlertReason, Promise, Relationship, Side, Verdict
from feedback.models.feedback import Counts
from feedback.models.webhook import Event
from feedback.store.relationships import PastInvitation
from feedback.webhooks import events

# What the client's own words give reason for.
BY_WHAT_WAS_SAID = frozenset(
    {Kind.LOW, Kind.DROP, Kind.BLIND_SPOT, Kind.BROKEN_PROMISE, Kind.FINE, Kind.AHEAD}
)
TAKEN_BACK = "The client changed the answer, or took it back."


@dataclass(frozen=True, slots=True)
class Closing:
    """How an alert closes when its last reason falls away. user_id: who decided that, None when nobody did; then it
    stays open for whoever has acted on it."""

    outcome: Outcome = Outcome.MISTAKEN
    words: str = TAKEN_BACK
    user_id: UUID | None = None


def evaluate_alerts(
    c: Change, answer: AnswerRows, past: Sequence[PastInvitation], ending: Closing | None = None
) -> None:
    """Gives the relationship's alert the reasons of a settled answer, opens one where there is none, and strikes out
    what the answer gives no reason for any more. Looking twice changes nothing. past: the relationship's history."""
    known = reasons_about(c, answer.relationship, answer.invitation.id)
    found = [*_doubts(answer), *_what_was_said(c, answer, past)]
    apply_reasons(c, answer.relationship, answer.invitation.id, found, known, ending or Closing())


def evaluate_trust(c: Change, answer: AnswerRows) -> None:
    """What is doubtful about an answer that has not settled yet: the manager need not wait for it."""
    known = reasons_about(c, answer.relationship, answer.invitation.id)
    apply_reasons(c, answer.relationship, answer.invitation.id, _doubts(answer), known, Closing())


def urgent_reasons(c: Change, answer: AnswerRows) -> list[AlertReason]:
    """The urgent reasons that what the client said gives to an open alert."""
    return [
        reason
        for alert, reason in reasons_about(c, answer.relationship, answer.invitation.id)
        if alert.closed_at is None
        and reason.invitation_id == answer.invitation.id
        and reason.struck_at is None
        and reason.severity == Severity.URGENT
        and reason.kind in BY_WHAT_WAS_SAID
    ]


Known = list[tuple[Alert, AlertReason]]


def apply_reasons(
    c: Change,
    relationship: Relationship,
    invitation_id: UUID | None,
    reasons: Iterable[Reason],
    known: Known,
    ending: Closing,
) -> None:
    """Brings the reasons of one answer (None: of silence) to what was found now. known: those of the open alert, and
    all that this answer ever gave. The relationship is locked."""
    alert = before = next((each for each, _ in known if each.closed_at is None), None)
    was_urgent = alert is not None and alert.severity == Severity.URGENT
    found = {reason.kind: reason for reason in reasons}
    mine = [(each, reason) for each, reason in known if reason.invitation_id == invitation_id]
    stood = [r for each, r in known if each is alert and r.struck_at is None]
    news: list[Reason] = []
    for kind, reason in found.items():
        if _dealt_with(c, mine, reason):
            continue
        if alert is None:
            alert = _opened(c, relationship, reason)
            stood = []
        standing = next((r for each, r in mine if each is alert and r.kind == kind), None)
        if standing is None:
            stood.append(_given(c, alert, invitation_id, reason))
            news.append(reason)
        elif standing.struck_at is not None or standing.severity != reason.severity:
            if standing.struck_at is not None or reason.severity == Severity.URGENT:
                news.append(reason)
            stood = [r for r in stood if r is not standing] + [standing]
            standing.struck_at, standing.severity = None, reason.severity
    if alert is None:
        return
    for reason_row in [r for r in stood if r.invitation_id == invitation_id and Kind(r.kind) not in found]:
        reason_row.struck_at = c.now
        stood.remove(reason_row)
    _sum_up(c, relationship, alert, stood, news, ending)
    if alert is not before or (news and not was_urgent and alert.severity == Severity.URGENT):
        events.enqueue_event(c.session, c.organisation_id, Event.ALERT_OPENED, alert.id, c.now)


def _sum_up(
    c: Change,
    relationship: Relationship,
    alert: Alert,
    stood: Sequence[AlertReason],
    news: Sequence[Reason],
    ending: Closing,
) -> None:
    """The alert is filed under its leading reason. Whatever is urgent and new is mailed; when nothing stands it closes
    by itself, unless somebody has acted."""
    lead = leading(Reason(Kind(r.kind), Severity(r.severity)) for r in stood)
    if lead is None:
        if ending.user_id is not None or not was_handled(c, alert):
            close_now(c, alert, ending.user_id, ending.outcome, ending.words)
        c.session.flush()
        return
    if lead.severity == Severity.URGENT and alert.severity != Severity.URGENT:
        alert.due_at = due_from_now(c)
    if (alert.kind, alert.severity) != (lead.kind, lead.severity):
        alert.kind, alert.severity = lead.kind, lead.severity
    c.session.flush()
    if any(reason.severity == Severity.URGENT for reason in news):
        mail_alert(c, alert, relationship)


def _dealt_with(c: Change, mine: Known, reason: Reason) -> bool:
    """An answer that gave this reason once, to an alert that somebody has closed, gives it again only when it got
    worse. One that closed by itself was nobody's."""
    return any(
        alert.closed_at is not None
        and row.kind == reason.kind
        and not (reason.severity == Severity.URGENT and row.severity != Severity.URGENT)
        and was_handled(c, alert)
        for alert, row in mine
    )


def _doubts(answer: AnswerRows) -> list[Reason]:
    row = answer.row
    return reasons_of_trust(
        row.signals,
        disputed=row.disputed_at is not None,
        quarantined=row.counts == Counts.QUARANTINED,
        decided=row.decided_at is not None,
    )


def _what_was_said(c: Change, answer: AnswerRows, past: Sequence[PastInvitation]) -> list[Reason]:
    """What may not be the client's own word gives no reason for anything else."""
    this = next((p for p in past if p.invitation_id == answer.invitation.id), None)
    row = answer.row
    if this is None or row.counts != Counts.COUNTED or row.erased_at is not None:
        return []
    return reasons_of(
        AnswerFacts(
            client=this.client,
            mirror=this.mirror if this.answer.sealed else NO_RATINGS,
            loyalty_before=_loyalty_before(c, this, past),
            comment=row.comment,
            client_stage=row.stage,
            rep_stage=this.rep_stage if this.answer.sealed else None,
            promise_broken=_broke_a_promise(c, answer),
        )
    )


def _loyalty_before(c: Change, this: PastInvitation, past: Sequence[PastInvitation]) -> float | None:
    """The relationship's loyalty from the meetings held before this one."""
    earlier = (p.moment() for p in past if p.held_at <= this.held_at and p is not this)
    return relationship_numbers(earlier, c.scoring).loyalty


def _broke_a_promise(c: Change, answer: AnswerRows) -> bool:
    if answer.row.extra != Extra.PROMISES:
        return False  # nobody was asked
    return (
        c.session.exec(
            select(Promise.id).where(
                col(Promise.organisation_id) == c.organisation_id,
                col(Promise.judged_in_id) == answer.invitation.id,
                col(Promise.verdict) == Verdict.NOT_KEPT,
                col(Promise.side) == Side.REP,
            )
        ).first()
        is not None
    )


def reasons_about(c: Change, relationship: Relationship, invitation_id: UUID | None) -> Known:
    """The reasons of the relationship's open alert, and whatever this answer gave to any. The open alert is locked."""
    rows = c.session.exec(
        select(Alert, AlertReason)
        .join(AlertReason, references(AlertReason, AlertReason.alert_id, Alert))
        .where(
            col(Alert.organisation_id) == c.organisation_id,
            col(Alert.relationship_id) == relationship.id,
            col(Alert.closed_at).is_(None)
            | (
                col(AlertReason.invitation_id).is_not(None)
                & (col(AlertReason.invitation_id) == invitation_id)
            ),
        )
        .order_by(col(AlertReason.created_at), col(AlertReason.id))
        .with_for_update(of=Alert)
        .execution_options(populate_existing=True)
    )
    return [(alert, reason) for alert, reason in rows]


def _opened(c: Change, relationship: Relationship, reason: Reason) -> Alert:
    alert = Alert(
        organisation_id=c.organisation_id,
        created_at=c.now,
        relationship_id=relationship.id,
        kind=reason.kind,
        severity=reason.severity,
        due_at=due_from_now(c),
    )
    c.session.add(alert)
    c.session.flush()
    return alert


def _given(c: Change, alert: Alert, invitation_id: UUID | None, reason: Reason) -> AlertReason:
    row = AlertReason(
        organisation_id=c.organisation_id,
        created_at=c.now,
        alert_id=alert.id,
        kind=reason.kind,
        severity=reason.severity,
        invitation_id=invitation_id,
    )
    c.session.add(row)
    return row
