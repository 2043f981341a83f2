"""How relationships moved a rep's score in a week."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from feedback.core.calendar.weekly_mail import Shift, score_shift
from feedback.core.calendar.weeks import Week
from feedback.db.tenancy import references
from feedback.models import Invitation, Meeting
from feedback.store.history import Pair, history_of_pairs
from feedback.store.people import Viewer
from feedback.store.relationships import heard_since


def week_shifts(
    session: Session, viewer: Viewer, reps: Collection[UUID], week: Week, zone: ZoneInfo, now: datetime
) -> dict[UUID, dict[Pair, Shift]]:
    """Return by rep and (rep, contact) how each relationship of these reps moved whose client answered about a meeting
    of the week. Where that was the last answer, what is stored says it, however long the history is."""
    starts, ends = week.starts(zone), week.ends(zone)
    heard = heard_since(session, viewer.organisation_id, viewer.scoring, reps, starts, now)
    moved = {
        pair: Shift(pair, each.week_loyalty, each.loyalty)
        for pair, each in heard.items()
        if each.last_client_at < ends
    }
    later = heard.keys() - moved.keys()
    if later:
        met = later & _met(session, viewer.organisation_id, reps, starts, ends)
        past = history_of_pairs(session, viewer.organisation_id, met, now)
        shifts = (
            score_shift(pair, (p.moment() for p in past[pair]), viewer.scoring, starts, ends) for pair in met
        )
        moved |= {shift.key: shift for shift in shifts if shift}
    found: defaultdict[UUID, dict[Pair, Shift]] = defaultdict(dict)
    for pair in sorted(moved):
        found[pair[0]][pair] = moved[pair]
    return found


def _met(
    session: Session, organisation_id: UUID, reps: Collection[UUID], starts: datetime, ends: datetime
) -> set[Pair]:
    """Return the relationships of these reps that met from `starts` until `ends`."""
    rows = session.execute(
        select(col(Meeting.rep_id), col(Invitation.contact_id))
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == organisation_id,
            col(Meeting.held_at) >= starts,
            col(Meeting.held_at) < ends,
            col(Meeting.rep_id).in_(reps),
        )
        .distinct()
    )
    return {(rep_id, contact_id) for rep_id, contact_id in rows}
