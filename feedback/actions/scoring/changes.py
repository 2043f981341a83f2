"""Another half-life, review interval or time zone: asked for, tried by a worker, looked at, and then applied by it.

Stored numbers carry the half-life within them, so that it changes together with all of them, in one transaction.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import update
from sqlmodel import col

from feedback.actions.scoring.rescore import rescore
from feedback.core.audit import AuditKind
from feedback.core.scoring.points import LONGEST_HALF_LIFE, SHORTEST_HALF_LIFE
from feedback.db.change import Change, Invalid
from feedback.models import ChangeState, ScoringChange
from feedback.store.organisations import locked_organisation
from feedback.store.scoring_changes import is_due, open_scoring_change

SETTINGS = ("half_life_days", "review_days", "timezone")
LOOK_AGAIN = timedelta(minutes=1)  # longer than any answer takes to be saved
GOES_ON = "This change has gone on meanwhile; look at how it stands now."


def ask_for_change(c: Change, user_id: UUID, half_life_days: int, review_days: int, timezone: str) -> UUID:
    """Let a worker tell what a change would do; return its id. Raises Invalid."""
    locked_organisation(c.session, c.organisation_id, key_share=True)
    reasons = {}
    if not SHORTEST_HALF_LIFE <= half_life_days <= LONGEST_HALF_LIFE:
        reasons["half_life_days"] = f"{SHORTEST_HALF_LIFE} to {LONGEST_HALF_LIFE} days."
    if not 1 <= review_days <= 3650:
        reasons["review_days"] = "1 to 3,650 days."
    if timezone not in available_timezones():
        reasons["timezone"] = "We know no such time zone. Write it like Europe/Berlin."
    if reasons:
        raise Invalid(**reasons)
    wanted: dict[str, Any] = {
        "half_life_days": half_life_days,
        "review_days": review_days,
        "timezone": timezone,
    }
    if all(getattr(c.organisation, name) == value for name, value in wanted.items()):
        raise Invalid(half_life_days="This is how it is already.")
    if open_scoring_change(c.session, c.organisation_id):
        raise Invalid(half_life_days="Another change is being looked at; apply it or leave it first.")
    asked = ScoringChange(organisation_id=c.organisation_id, created_at=c.now, user_id=user_id, **wanted)
    c.session.add(asked)
    c.session.flush()
    return asked.id


def apply_change(c: Change, change_id: UUID) -> None:
    """Let a worker apply a change that was looked at. Raises Invalid."""
    asked = _held(c, change_id, ChangeState.TRIED)
    asked.state, asked.claimed_at = ChangeState.APPLYING, None


def leave_change(c: Change, change_id: UUID) -> None:
    """Leave everything as it is. Raises Invalid."""
    asked = _held(c, change_id, ChangeState.TRIED, ChangeState.TRYING)
    asked.state, asked.ended_at, asked.claimed_at = ChangeState.STOPPED, c.now, None


def claim_change(c: Change, change_id: UUID) -> ScoringChange | None:
    """Take a change from the other workers; None when another has it."""
    taken = c.session.execute(
        update(ScoringChange)
        .where(
            col(ScoringChange.organisation_id) == c.organisation_id,
            col(ScoringChange.id) == change_id,
            is_due(c.now),
        )
        .values(claimed_at=c.now)
        .returning(col(ScoringChange.id))
    ).first()
    return c.session.get_one(ScoringChange, (c.organisation_id, change_id)) if taken else None


def store_preview(c: Change, change_id: UUID, preview: dict[str, Any] | None) -> None:
    """Store what a change would do; None where it could not be told, which ends it."""
    asked = _held(c, change_id, ChangeState.TRYING)
    asked.preview, asked.claimed_at = preview, None
    asked.state = ChangeState.TRIED if preview else ChangeState.STOPPED
    asked.ended_at = None if preview else c.now


def rescore_with(c: Change, change_id: UUID, progress: Any = lambda: None) -> None:
    """Apply a change, and work every stored number out anew. Frozen weeks stay as they are.

    On PostgreSQL a write that began before with the old half-life may end after; so it is worked out once more a
    little later. SQLite's writers take turns.
    """
    locked_organisation(c.session, c.organisation_id, key_share=True)
    asked = _held(c, change_id, ChangeState.APPLYING)
    before = {name: getattr(c.organisation, name) for name in SETTINGS}
    after = {name: getattr(asked, name) for name in SETTINGS}
    different = [name for name in SETTINGS if before[name] != after[name]]
    for name in different:
        setattr(c.organisation, name, after[name])
    if "half_life_days" in different:
        c.organisation.half_life_since = c.now
    c.session.flush()
    if set(different) - {"review_days"}:
        rescore(c, progress)
        waits = c.session.get_bind().dialect.name == "postgresql"
        asked.again_at = c.now + LOOK_AGAIN if waits else None
    asked.state, asked.ended_at, asked.claimed_at = ChangeState.DONE, c.now, None
    c.audit(
        asked.user_id,
        AuditKind.SETTINGS_CHANGED,
        before={name: before[name] for name in different},
        after={name: after[name] for name in different},
    )


def rescore_again(c: Change, change_id: UUID) -> None:
    """Work everything out once more, for what was written while a change was applied."""
    asked = _held(c, change_id, ChangeState.DONE)
    rescore(c)
    asked.again_at = asked.claimed_at = None


def _held(c: Change, change_id: UUID, *states: ChangeState) -> ScoringChange:
    """Return a change, held. Raises Invalid for one that has gone on."""
    found = c.session.get(ScoringChange, (c.organisation_id, change_id), with_for_update=True)
    if found is None or found.state not in states:
        raise Invalid(half_life_days=GOES_ON)
    return found
