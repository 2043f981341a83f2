"""Relationships: their history, and their stored numbers."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, literal, not_, or_, select, true, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import (
    AnswerStatus,
    NotFound,
    Reader,
    Visibility,
    answer_access,
    answer_status,
    counts_in_rolling_numbers,
)
from feedback.core.dimensions import DIMENSIONS, NO_RATINGS, Ratings
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Moment, Numbers, moment_as_it_counts, relationship_numbers
from feedback.core.settling import AnswerState
from feedback.db.rows import SixColumns, ViewColumns, views
from feedback.db.tenancy import references
from feedback.models import (
    Account,
    Contact,
    Feedback,
    HandedOver,
    Invitation,
    Meeting,
    Relationship,
    Side,
    User,
)
from feedback.models.feedback import Counts
from feedback.store.handed_over import hand_over_of, in_force
from feedback.store.people import Viewer, first_name
from feedback.store.settling import settled_by_clock


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


@dataclass(frozen=True, slots=True)
class RelationshipView:
    """A relationship of a rep with a contact."""

    id: UUID
    rep_id: UUID
    rep: str
    rep_team_id: UUID | None
    now_with: str | None  # the rep who looks after the contact now, where that is another
    contact_id: UUID
    contact: str
    contact_role: str | None
    account_id: UUID
    account: str
    review_days: int | None  # the account's own; None where the organisation's applies
    last_meeting_at: datetime | None
    numbers: Numbers

    @property
    def contact_first(self) -> str:
        """The contact's first name."""
        return first_name(self.contact)


@dataclass(frozen=True, slots=True)
class StoredGap:
    """What core.scoring.relationships.Numbers works out of its means, as stored."""

    distance: float | None
    bias: float | None
    real_gap: bool | None


_NowWith = aliased(User, name="now_with")
_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
_AnyClient, _AnyMirror = aliased(Feedback, name="any_client"), aliased(Feedback, name="any_mirror")
Pair = tuple[UUID, UUID]  # rep, contact
PORTION = 5000  # pairs to a statement; PostgreSQL takes 65,535 parameters


class _NumbersColumns(ViewColumns):
    view = Numbers


_NUMBERS = _NumbersColumns(
    "numbers", col(Relationship.loyalty), col(Relationship.vote), col(Relationship.answers), col(Relationship.both),
    col(Relationship.last_client_at), col(Relationship.quarter_loyalty), col(Relationship.lukewarm), SixColumns("client", Relationship, "client_"),
    SixColumns("mirror", Relationship, "mirror_"),
)  # fmt: skip


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
    these = tuple_(col(Meeting.rep_id), col(Invitation.contact_id))
    found: dict[Pair, list[PastInvitation]] = {pair: [] for pair in pairs}
    for some in _portions(pairs):
        # By the contacts there is an index; whose meeting it was is looked up of what that finds.
        contacts = col(Invitation.contact_id).in_({contact_id for _, contact_id in some})
        for past in history(session, organisation_id, contacts & these.in_(some), now):
            found[past.rep_id, past.contact_id].append(past)
    return found


def relationships_of_pairs(
    session: Session, viewer: Viewer, pairs: Collection[Pair], now: datetime
) -> dict[Pair, RelationshipView]:
    """Return the relationships of these (rep, contact)."""
    these = tuple_(col(Relationship.rep_id), col(Relationship.contact_id))
    rows = [r for some in _portions(pairs) for r in relationships(session, viewer, these.in_(some), now)]
    return {(r.rep_id, r.contact_id): r for r in rows}


def _portions(pairs: Collection[Pair]) -> Iterator[list[Pair]]:
    every = list(pairs)
    for first in range(0, len(every), PORTION):
        yield every[first : first + PORTION]


def numbers_of_rep(
    session: Session, organisation_id: UUID, scoring: Scoring, rep_id: UUID, now: datetime
) -> dict[Pair, Numbers]:
    """Return the numbers of one rep's relationships as of `now`."""
    rows = session.execute(
        select(col(Relationship.rep_id), col(Relationship.contact_id), _NUMBERS)
        .where(col(Relationship.organisation_id) == organisation_id, col(Relationship.rep_id) == rep_id)
        .order_by(col(Relationship.id))
    )
    stored = {(row.rep_id, row.contact_id): row.numbers for row in rows}
    fresh = fresh_numbers(session, organisation_id, scoring, now)
    return stored | {pair: numbers for pair, numbers in fresh.items() if pair in stored}


