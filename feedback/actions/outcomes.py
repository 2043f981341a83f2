"""What became of a client: noted, corrected, retracted. No score is worked out of it, and none changes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from feedback.actions.evidence import want_evidence
from feedback.core.access import NotFound
from feedback.core.audit import AuditKind
from feedback.core.evidence.outcomes import ClientOutcome, OutcomeSource
from feedback.db.change import Change, Invalid
from feedback.db.locks import locked
from feedback.models import Account, Contact, NotedOutcome
from feedback.models.outcome import LONGEST_REASON
from feedback.store.outcomes import outcome_on
from feedback.wording.i18n import app_text, lazy_app_text

_app = lazy_app_text  # translated when it is shown

EARLIEST = date(2000, 1, 1)
TOO_EARLY = _app("A day from 2000 on.")
AHEAD = _app(
    "That day has not come yet. An outcome is what has happened: enter the day on which it was agreed."
)
ELSEWHERE = _app("Choose somebody of this account.")
OTHERWISE = _app("Another outcome is noted for that day. Correct that one, or choose another day.")
TOO_LONG = _app("At most 500 characters.")


@dataclass(frozen=True, slots=True)
class OutcomeSaid:
    """An outcome as somebody wants it noted."""

    outcome: ClientOutcome
    day: date
    contact_id: UUID | None = None
    value_before: float | None = None
    value_after: float | None = None
    reason: str | None = None


def note_outcome(
    c: Change,
    by: UUID | None,
    account_id: UUID,
    said: OutcomeSaid,
    source: OutcomeSource,
    alert_id: UUID | None = None,
) -> UUID:
    """Note an outcome; return its id. The same one of the same day twice is one, and stays as it is. Raises Invalid, and
    NotFound."""
    account = _account(c, account_id)
    _refuse(c, account_id, said)
    there = outcome_on(c.session, c.organisation_id, account_id, said.contact_id, said.day)
    if there:
        if there.outcome == said.outcome:
            return there.id
        raise Invalid(happened_on=OTHERWISE)
    row = NotedOutcome(
        organisation_id=c.organisation_id, created_at=c.now, account_id=account_id, noted_by_id=by,
        source=source, alert_id=alert_id, **_columns(said),
    )  # fmt: skip
    c.session.add(row)
    c.session.flush()
    c.audit(by, AuditKind.OUTCOME_NOTED, row.id, name=account.name, after=_told(row))
    want_evidence(c)
    return row.id


def correct_outcome(c: Change, by: UUID, outcome_id: UUID, said: OutcomeSaid) -> None:
    """Correct an outcome in its place. Raises Invalid, and NotFound."""
    row, account = _held(c, outcome_id)
    _refuse(c, row.account_id, said)
    there = outcome_on(c.session, c.organisation_id, row.account_id, said.contact_id, said.day)
    if there and there.id != row.id and row.retracted_at is None:
        raise Invalid(happened_on=OTHERWISE)
    before, reason = _told(row), row.reason
    for name, value in _columns(said).items():
        setattr(row, name, value)
    if (before, reason) == (_told(row), row.reason):
        return
    row.corrected_at = c.now
    c.session.flush()
    after = _told(row)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    c.audit(
        by, AuditKind.OUTCOME_CORRECTED, row.id, name=account.name,
        before={name: before[name] for name in sorted(changed)}, after={name: after[name] for name in sorted(changed)},
    )  # fmt: skip
    want_evidence(c)


def retract_outcome(c: Change, by: UUID, outcome_id: UUID, *, retracted: bool) -> None:
    """Let an outcome count no longer, or again; twice is once. Raises Invalid where another was noted for its day
    meanwhile, and NotFound."""
    row, account = _held(c, outcome_id)
    if (row.retracted_at is not None) == retracted:
        return
    if not retracted and outcome_on(
        c.session, c.organisation_id, row.account_id, row.contact_id, row.happened_on
    ):
        raise Invalid(happened_on=OTHERWISE)
    row.retracted_at = c.now if retracted else None
    c.session.flush()
    kind = AuditKind.OUTCOME_RETRACTED if retracted else AuditKind.OUTCOME_BACK
    before, after = (_told(row), None) if retracted else (None, _told(row))
    c.audit(by, kind, row.id, name=account.name, before=before, after=after)
    want_evidence(c)


def move_outcomes_of_contacts(c: Change, contact_ids: Collection[UUID]) -> None:
    """Let the outcomes of these contacts stand at the accounts at which they are now."""
    c.session.flush()
    for contact_id in contact_ids:
        at = c.session.get_one(Contact, (c.organisation_id, contact_id)).account_id
        _update_of(c, contact_id, {"account_id": at})


def untie_outcomes(c: Change, contact_id: UUID) -> int:
    """Untie outcomes from a contact who is erased; return how many. They count for nothing from then on: they were about
    nobody else, and not about the whole account."""
    number = _update_of(c, contact_id, {"contact_id": None, "reason": None, "retracted_at": c.now})
    if number:
        want_evidence(c)
    return number


def _update_of(c: Change, contact_id: UUID, values: dict[str, Any]) -> int:
    mine = col(NotedOutcome.organisation_id) == c.organisation_id, col(NotedOutcome.contact_id) == contact_id
    return c.write(update(NotedOutcome).where(*mine).values(values))


def _refuse(c: Change, account_id: UUID, said: OutcomeSaid) -> None:
    """Raise Invalid for a day that has not come, somebody of another account, or a reason that is too long."""
    reasons: dict[str, Any] = {}
    if said.day > c.now.astimezone(c.zone).date():
        reasons["happened_on"] = AHEAD
    elif said.day < EARLIEST:
        reasons["happened_on"] = TOO_EARLY
    if said.contact_id is not None:
        contact = c.session.get(Contact, (c.organisation_id, said.contact_id))
        if contact is None or contact.account_id != account_id or contact.merged_at:
            reasons["contact"] = ELSEWHERE
    if said.reason and len(said.reason) > LONGEST_REASON:
        reasons["reason"] = TOO_LONG
    if reasons:
        raise Invalid(**{field: app_text(reason) for field, reason in reasons.items()})


def _columns(said: OutcomeSaid) -> dict[str, Any]:
    return {
        "contact_id": said.contact_id, "happened_on": said.day, "outcome": said.outcome,
        "value_before": said.value_before, "value_after": said.value_after, "reason": (said.reason or "").strip() or None,
    }  # fmt: skip


def _told(row: NotedOutcome) -> dict[str, Any]:
    """Return what the audit log says of an outcome: all but the words of its reason, which may name people."""
    return {
        "outcome": row.outcome.value, "happened_on": row.happened_on.isoformat(), "value_before": row.value_before,
        "value_after": row.value_after, "for_one_contact": row.contact_id is not None, "reason": bool(row.reason),
    }  # fmt: skip


def _account(c: Change, account_id: UUID) -> Account:
    """Return an account, held, so that two who note the same take turns."""
    found = locked(c.session, Account, organisation_id=c.organisation_id, id=account_id)
    if found is None or found.merged_at:
        raise NotFound("account")
    return found


def _held(c: Change, outcome_id: UUID) -> tuple[NotedOutcome, Account]:
    row = c.session.get(NotedOutcome, (c.organisation_id, outcome_id))
    if row is None:
        raise NotFound("outcome")
    account = _account(c, row.account_id)
    c.session.refresh(row)
    return row, account
