"""How relationships moved a rep's score in a week."""

from collections import defaultdict
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


def week_shifts(
    session: Session, viewer: Viewer, reps: list[UUID], week: Week, zone: ZoneInfo, now: datetime
) -> dict[UUID, dict[Pair, Shift]]:
    """Return by rep and (rep, contact) how each relationship of these reps that met in the week moved."""
    starts, ends = week.starts(zone), week.ends(zone)
    met = session.execute(
        select(col(Meeting.rep_id), col(Invitation.contact_id))
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Meeting.organisation_id) == viewer.organisation_id,
            col(Meeting.held_at) >= starts,
            col(Meeting.held_at) < ends,
            col(Meeting.rep_id).in_(reps),
        )
        .distinct()
    )
    pairs = [(row.rep_id, row.contact_id) for row in met]
    past = history_of_pairs(session, viewer.organisation_id, pairs, now)
    found: defaultdict[UUID, dict[Pair, Shift]] = defaultdict(dict)
    for pair, each in past.items():
        moved = score_shift(pair, [p.moment() for p in each], viewer.scoring, starts, ends)
        if moved:
            found[pair[0]][pair] = moved
    return found
