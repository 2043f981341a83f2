"""What was promised and not kept."""

from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from feedback.db.tenancy import references
from feedback.models import (
    Invitation,
    Meeting,
    Promise,
    Relationship,
    Side,
    Verdict,
)
from feedback.pages.promises import PromiseView, promises_by_id
from feedback.store.answered import was_answered
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer

SHOWN = 7  # lines of the list
PROMISED_WITHIN = timedelta(weeks=13)


def promised_and_not_kept(
    session: Session, viewer: Viewer, today: date, now: datetime
) -> tuple[list[PromiseView], int]:
    """Return what reps promised and what was not kept, by the client or by the calendar, in PROMISED_WITHIN; and how many
    there are."""
    told = col(Promise.judged_in_id).is_(None) | was_answered(now)
    since = today - PROMISED_WITHIN
    not_kept = (col(Promise.verdict) == Verdict.NOT_KEPT) & told
    still_open = col(Promise.verdict).is_(None) | (col(Promise.verdict) == Verdict.NOT_YET) | ~told
    overdue = still_open & (col(Promise.due_on) < today) & (col(Promise.due_on) >= since)
    lately = not_kept & (col(Promise.judged_at) >= now - PROMISED_WITHIN)
    chosen = (
        select(col(Promise.id), func.count().over().label("all"))
        .select_from(Promise)
        .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
        .join(
            Relationship,
            (col(Relationship.organisation_id) == col(Meeting.organisation_id))
            & (col(Relationship.rep_id) == col(Meeting.rep_id))
            & (col(Relationship.contact_id) == col(Promise.contact_id)),
        )
        .outerjoin(Invitation, references(Promise, Promise.judged_in_id, Invitation))
        .where(
            col(Promise.organisation_id) == viewer.organisation_id,
            col(Promise.side) == Side.REP,
            overdue | lately,
            of_clients_looked_after(session, viewer),
        )
    )
    order = case((not_kept, 0), else_=1), col(Promise.due_on).desc(), col(Promise.id)
    rows = session.execute(chosen.order_by(*order).limit(SHOWN)).all()
    found = {each.id: each for each in promises_by_id(session, viewer, [row.id for row in rows], now)}
    return [found[row.id] for row in rows if row.id in found], rows[0].all if rows else 0
