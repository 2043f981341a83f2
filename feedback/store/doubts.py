"""The lists of doubtful answers, for managers."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, literal, literal_column, or_, select, type_coerce
from sqlmodel import Session, col

from feedback.core.trust import NOT_LISTED, STRONG, Signal
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side
from feedback.models.feedback import Counts
from feedback.store.invitation_view import InvitationView
from feedback.store.invitations import invitations_by_ids
from feedback.store.people import Viewer, of_visible_reps
from feedback.store.settling import has_settled


class Doubt(StrEnum):
    """The lists of doubtful answers."""

    WAITING = "waiting"  # quarantined until somebody decides, or disputed by somebody who has the code
    UNUSUAL = "unusual"  # they count, with a weak signal
    DECIDED = "decided"  # accepted, or set aside


# Signals that managers see before the answer has settled.
ALERTED_AT_ONCE = frozenset({Signal.BEGUN_AGAIN, Signal.REP_BEGAN_AGAIN})
WEAK = frozenset(Signal) - STRONG - NOT_LISTED


def doubtful_invitations(
    session: Session, viewer: Viewer, which: Doubt, since: datetime, now: datetime, skip: int, take: int
) -> list[InvitationView]:
    """Return, for managers, `take` doubtful answers after the first `skip`, the latest met first."""
    ids = session.scalars(
        _doubtful(viewer, which, since, now, col(Invitation.id))
        .order_by(col(Meeting.held_at).desc(), col(Invitation.id))
        .limit(take)
        .offset(skip or None)
    ).all()
    found = invitations_by_ids(session, viewer.organisation_id, list(ids), viewer.reader, now)
    return [found[each] for each in ids if each in found]


def count_doubtful(session: Session, viewer: Viewer, which: Doubt, since: datetime, now: datetime) -> int:
    """Count what doubtful_invitations finds."""
    return session.scalar(_doubtful(viewer, which, since, now, func.count())) or 0


def _doubtful(
    viewer: Viewer, which: Doubt, since: datetime, now: datetime, what: Any
) -> Select[*tuple[Any, ...]]:
    """Select the answers with signals or a dispute: quarantined ones of any age, the others of meetings since then.
    Signals stay when a client erases. An answer that has not settled is included only when it was begun again, or
    disputed."""
    said, disputed, decided = _signals(), col(Feedback.disputed_at), col(Feedback.decided_at)
    quarantined = col(Feedback.counts) == literal_column(f"'{Counts.QUARANTINED}'")
    waits = quarantined | disputed.is_not(None)
    conditions = {
        Doubt.WAITING: decided.is_(None) & waits,
        Doubt.UNUSUAL: decided.is_(None) & ~waits & _has_any(said, WEAK),
        Doubt.DECIDED: decided.is_not(None),
    }
    return (
        select(what)
        .select_from(Feedback)
        .join(Invitation, references(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Feedback.organisation_id) == viewer.organisation_id,
            col(Feedback.side) == Side.CLIENT,
            # as the index on doubted answers has it
            (said != literal_column("''")) | disputed.is_not(None) | quarantined,
            quarantined | (col(Meeting.held_at) >= since),
            has_settled(now) | disputed.is_not(None) | _has_any(said, ALERTED_AT_ONCE),
            conditions[which],
            of_visible_reps(viewer, col(Meeting.rep_id)),
        )
    )


def _signals() -> ColumnElement[str]:
    """Return the signals as they are stored: words with spaces between."""
    return type_coerce(col(Feedback.signals), String)


def _has_any(said: ColumnElement[str], signals: Iterable[Signal]) -> ColumnElement[bool]:
    """Return the condition that one of these signals is among those that were found."""
    padded = literal(" ", String) + said + literal(" ", String)
    return or_(*(padded.contains(f" {signal} ", autoescape=True) for signal in sorted(signals)))
