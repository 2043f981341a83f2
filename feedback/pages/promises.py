"""Promises between a rep and a contact."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound, Reader, answer_access
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Contact,
    Feedback,
    Invitation,
    Meeting,
    Promise,
    Relationship,
    Side,
    Verdict,
)
from feedback.store.history import answer_columns, answer_of
from feedback.store.people import Viewer


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise, as far as the reader may see it."""

    id: UUID
    side: Side  # who promised
    words: str
    due_on: date | None
    verdict: Verdict | None  # what the other side says of it; None before it was judged
    relationship_id: UUID
    contact_id: UUID
    contact: str
    account: str
    made_at: datetime  # when the meeting was held in which it was made

    @property
    def ours(self) -> bool:
        """Whether the rep promised it."""
        return self.side == Side.REP

    @property
    def open(self) -> bool:
        """Whether it is still to be kept: not judged, or judged as not yet kept."""
        return self.verdict in (None, Verdict.NOT_YET)

    def overdue(self, today: date) -> bool:
        """Tell whether it is open and was due before today."""
        return self.open and self.due_on is not None and self.due_on < today


def open_promises(session: Session, viewer: Viewer, until: date, now: datetime) -> list[PromiseView]:
    """Return what this rep has promised, and was promised, that is due by `until`; the most urgent first."""
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
    """Return everything promised between a rep and a contact: open ones first, then the latest. The client's
    verdict is left out while it is part of an answer that `reader` may not see."""
    where = (col(Meeting.rep_id) == rep_id) & (col(Promise.contact_id) == contact_id)
    found = _promises(session, organisation_id, where, reader, now)
    return sorted(found, key=lambda p: (not p.open, -p.made_at.timestamp()))


def promises_by_id(
    session: Session, viewer: Viewer, ids: Collection[UUID], now: datetime
) -> list[PromiseView]:
    """Return these promises, with the verdicts that this person may be shown, in any order."""
    return _promises(session, viewer.organisation_id, col(Promise.id).in_(ids), viewer.reader, now)


def promise_for(session: Session, viewer: Viewer, promise_id: UUID, now: datetime) -> PromiseView:
    """Return a promise made in a rep's own meeting. Raises NotFound for anybody else's."""
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
            col(Promise.contact_id), col(Relationship.id).label("relationship_id"), col(Contact.name).label("contact"),
            col(Account.name).label("account"), col(Meeting.held_at).label("made_at"), col(Promise.judged_in_id),
            *answer_columns(client, mirror),
        )
        .select_from(Promise)
        .join(Meeting, references(Promise, Promise.meeting_id, Meeting))
        .join(Contact, references(Promise, Promise.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .join(
            Relationship,
            references(Relationship, Relationship.contact_id, Contact) & (col(Relationship.rep_id) == col(Meeting.rep_id)),
        )
        .outerjoin(Invitation, references(Promise, Promise.judged_in_id, Invitation))
        .outerjoin(client, references(client, client.invitation_id, Invitation) & (col(client.side) == Side.CLIENT))
        .outerjoin(mirror, references(mirror, mirror.invitation_id, Invitation) & (col(mirror.side) == Side.REP))
        .where(col(Promise.organisation_id) == organisation_id, where)
        .order_by(col(Promise.id))  # those of one meeting in the order in which they were noted
    )  # fmt: skip
    return [_promise(row, reader, now) for row in rows]


def _promise(row: Row[*tuple[Any, ...]], reader: Reader, now: datetime) -> PromiseView:
    """Make the view of a promise, with the client's verdict where `reader` may see the answer it is part
    of."""
    shown = row.judged_in_id is None or answer_access(reader, answer_of(row, now)).whole
    return PromiseView(
        id=row.id,
        side=row.side,
        words=row.words,
        due_on=row.due_on,
        verdict=row.verdict if shown else None,
        relationship_id=row.relationship_id,
        contact_id=row.contact_id,
        contact=row.contact,
        account=row.account,
        made_at=row.made_at,
    )
