"""The history of relationships: every invitation between a rep and a contact, with all that decides whether it counts."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, bindparam, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import AnswerStatus, Reader, answer_access, answer_status, counts_in_rolling_numbers
from feedback.core.dimensions import NO_RATINGS, Ratings
from feedback.core.scoring.relationships import Moment, moment_as_it_counts
from feedback.core.settling import AnswerState
from feedback.db.rows import SixColumns
from feedback.db.tenancy import references
from feedback.models import Feedback, Invitation, Meeting, Side
from feedback.models.feedback import Counts


@dataclass(frozen=True, slots=True)
class PastInvitation:
    """One invitation of a relationship's history, with all that decides whether and for whom it counts."""

    rep_id: UUID
    contact_id: UUID
    invitation_id: UUID
    held_at: datetime
    client: Ratings  # ratings, 1..5 each, or None
    comment: str | None  # of the client
    mirror: Ratings  # ratings, 1..5 each, or None
    counts: bool  # not quarantined or set aside
    answer: AnswerStatus
    rep_stage: str | None

    def moment(self) -> Moment:
        """Return it as it counts."""
        return moment_as_it_counts(
            self.held_at,
            self.client,
            self.mirror,
            comment=self.comment,
            counts=self.counts,
            settled=self.answer.state is AnswerState.SETTLED,
            sealed=self.answer.sealed,
        )

    def moment_for_reps(self, voices: float) -> Moment:
        """Return it as it may count in a rolling number that its rep is shown (core.access decides): without
        what the client said where that is hidden; what the rep guessed is the rep's own. voices: that the
        number rests on."""
        shown = counts_in_rolling_numbers(answer_access(Reader.REP, self.answer), voices)
        return self.moment() if shown else replace(self.moment(), client=NO_RATINGS)


_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
Pair = tuple[UUID, UUID]  # rep, contact
PORTION = 5000  # pairs to a statement; PostgreSQL takes 65,535 parameters


def answer_columns(client: Any, mirror: Any) -> list[Any]:
    """Return the columns that decide who may see an answer, for answer_of. client, mirror: both sides' rows
    of an Invitation."""
    return [
        col(client.settles_at), col(client.settled_at), col(client.visibility), col(client.erased_at),
        col(mirror.sealed_at), col(Invitation.closes_at),
    ]  # fmt: skip


def answer_of(row: Row[*tuple[Any, ...]], now: datetime) -> AnswerStatus:
    """Return the status of an answer from a row with answer_columns."""
    return answer_status(
        now, settles_at=row.settles_at, settled_at=row.settled_at, visibility=row.visibility,
        erased_at=row.erased_at, sealed_at=row.sealed_at, closes_at=row.closes_at,
    )  # fmt: skip


def history(
    session: Session, organisation_id: UUID, where: ColumnElement[bool], now: datetime
) -> list[PastInvitation]:
    """Return every invitation of the relationships that `where` picks (a condition on Meeting and
    Invitation), as of `now`."""
    picked = _HISTORY.where(where)
    return _past_invitations(session.execute(picked, {"organisation": organisation_id}), now)


def history_of(
    session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID, now: datetime
) -> list[PastInvitation]:
    """Return every invitation between a rep and a contact, as of `now`."""
    pair = {"organisation": organisation_id, "rep": rep_id, "contact": contact_id}
    return _past_invitations(session.execute(_HISTORY_OF_PAIR, pair), now)


# Built once: to build them took longer than to execute them.
_HISTORY = (
    select(
        col(Meeting.rep_id), col(Invitation.contact_id), col(Invitation.id), col(Meeting.held_at),
        col(_Client.counts), col(_Client.comment), col(_Mirror.stage), SixColumns("client", _Client), SixColumns("mirror", _Mirror),
        *answer_columns(_Client, _Mirror),
    )
    .select_from(Invitation)
    .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
    .outerjoin(_Client, references(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT))
    .outerjoin(_Mirror, references(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
    .where(col(Invitation.organisation_id) == bindparam("organisation"))
)  # fmt: skip


_HISTORY_OF_PAIR = _HISTORY.where(
    col(Meeting.rep_id) == bindparam("rep"), col(Invitation.contact_id) == bindparam("contact")
)


def _past_invitations(rows: Iterable[Row[*tuple[Any, ...]]], now: datetime) -> list[PastInvitation]:
    return [
        PastInvitation(
            rep_id=row.rep_id,
            contact_id=row.contact_id,
            invitation_id=row.id,
            held_at=row.held_at,
            client=row.client,
            comment=row.comment,
            mirror=row.mirror,
            counts=row.counts == Counts.COUNTED,
            answer=answer_of(row, now),
            rep_stage=row.stage,
        )
        for row in rows
    ]


def history_of_pairs(
    session: Session, organisation_id: UUID, pairs: Collection[Pair], now: datetime
) -> dict[Pair, list[PastInvitation]]:
    """Return the histories of these (rep, contact), in as many statements as the number of parameters
    needs."""
    found: dict[Pair, list[PastInvitation]] = {pair: [] for pair in pairs}
    for some in portions(pairs):
        these = one_of_pairs(col(Meeting.rep_id), col(Invitation.contact_id), some)
        for past in history(session, organisation_id, these, now):
            found[past.rep_id, past.contact_id].append(past)
    return found


def one_of_pairs(
    rep: SQLColumnExpression[UUID], contact: SQLColumnExpression[UUID], pairs: Collection[Pair]
) -> ColumnElement[bool]:
    """Return the condition that a row is of one of these (rep, contact). The contacts are named on their own, too, for
    these have an index: by pairs alone SQLite looks at every relationship of the organisation (0.1 and 22 ms of 73,421)."""
    return contact.in_({contact_id for _, contact_id in pairs}) & tuple_(rep, contact).in_(pairs)


def portions(pairs: Collection[Pair]) -> Iterator[list[Pair]]:
    """Return the pairs, as many at once as one statement takes."""
    every = list(pairs)
    for first in range(0, len(every), PORTION):
        yield every[first : first + PORTION]
