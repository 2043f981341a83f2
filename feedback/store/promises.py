"""Promises between a rep and a contact."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import Missing, rep_may_see_answer
from feedback.models import Account, Contact, Feedback, Meeting, Promise, Side, Verdict
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
        (col(Meeting.rep_id) == viewer.id) & (col(Promise.due_on) <= until),
        for_rep=True,
    )
    return sorted((p for p in found if p.open), key=lambda p: (p.due_on or until, p.made_at))


def between(
    session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID, *, for_rep: bool
) -> list[PromiseView]:
    """Everything promised between a rep and a contact: open ones first, then the latest. for_rep: without
    the client's word on it while that is part of an answer the rep may not see."""
    where = (col(Meeting.rep_id) == rep_id) & (col(Promise.contact_id) == contact_id)
    found = _promises(session, organisation_id, where, for_rep=for_rep)
    return sorted(found, key=lambda p: (not p.open, -p.made_at.timestamp()))


def promise_for(session: Session, viewer: Viewer, promise_id: UUID) -> PromiseView:
    """A promise of a rep's own meetings; anybody else's is Missing."""
    where = (col(Promise.id) == promise_id) & (col(Meeting.rep_id) == viewer.id)
    found = _promises(session, viewer.organisation_id, where, for_rep=True)
    if not found:
        raise Missing("promise")
    return found[0]


def _promises(
    session: Session, organisation_id: UUID, where: ColumnElement[bool], *, for_rep: bool
) -> list[PromiseView]:
    client, mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
    rows = session.execute(
        select(
            col(Promise.id), col(Promise.side), col(Promise.words), col(Promise.due_on), col(Promise.verdict),
            col(Promise.judged_at), col(Contact.id), col(Contact.name), col(Account.name), col(Meeting.held_at),
            col(Promise.judged_in_id), col(mirror.sealed_at), col(client.visibility),
        )
        .select_from(Promise)
        .join(Meeting, points_at(Promise, Promise.meeting_id, Meeting))
        .join(Contact, points_at(Promise, Promise.contact_id, Contact))
        .join(Account, points_at(Contact, Contact.account_id, Account))
        .outerjoin(client, _judged_in(client, Side.CLIENT))
        .outerjoin(mirror, _judged_in(mirror, Side.REP))
        .where(col(Promise.organisation_id) == organisation_id, where)
    )  # fmt: skip
    found = []
    for *about, judged_in_id, sealed_at, visibility in rows:
        promise = PromiseView(*about)
        may_see = judged_in_id is None or rep_may_see_answer(
            sealed=sealed_at is not None, visibility=visibility
        )
        found.append(promise if may_see or not for_rep else replace(promise, verdict=None, judged_at=None))
    return found


def _judged_in(feedback: type[Feedback], side: Side) -> ColumnElement[bool]:
    """One side's answers to the invitation in which the client judged a promise."""
    return (
        (col(feedback.organisation_id) == col(Promise.organisation_id))
        & (col(feedback.invitation_id) == col(Promise.judged_in_id))
        & (col(feedback.side) == side)
    )
