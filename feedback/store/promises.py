"""Promises between a rep and a contact."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from feedback.core.access import Missing
from feedback.models import Account, Contact, Meeting, Promise, Side, Verdict
from feedback.store.joins import points_at
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class PromiseView:
    """side: who promised. verdict: what the other side says of it, None while it is open."""

    id: UUID
    side: str
    words: str
    due_on: date | None
    verdict: str | None
    judged_at: datetime | None
    contact_id: UUID
    contact: str
    account: str
    made_at: datetime

    @property
    def ours(self) -> bool:
        return self.side == Side.REP

    @property
    def open(self) -> bool:
        return self.verdict in (None, Verdict.NOT_YET)

    def overdue(self, today: date) -> bool:
        return self.open and self.due_on is not None and self.due_on < today


def open_promises(session: Session, viewer: Viewer, until: date) -> list[PromiseView]:
    """What this rep has promised, and was promised, that is due by then; the most urgent first."""
    found = _promises(
        session,
        viewer.organisation_id,
        (col(Meeting.rep_id) == viewer.id)
        & (col(Promise.due_on) <= until)
        & (col(Promise.verdict).is_(None) | (col(Promise.verdict) == Verdict.NOT_YET)),
    )
    return sorted(found, key=lambda p: (p.due_on or until, p.made_at))


def between(session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID) -> list[PromiseView]:
    """Everything promised between a rep and a contact: open ones first, then the latest."""
    found = _promises(
        session, organisation_id, (col(Meeting.rep_id) == rep_id) & (col(Promise.contact_id) == contact_id)
    )
    return sorted(found, key=lambda p: (not p.open, -p.made_at.timestamp()))


def promise_for(session: Session, viewer: Viewer, promise_id: UUID) -> PromiseView:
    """A promise of a rep's own meetings; anybody else's is Missing."""
    found = _promises(
        session, viewer.organisation_id, (col(Promise.id) == promise_id) & (col(Meeting.rep_id) == viewer.id)
    )
    if not found:
        raise Missing("promise")
    return found[0]


def _promises(session: Session, organisation_id: UUID, where: ColumnElement[bool]) -> list[PromiseView]:
    rows = session.execute(
        select(
            col(Promise.id), col(Promise.side), col(Promise.words), col(Promise.due_on), col(Promise.verdict),
            col(Promise.judged_at), col(Contact.id), col(Contact.name), col(Account.name), col(Meeting.held_at),
        )
        .select_from(Promise)
        .join(Meeting, points_at(Promise, Promise.meeting_id, Meeting))
        .join(Contact, points_at(Promise, Promise.contact_id, Contact))
        .join(Account, points_at(Contact, Contact.account_id, Account))
        .where(col(Promise.organisation_id) == organisation_id, where)
    )  # fmt: skip
    return [PromiseView(*row) for row in rows]
