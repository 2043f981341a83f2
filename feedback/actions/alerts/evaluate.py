"""One open alert per relationship: answers and silence give it reasons, and strike them out."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from feedback.actions.alerts.handle import Closing, close, due_from_now
from feedback.actions.alerts.mail import tell_of_alert
from feedback.core.alerts.reasons import (
    KINDS_FROM_ANSWER,
    TAKEN_BACK,
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
from feedback.models import Alert, AlertReason, Relationship
from feedback.models.feedback import Counts
from feedback.models.webhook import Event
from feedback.store.alert_rows import has_reasons, reasons_about, says_promise_broken, was_handled
from feedback.store.answers import AnswerRows, HeldRelationship
from feedback.store.history import PastInvitation
from feedback.webhooks.events import enqueue_event

# When nobody decided. An alert that somebody has acted on stays open.
CHANGED = Closing(Outcome.MISTAKEN, TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class KnownReasons:
    """What is known about a relationship before an answer, or silence, is looked at again."""

    relationship: HeldRelationship | Relationship
    invitation_id: UUID | None  # of the answer; None for silence
    rows: list[tuple[Alert, AlertReason]]  # of the open alert, and all that this answer ever gave

    @property
    def open_alert(self) -> Alert | None:
        """Return the relationship's open alert; None without one."""
        return next((alert for alert, _ in self.rows if alert.closed_at is None), None)

    @property
    def mine(self) -> list[tuple[Alert, AlertReason]]:
        """Return the reasons of this answer, or of silence, each with its alert."""
        return [(alert, reason) for alert, reason in self.rows if reason.invitation_id == self.invitation_id]


def evaluate_alerts(
    c: Change, answer: AnswerRows, past: Sequence[PastInvitation], closing: Closing = CHANGED
) -> None:
    """Give the relationship's alert the reasons of a settled answer, open one where there is none, and strike
    out what the answer gives no reason for any more. Evaluating twice changes nothing. past: the
    relationship's history. closing: how the alert closes when its last reason falls away."""
    found = [*_doubts(answer), *_answer_reasons(c, answer, past)]
    # Nine of ten answers give no reason, and nothing is known about them: to find that out costs a third of reading it.
    if found or has_reasons(c.session, c.organisation_id, answer.relationship.id, answer.invitation.id):
        apply_reasons(c, known_reasons(c, answer.relationship, answer.invitation.id), found, closing)


def evaluate_trust(c: Change, answer: AnswerRows) -> None:
    """Give the alert the doubts about an answer that has not settled yet: the manager need not wait for
    it."""
    apply_reasons(c, known_reasons(c, answer.relationship, answer.invitation.id), _doubts(answer))


def urgent_reasons(c: Change, answer: AnswerRows) -> list[AlertReason]:
    """Return the urgent reasons that the client's own words give to an open alert."""
    return [
        reason
        for alert, reason in known_reasons(c, answer.relationship, answer.invitation.id).mine
        if alert.closed_at is None
        and reason.struck_at is None
        and reason.severity == Severity.URGENT
        and reason.kind in KINDS_FROM_ANSWER
    ]


def known_reasons(
    c: Change, relationship: HeldRelationship | Relationship, invitation_id: UUID | None
) -> KnownReasons:
    """Return what is known about a relationship before an answer is evaluated; invitation_id: None for
    silence."""
    rows = reasons_about(c.session, c.organisation_id, relationship.id, invitation_id)
    return KnownReasons(relationship, invitation_id, rows)


