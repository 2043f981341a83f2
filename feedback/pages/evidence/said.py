"""What clients said, answer after answer, for figures of evidence: read a portion at a time, so that memory does not grow
with the answers, and only what core.access shows managers of each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import answer_access
from feedback.core.dimensions import Ratings, count_rated
from feedback.core.evidence.outcomes import OutcomeOf
from feedback.db.rows import SixColumns
from feedback.db.tenancy import references
from feedback.models import Contact, Feedback, Invitation, Meeting, Side
from feedback.models.feedback import Counts
from feedback.pages.evidence.frame import EvidenceScope
from feedback.store.history import answer_columns, answer_of

AT_A_TIME = 500  # contacts, or accounts, whose rows are read at once
_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")


@dataclass(frozen=True, slots=True)
class AnswerSaid:
    """An answer that counts."""

    account_id: UUID
    contact_id: UUID
    rep_id: UUID
    day: date  # since which it is known
    ratings: Ratings  # at least one
    comment: str | None
    nps: int | None  # 0..10


def in_portions(
    session: Session,
    ids: Select[UUID],
    rows: Callable[[Sequence[UUID]], Select[*tuple[Any, ...]]],
    at_a_time: int = AT_A_TIME,
) -> Iterator[Any]:
    """Return the rows of some ids after those of others. rows: the statement for some of them."""
    every = session.scalars(ids).all()
    for first in range(0, len(every), at_a_time):
        yield from session.execute(rows(every[first : first + at_a_time]))


def answers_said(session: Session, scope: EvidenceScope, *where: ColumnElement[bool]) -> Iterator[AnswerSaid]:
    """Return the counted answers of a scope, those of one contact together, the oldest first. where: conditions on
    Contact."""
    contacts = select(col(Contact.id)).where(col(Contact.organisation_id) == scope.organisation_id, *where)
    for row in in_portions(
        session, contacts.order_by(col(Contact.id)), lambda some: _answers_of(scope, some)
    ):
        access = answer_access(scope.reader, answer_of(row, scope.now))
        if (access.whole or access.in_words) and count_rated(row.ratings):
            day = scope.day(row.settled_at or row.settles_at)
            yield AnswerSaid(row.account_id, row.id, row.rep_id, day, row.ratings, row.comment, row.nps)


def _answers_of(scope: EvidenceScope, contact_ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Contact.account_id), col(Contact.id), col(Meeting.rep_id), col(_Client.nps), col(_Client.comment),
            SixColumns("ratings", _Client), *answer_columns(_Client, _Mirror),
        )
        .select_from(_Client)
        .join(Invitation, references(_Client, _Client.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .join(Contact, references(Invitation, Invitation.contact_id, Contact))
        .outerjoin(_Mirror, references(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
        .where(
            col(_Client.organisation_id) == scope.organisation_id, col(_Client.side) == Side.CLIENT,
            col(_Client.counts) == Counts.COUNTED, scope.has_rep(Meeting.rep_id), col(Contact.id).in_(contact_ids),
        )
        .order_by(col(Contact.id), col(Meeting.held_at), col(_Client.id))
    )  # fmt: skip


def last_before(
    outcomes: Iterable[OutcomeOf], said: Iterable[AnswerSaid], days: int
) -> Iterator[tuple[OutcomeOf, AnswerSaid]]:
    """Return each outcome with what was said last before its day, within so many days, by the contact it is about or by
    anybody of its account; outcomes without such an answer are left out."""
    about: dict[UUID, list[OutcomeOf]] = {}
    for each in outcomes:
        about.setdefault(each.account_id, []).append(each)
    found: dict[UUID, AnswerSaid] = {}
    for answer in said:
        for each in about.get(answer.account_id, ()):
            if _is_before(each, answer, days) and _later(answer, found.get(each.id)):
                found[each.id] = answer
    return ((each, found[each.id]) for some in about.values() for each in some if each.id in found)


def _is_before(outcome: OutcomeOf, answer: AnswerSaid, days: int) -> bool:
    about = outcome.contact_id in (None, answer.contact_id)
    return about and 0 < (outcome.day - answer.day).days <= days


def _later(answer: AnswerSaid, other: AnswerSaid | None) -> bool:
    """Tell whether an answer is the later one; of one day, by whatever is the same each time."""
    return other is None or (answer.day, answer.contact_id) >= (other.day, other.contact_id)
