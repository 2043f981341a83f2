"""Promises between a rep and a contact."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound, Reader, answer_access, answer_status
from feedback.db.tenancy import references
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Promise, Side, Verdict
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


def open_promises(session: Session, viewer: Viewer, until: date, now: datetime) -> list[PromiseView]:
    """What this rep has promised, and was promised, that is due by then; the most urgent first."""
    found = _promises(
        session,
        viewer.organisation_id,
        (col(Meeting.rep_id) == viewer.id) & (col(Promise.due_on) <= until),
        viewer.reader,
        now,
    )
    return sorted((p for p in found if p.open), key=lambda p: (p.due_on or until, p.made_at))


def promises_between(
    session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID, reader: Reader, now: datetime
) -> list[PromiseView]:
    """Everything promised between a rep and a contact: open ones first, then the latest. Without the client's word
    on it while that is part of an answer that `reader` may not see."""
    where = (col(Meeting.rep_id) == rep_id) & (col(Promise.contact_id) == contact_id)
    found = _promises(session, organisation_id, where, reader, now)
    return sorted(found, key=lambda p: (not p.open, -p.made_at.timestamp()))


def promise_for(session: Session, viewer: Viewer, promise_id: UUID, now: datetime) -> PromiseView:
    """A promise of a rep's own meetings; anybody else's is Missing."""
    where = (col(Promise.id) == promise_id) & (col(Meeting.rep_id) == viewer.id)
    found = _promises(session, viewer.organisation_id, where, viewer.reader, now)
    if not found:
        raise NotFound("promise")
    return found[0]


def _promises(
    session: Session, organisation_id: UUID, where: ColumnElement[bool], reader: Reader, now: datetime
) -> list[PromiseView]:
    client, mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
    rows = session.execute(
        select(
            col(Promise.id), col(Promise.side), col(Promise.words), col(Promise.due_on), col(Promise.verdict),
            col(Promise.judged_at), col(Contact.id), col(Contact.name), col(Account.name), col(Meeting.held_at),
            col(Promise.judged_in_id), col(mirror.sealed_at), col(client.visibility), col(client.settles_at),
            col(client.settled_at), col(client.erased_at), col(Invitation.closes_at),
        )
        .select_from(Promise)
        .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
        .join(Contact, references(Promise, Promise.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(Invitation, references(Promise, Promise.judged_in_id, Invitation))
        .outerjoin(client, references(client, client.invitation_id, Invitation) & (col(client.side) == Side.CLIENT))
        .outerjoin(mirror, references(mirror, mirror.invitation_id, Invitation) & (col(mirror.side) == Side.REP))
        .where(col(Promise.organisation_id) == organisation_id, where)
    )  # fmt: skip
    found = []
    for *about, judged_in_id, sealed_at, visibility, due, settled_at, erased_at, closes_at in rows:
        promise = PromiseView(*about)
        if judged_in_id is not None:
            answer = answer_status(
                now, settles_at=due, settled_at=settled_at, visibility=visibility, sealed_at=sealed_at, closes_at=closes_at,
                erased_at=erased_at,
            )  # fmt: skip
            if not answer_access(reader, answer).whole:
                promise = replace(promise, verdict=None, judged_at=None)
        found.append(promise)
    return found