def apply_reasons(
    c: Change, known: KnownReasons, reasons: Iterable[Reason], closing: Closing = CHANGED
) -> None:
    """Make the reasons of one answer, or of silence, those that were found now. closing: how the alert closes
    when its last reason falls away."""
    alert = before = known.open_alert
    was_urgent = alert is not None and alert.severity == Severity.URGENT
    found = {reason.kind: reason for reason in reasons}
    mine, invitation_id = known.mine, known.invitation_id
    _strike_in_closed(c, mine, found)
    stood = [r for each, r in known.rows if each is alert and r.struck_at is None]
    new_reasons: list[Reason] = []
    holding: dict[Kind, Reason] = {}
    for kind, reason in found.items():
        covering = _already_handled(c, mine, reason)
        for row in covering:
            row.struck_at = None
        if not covering:
            holding[kind] = reason
    if alert is None and (first := leading(holding.values())):
        alert, stood = _open_alert(c, known.relationship, first), []
    if alert is None:
        return
    for kind, reason in holding.items():
        standing = next((r for each, r in mine if each is alert and r.kind == kind), None)
        if standing is None:
            stood.append(_add_reason(c, alert, invitation_id, reason))
            new_reasons.append(reason)
        elif standing.struck_at is not None or standing.severity != reason.severity:
            if standing.struck_at is not None or reason.severity == Severity.URGENT:
                new_reasons.append(reason)
            stood = [r for r in stood if r is not standing] + [standing]
            standing.struck_at, standing.severity = None, reason.severity
    for reason_row in [r for r in stood if r.invitation_id == invitation_id and Kind(r.kind) not in found]:
        reason_row.struck_at = c.now
        stood.remove(reason_row)
    _apply_leading_reason(c, alert, stood, closing)
    if stood and any(reason.severity == Severity.URGENT for reason in new_reasons):
        tell_of_alert(c, alert, known.relationship, new=alert is not before)
    if alert is not before or (new_reasons and not was_urgent and alert.severity == Severity.URGENT):
        enqueue_event(c, Event.ALERT_OPENED, alert.id)


def _apply_leading_reason(c: Change, alert: Alert, stood: Sequence[AlertReason], closing: Closing) -> None:
    """Set the alert's kind and severity to those of its leading reason. When no reason holds it closes, by
    itself only if nobody has acted."""
    lead = leading(Reason(Kind(r.kind), Severity(r.severity)) for r in stood)
    if lead is None:
        if closing.user_id is not None or not was_handled(c.session, alert):
            close(c, alert, closing)
        c.session.flush()
        return
    if lead.severity == Severity.URGENT and alert.severity != Severity.URGENT:
        alert.due_at = due_from_now(c)
    if (alert.kind, alert.severity) != (lead.kind, lead.severity):
        alert.kind, alert.severity = lead.kind, lead.severity
    c.session.flush()


def _strike_in_closed(c: Change, mine: list[tuple[Alert, AlertReason]], found: Container[Kind]) -> None:
    """Strike out in closed alerts, too, what this answer gives no reason for any more: they stay closed, and what fell
    away does not stand again when one is reopened."""
    for alert, row in mine:
        if alert.closed_at is not None and row.struck_at is None and Kind(row.kind) not in found:
            row.struck_at = c.now


def _already_handled(c: Change, mine: list[tuple[Alert, AlertReason]], reason: Reason) -> list[AlertReason]:
    """Return the rows of closed alerts that cover this reason: an answer that gave it once, to an alert that
    somebody has handled and that is closed, gives it again only when it got worse. An alert that closed by
    itself covers nothing."""
    return [
        row
        for alert, row in mine
        if alert.closed_at is not None
        and row.kind == reason.kind
        and not (reason.severity == Severity.URGENT and row.severity != Severity.URGENT)
        and was_handled(c.session, alert)
    ]


def _doubts(answer: AnswerRows) -> list[Reason]:
    row = answer.row
    return reasons_of_trust(
        row.signals,
        disputed=row.disputed_at is not None,
        quarantined=row.counts == Counts.QUARANTINED,
        decided=row.decided_at is not None,
    )


def _answer_reasons(c: Change, answer: AnswerRows, past: Sequence[PastInvitation]) -> list[Reason]:
    """Return the reasons that the client's own words give; none for an answer that may not be the
    client's."""
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
    return says_promise_broken(c.session, c.organisation_id, answer.invitation.id)


def _open_alert(c: Change, relationship: HeldRelationship | Relationship, reason: Reason) -> Alert:
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


def _add_reason(c: Change, alert: Alert, invitation_id: UUID | None, reason: Reason) -> AlertReason:
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