def pairs_to_guess(
    session: Session, organisation_id: UUID, now: datetime, rep_ids: Collection[UUID] | None = None
) -> set[Pair]:
    """Return the (rep, contact) with an answer whose mirror can still be sealed; of these reps, where they are
    given."""
    rows = session.execute(
        select(col(Meeting.rep_id), col(Invitation.contact_id))
        .select_from(Invitation)
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(Invitation.organisation_id) == organisation_id,
            can_still_guess(now),
            true() if rep_ids is None else col(Meeting.rep_id).in_(rep_ids),
        )
    )
    return {(row.rep_id, row.contact_id) for row in rows}


def pairs_for_managers_only(
    session: Session, organisation_id: UUID, rep_ids: Collection[UUID], now: datetime
) -> set[Pair]:
    """Return the (rep, contact) of these reps with an answer that its rep may not see by itself. There may be
    too many among them: core.access decides about each answer. None that can still be guessed: it counts for no rep
    anyway, and whether it is for managers only must not show in what a page costs."""
    not_for_reps = literal(Visibility.REP.value, literal_execute=True)  # as the partial index has it
    rows = session.execute(
        select(col(Meeting.rep_id), col(Invitation.contact_id))
        .select_from(_AnyClient)
        .join(Invitation, references(_AnyClient, _AnyClient.invitation_id, Invitation))
        .join(Meeting, references(Invitation, Invitation.meeting_id, Meeting))
        .where(
            col(_AnyClient.organisation_id) == organisation_id,
            col(_AnyClient.visibility) != not_for_reps,
            not_(_can_still_be_sealed(now)),
        )
    )
    return {(row.rep_id, row.contact_id) for row in rows if row.rep_id in rep_ids}


