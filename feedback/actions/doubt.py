"""Trust in an answer: what was noticed about where it came from, and what a manager makes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy import select as pick
from sqlmodel import col, select

from feedback.actions.alert_events import settle_doubts
from feedback.actions.alerts import look_at
from feedback.actions.change import Change, Invalid, change
from feedback.actions.scoring import locked_relationship, recompute
from feedback.core.dimensions import DIMENSIONS
from feedback.core.trust import Circumstances, Signal, quarantined, signals_of, unusual
from feedback.models import Audit, Feedback, Invitation, Meeting, Side
from feedback.models.feedback import Counts, ratings_of
from feedback.store.database import Database
from feedback.store.joins import points_at

MARKS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request came from, as keyed hashes, and what was known of the browser."""

    device: str | None = None
    network: str | None = None
    browser: str | None = None
    reps_browser: bool = False
    handed_over: bool = False


def notice(
    c: Change,
    row: Feedback,
    invitation: Invitation,
    meeting: Meeting,
    visit: Visit,
    opened_at: datetime | None,
) -> None:
    """Adds what was noticed to the answer; a strong signal quarantines it, unless a manager has decided.
    opened_at: when the page told that it was opened, None if it did not."""
    row.device_hash = visit.device or row.device_hash
    row.network_hash = visit.network or row.network_hash
    row.browser_hash = visit.browser or row.browser_hash
    row.handed_over = row.handed_over or visit.handed_over
    c.session.flush()
    same_device = _others_on_device(c, row)
    found = signals_of(
        Circumstances(
            ratings=ratings_of(row),
            opened_at=opened_at,
            rated_at=c.now,
            reps_browser=visit.reps_browser,
            handed_over=visit.handed_over,
            same_place=bool(
                visit.network
                and (visit.network, visit.browser) == (meeting.network_hash, meeting.browser_hash)
            ),
            contacts_on_device=len({other.contact_id for _, other in same_device} | {invitation.contact_id}),
            alike=_alike(c, row, invitation, meeting),
        )
    )
    _mark(row, found)
    if Signal.ONE_DEVICE in found:
        _mark_the_others(c, same_device)


def decide(
    db: Database,
    organisation_id: UUID,
    invitation_id: UUID,
    user_id: UUID,
    *,
    accept: bool,
    reason: str,
    now: datetime,
) -> None:
    """A manager accepts an answer under doubt, or sets it aside, and says why. The score follows at once.
    Raises Invalid for an answer that nobody doubts: a manager may not drop one that is merely unwelcome."""
    with change(db, organisation_id, now) as c:
        invitation = c.session.get_one(Invitation, (organisation_id, invitation_id))
        meeting = c.session.get_one(Meeting, (organisation_id, invitation.meeting_id))
        relationship = locked_relationship(c, meeting.rep_id, invitation.contact_id)
        row = c.session.exec(
            select(Feedback).where(
                col(Feedback.organisation_id) == organisation_id,
                col(Feedback.invitation_id) == invitation_id,
                col(Feedback.side) == Side.CLIENT,
            )
        ).first()
        if row is None or not _doubted(row):
            raise Invalid(decision="Nobody doubts this answer; there is nothing to decide.")
        decided = Counts.COUNTED if accept else Counts.SET_ASIDE
        if row.decided_at is not None and row.counts == decided:
            return  # a double click
        row.counts = decided
        row.decided_at = now
        c.session.add(
            Audit(
                organisation_id=organisation_id,
                user_id=user_id,
                what="answer.accepted" if accept else "answer.set_aside",
                about_id=invitation_id,
                reason=reason,
                created_at=now,
            )
        )
        c.session.flush()
        recompute(c, relationship)
        settle_doubts(c, relationship, user_id, accepted=accept, reason=reason)
        if accept:
            look_at(c, relationship, invitation_id)


def forget_marks(db: Database, organisation_id: UUID, now: datetime) -> None:
    """Takes away device marks, networks and browsers after 30 days."""
    with change(db, organisation_id, now) as c:
        old = now - MARKS_KEPT
        c.session.execute(
            update(Feedback)
            .where(
                col(Feedback.organisation_id) == organisation_id,
                col(Feedback.updated_at) < old,
                col(Feedback.network_hash).is_not(None) | col(Feedback.device_hash).is_not(None),
            )
            .values(device_hash=None, network_hash=None, browser_hash=None)
        )
        c.session.execute(
            update(Meeting)
            .where(
                col(Meeting.organisation_id) == organisation_id,
                col(Meeting.created_at) < old,
                col(Meeting.network_hash).is_not(None),
            )
            .values(network_hash=None, browser_hash=None)
        )


def _doubted(row: Feedback) -> bool:
    """Set apart, decided before, or with a weak signal: a manager may not drop one that is merely unwelcome."""
    signals = [Signal(word) for word in row.signals.split()]
    return row.counts != Counts.COUNTED or row.decided_at is not None or unusual(signals)


def _mark(row: Feedback, found: frozenset[Signal]) -> None:
    known = {Signal(word) for word in row.signals.split()}
    row.signals = " ".join(sorted(known | found))
    if quarantined(found) and row.decided_at is None:
        row.counts = Counts.QUARANTINED


def _others_on_device(c: Change, row: Feedback) -> list[tuple[Feedback, Invitation]]:
    """Answers of other invitations that carry the same device mark."""
    if row.device_hash is None:
        return []
    rows = c.session.exec(
        select(Feedback, Invitation)
        .join(Invitation, points_at(Feedback, Feedback.invitation_id, Invitation))
        .where(
            col(Feedback.organisation_id) == c.organisation_id,
            col(Feedback.device_hash) == row.device_hash,
            col(Feedback.id) != row.id,
        )
    )
    return [(feedback, invitation) for feedback, invitation in rows]


def _mark_the_others(c: Change, others: list[tuple[Feedback, Invitation]]) -> None:
    """The third contact on one device puts the first two in doubt as well."""
    for feedback, invitation in others:
        if Signal.ONE_DEVICE in feedback.signals.split() or feedback.handed_over:
            continue
        _mark(feedback, frozenset({Signal.ONE_DEVICE}))
        meeting = c.session.get_one(Meeting, (c.organisation_id, invitation.meeting_id))
        relationship = locked_relationship(c, meeting.rep_id, invitation.contact_id)
        recompute(c, relationship)
        look_at(c, relationship, invitation.id)


def _alike(c: Change, row: Feedback, invitation: Invitation, meeting: Meeting) -> int:
    """Contacts of this rep with these six ratings in meetings of the same day, this one included."""
    day = meeting.held_at.astimezone(c.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    same = [getattr(Feedback, name) == getattr(row, name) for name in DIMENSIONS]
    others = c.session.scalar(
        pick(func.count(func.distinct(col(Invitation.contact_id))))
        .select_from(Feedback)
        .join(Invitation, points_at(Feedback, Feedback.invitation_id, Invitation))
        .join(Meeting, points_at(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Feedback.organisation_id) == c.organisation_id,
            col(Feedback.side) == Side.CLIENT,
            col(Meeting.rep_id) == meeting.rep_id,
            col(Meeting.held_at) >= day,
            col(Meeting.held_at) < day + timedelta(days=1),
            col(Invitation.contact_id) != invitation.contact_id,
            *same,
        )
    )
    return int(others or 0) + 1