def answer_exists(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on an invitation that its client rated something, and that `where` holds for the
    client's row."""
    return exists().where(
        references(_AnyClient, _AnyClient.invitation_id, Invitation),
        col(_AnyClient.side) == Side.CLIENT,
        col(_AnyClient.settles_at).is_not(None),
        or_(*(getattr(_AnyClient, name).is_not(None) for name in DIMENSIONS)),
        *where,
    )


def was_answered(now: Any) -> ColumnElement[bool]:
    """Return the condition on an invitation that an answer has settled by `now` (a moment, or a parameter),
    even if it was erased. That much stays as a count."""
    return exists().where(
        references(_AnyClient, _AnyClient.invitation_id, Invitation),
        col(_AnyClient.side) == Side.CLIENT,
        col(_AnyClient.settled_at).is_not(None) | (col(_AnyClient.settles_at) <= now),
    )


def can_still_guess(now: datetime) -> ColumnElement[bool]:
    """Return the condition on an invitation that the client rated something, and the mirror can still be
    sealed."""
    return and_(_can_still_be_sealed(now), answer_exists())


def _can_still_be_sealed(now: datetime) -> ColumnElement[bool]:
    sealed = exists().where(
        references(_AnyMirror, _AnyMirror.invitation_id, Invitation),
        col(_AnyMirror.side) == Side.REP,
        col(_AnyMirror.sealed_at).is_not(None),
    )
    not_yet = col(Invitation.sealed_at).is_(
        None
    )  # an index holds these alone; what counts is the mirror itself
    return and_(col(Invitation.closes_at) > now, not_yet, ~sealed)


def relationship_for(
    session: Session, viewer: Viewer, relationship_id: UUID, now: datetime
) -> RelationshipView:
    """Return a rep's own, a manager's teams', an owner's organisation's relationship, or one that was handed over to
    them, which they read as its own rep or manager would. Raises NotFound for any other."""
    return _visible_one(session, viewer, col(Relationship.id) == relationship_id, now)


def relationship_to_practise(
    session: Session, viewer: Viewer, relationship_id: UUID, now: datetime
) -> RelationshipView:
    """Return a relationship as `relationship_for` does, but none that was only handed over: what its rep tried is the
    history of that rep. Raises NotFound for any other, and WorksAgreement."""
    viewer.figures.require_by_person()
    found = relationship_for(session, viewer, relationship_id, now)
    if not _may_see(viewer, found):
        raise NotFound("relationship")
    return found


def relationship_between(
    session: Session, viewer: Viewer, rep_id: UUID, contact_id: UUID, now: datetime
) -> RelationshipView:
    """Return the relationship of a rep with a contact, for a viewer who may see it. Raises NotFound for any
    other."""
    where = (col(Relationship.rep_id) == rep_id) & (col(Relationship.contact_id) == contact_id)
    return _visible_one(session, viewer, where, now)


def _visible_one(
    session: Session, viewer: Viewer, where: ColumnElement[bool], now: datetime
) -> RelationshipView:
    found = relationships(session, viewer, where, now)
    if not found or not (_may_see(viewer, found[0]) or _took_over(session, viewer, found[0])):
        raise NotFound("relationship")
    return found[0]


def _took_over(session: Session, viewer: Viewer, relationship: RelationshipView) -> bool:
    """Tell whether a relationship was handed over to this rep, or to one of this manager's teams."""
    over = hand_over_of(session, viewer.organisation_id, relationship.id)
    if over is None:
        return False
    return over.to_id == viewer.id if viewer.is_rep else over.to_team_id in viewer.teams


def relationships(
    session: Session, viewer: Viewer, where: ColumnElement[bool], now: datetime
) -> list[RelationshipView]:
    """Return relationships with their numbers as of `now`, including answers that have settled by the clock
    and that the worker has not processed yet."""
    fresh = fresh_numbers(session, viewer.organisation_id, viewer.scoring, now)
    found = stored_relationships(session, viewer.organisation_id, where)
    return [replace(r, numbers=fresh.get((r.rep_id, r.contact_id), r.numbers)) for r in found]


def fresh_relationships(
    session: Session, viewer: Viewer, where: ColumnElement[bool], now: datetime
) -> list[RelationshipView]:
    """Return those of the relationships in `where` (a condition on Relationship) whose stored numbers are behind
    at `now`, with the numbers as they are: a statement about stored numbers leaves them out, and its reader adds
    them."""
    fresh = fresh_numbers(session, viewer.organisation_id, viewer.scoring, now)
    these = tuple_(col(Relationship.rep_id), col(Relationship.contact_id))
    found = [
        each
        for some in _portions(fresh)
        for each in stored_relationships(session, viewer.organisation_id, these.in_(some) & where)
    ]
    return [replace(r, numbers=fresh[r.rep_id, r.contact_id]) for r in found]


def stored_relationships(
    session: Session, organisation_id: UUID, where: ColumnElement[bool]
) -> list[RelationshipView]:
    """Return relationships with their numbers as last written."""
    rows = session.execute(
        select(
            col(Relationship.id), col(User.id).label("rep_id"), col(User.name).label("rep"),
            col(User.team_id).label("rep_team_id"), col(_NowWith.name).label("now_with"), col(Contact.id).label("contact_id"),
            col(Contact.name).label("contact"), col(Contact.role).label("contact_role"),
            col(Account.id).label("account_id"), col(Account.name).label("account"), col(Account.review_days),
            col(Relationship.last_meeting_at), _NUMBERS,
        )
        .select_from(Relationship)
        .join(User, references(Relationship, Relationship.rep_id, User))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(HandedOver, in_force())
        .outerjoin(_NowWith, references(HandedOver, HandedOver.rep_id, _NowWith))
        .where(col(Relationship.organisation_id) == organisation_id, where)
        .order_by(col(Contact.name))
    )  # fmt: skip
    return views(RelationshipView, rows)


def stored_gaps(session: Session, organisation_id: UUID, rep_ids: Collection[UUID]) -> dict[Pair, StoredGap]:
    """Return what the relationships of these reps add to their sums beside their means, as last written."""
    rows = session.execute(
        select(
            col(Relationship.rep_id), col(Relationship.contact_id), col(Relationship.distance),
            col(Relationship.bias), col(Relationship.real_gap),
        ).where(col(Relationship.organisation_id) == organisation_id, col(Relationship.rep_id).in_(rep_ids))
    )  # fmt: skip
    return {(row.rep_id, row.contact_id): StoredGap(row.distance, row.bias, row.real_gap) for row in rows}


def fresh_numbers(
    session: Session, organisation_id: UUID, scoring: Scoring, now: datetime
) -> dict[Pair, Numbers]:
    """Return the numbers of relationships with an answer that has settled by `now` and was not processed yet:
    nearly always none, for the worker looks every two seconds."""
    pairs = {(due.rep_id, due.contact_id) for due in settled_by_clock(session, organisation_id, now)}
    past = history_of_pairs(session, organisation_id, pairs, now) if pairs else {}
    return {pair: relationship_numbers((p.moment() for p in each), scoring) for pair, each in past.items()}


def _may_see(viewer: Viewer, relationship: RelationshipView) -> bool:
    if viewer.is_rep:
        return relationship.rep_id == viewer.id
    return viewer.is_owner or relationship.rep_team_id in viewer.teams


def locked_pairs_of(session: Session, organisation_id: UUID, rep_ids: Collection[UUID]) -> set[Pair]:
    """Return every relationship of these reps, its row held until the transaction ends."""
    rows = session.execute(
        select(col(Relationship.rep_id), col(Relationship.contact_id))
        .where(col(Relationship.organisation_id) == organisation_id, col(Relationship.rep_id).in_(rep_ids))
        .order_by(col(Relationship.rep_id), col(Relationship.contact_id))
        .with_for_update()
    )
    return {(rep_id, contact_id) for rep_id, contact_id in rows}
