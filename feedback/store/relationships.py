"""Relationships: their history, and their stored numbers."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import Missing, Visibility, rep_picture_includes
from feedback.core.dimensions import DIMENSIONS, NO_RATINGS, Ratings
from feedback.core.points import weight
from feedback.core.relationships import Moment, Numbers, relate
from feedback.models import Account, Contact, Feedback, Invitation, Meeting, Relationship, Side, User
from feedback.models.feedback import Counts
from feedback.store.joins import points_at
from feedback.store.people import Viewer, first_name


@dataclass(frozen=True, slots=True)
class Past:
    """One invitation of a relationship's history, with all that decides whether and for whom it counts."""

    rep_id: UUID
    contact_id: UUID
    invitation_id: UUID
    held_at: datetime
    closes_at: datetime
    client: Ratings
    mirror: Ratings
    sealed: bool
    counts: bool
    visibility: str

    def moment(self) -> Moment:
        """As it counts: a quarantined answer is kept and shown, not counted."""
        return Moment(
            self.held_at,
            client=self.client if self.counts else NO_RATINGS,
            mirror=self.mirror if self.sealed else NO_RATINGS,
        )


@dataclass(frozen=True, slots=True)
class RelationshipView:
    id: UUID
    rep_id: UUID
    rep: str
    rep_team_id: UUID | None
    contact_id: UUID
    contact: str
    contact_role: str | None
    account_id: UUID
    account: str
    review_days: int | None
    last_meeting_at: datetime | None
    numbers: Numbers

    @property
    def contact_first(self) -> str:
        return first_name(self.contact)


_Client, _Mirror = aliased(Feedback, name="client"), aliased(Feedback, name="mirror")
_AnyClient, _AnyMirror = aliased(Feedback, name="any_client"), aliased(Feedback, name="any_mirror")
_SIX = len(DIMENSIONS)
PORTION = 5000  # pairs to a statement; PostgreSQL takes 65,535 parameters
_ABOUT = (
    "id", "rep_id", "rep", "rep_team_id", "contact_id", "contact", "contact_role", "account_id", "account",
    "review_days", "last_meeting_at",
)  # fmt: skip
_MEANS = [
    getattr(Relationship, f"{kind}_{name}") for kind in ("points", "client", "mirror") for name in DIMENSIONS
]


def history(session: Session, organisation_id: UUID, where: ColumnElement[bool]) -> list[Past]:
    """Every invitation of the relationships that `where` picks (by Meeting and Invitation)."""
    rows = session.execute(
        select(
            col(Meeting.rep_id), col(Invitation.contact_id), col(Invitation.id), col(Meeting.held_at),
            col(Invitation.closes_at), col(_Mirror.sealed_at), col(_Client.counts), col(_Client.visibility),
            *(getattr(_Client, name) for name in DIMENSIONS),
            *(getattr(_Mirror, name) for name in DIMENSIONS),
        )
        .select_from(Invitation)
        .join(Meeting, points_at(Invitation, Invitation.meeting_id, Meeting))
        .outerjoin(_Client, points_at(_Client, _Client.invitation_id, Invitation) & (col(_Client.side) == Side.CLIENT))
        .outerjoin(_Mirror, points_at(_Mirror, _Mirror.invitation_id, Invitation) & (col(_Mirror.side) == Side.REP))
        .where(col(Invitation.organisation_id) == organisation_id, where)
    )  # fmt: skip
    return [
        Past(
            rep_id=row[0],
            contact_id=row[1],
            invitation_id=row[2],
            held_at=row[3],
            closes_at=row[4],
            client=tuple(row[8 : 8 + _SIX]),
            mirror=tuple(row[8 + _SIX :]),
            sealed=row[5] is not None,
            counts=row[6] == Counts.COUNTED,
            visibility=row[7] or Visibility.REP,
        )
        for row in rows
    ]


def history_of(session: Session, organisation_id: UUID, rep_id: UUID, contact_id: UUID) -> list[Past]:
    return history(
        session, organisation_id, (col(Meeting.rep_id) == rep_id) & (col(Invitation.contact_id) == contact_id)
    )


def history_of_pairs(
    session: Session, organisation_id: UUID, pairs: Collection[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], list[Past]]:
    """The histories of these (rep, contact), in as many statements as the number of parameters asks for."""
    these = tuple_(col(Meeting.rep_id), col(Invitation.contact_id))
    found: dict[tuple[UUID, UUID], list[Past]] = {pair: [] for pair in pairs}
    for some in _portions(pairs):
        for past in history(session, organisation_id, these.in_(some)):
            found[past.rep_id, past.contact_id].append(past)
    return found


def between_pairs(
    session: Session, organisation_id: UUID, pairs: Collection[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], RelationshipView]:
    """The relationships of these (rep, contact)."""
    these = tuple_(col(Relationship.rep_id), col(Relationship.contact_id))
    rows = [r for some in _portions(pairs) for r in relationships(session, organisation_id, these.in_(some))]
    return {(r.rep_id, r.contact_id): r for r in rows}


def _portions(pairs: Collection[tuple[UUID, UUID]]) -> Iterator[list[tuple[UUID, UUID]]]:
    every = list(pairs)
    for first in range(0, len(every), PORTION):
        yield every[first : first + PORTION]


def numbers_by_rep(session: Session, organisation_id: UUID) -> dict[UUID, list[Numbers]]:
    """Every relationship's stored numbers, by rep: what a leaderboard reads."""
    found: defaultdict[UUID, list[Numbers]] = defaultdict(list)
    for (rep_id, _), numbers in _stored(session, organisation_id).items():
        found[rep_id].append(numbers)
    return found


def numbers_as_reps_may_see(
    session: Session, organisation_id: UUID, half_life: float, now: datetime
) -> dict[UUID, list[Numbers]]:
    """Like numbers_by_rep, for the eyes of reps: without answers whose mirror can still be sealed (a
    score that moves is a trace), nor manager-only ones among fewer than three voices."""
    stored = _stored(session, organisation_id)
    touched = history(
        session,
        organisation_id,
        unsealed_answer(now) | answer_exists(col(_AnyClient.visibility) == Visibility.MANAGER),
    )
    pasts = {
        (rep_id, contact_id): history_of(session, organisation_id, rep_id, contact_id)
        for rep_id, contact_id in {(p.rep_id, p.contact_id) for p in touched}
    }
    # An answer still to be guessed is not in the picture, and so hides nobody: count the voices without it.
    for pair, past in pasts.items():
        stored[pair] = as_rep_may_see(past, half_life, inf, now)
    heard: defaultdict[UUID, float] = defaultdict(float)
    for (rep_id, _), numbers in stored.items():
        heard[rep_id] += numbers.vote / weight(now, half_life)
    for (rep_id, contact_id), past in pasts.items():
        stored[rep_id, contact_id] = as_rep_may_see(past, half_life, heard[rep_id], now)
    found: defaultdict[UUID, list[Numbers]] = defaultdict(list)
    for (rep_id, _), numbers in stored.items():
        found[rep_id].append(numbers)
    return found


def answer_exists(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of an invitation: its client said something, and `where` holds of it."""
    return exists().where(
        points_at(_AnyClient, _AnyClient.invitation_id, Invitation),
        col(_AnyClient.side) == Side.CLIENT,
        or_(*(getattr(_AnyClient, name).is_not(None) for name in DIMENSIONS)),
        *where,
    )


def was_answered() -> ColumnElement[bool]:
    """Of an invitation: its client said something, even if it was taken back. That much stays as a count."""
    taken_back = exists().where(
        points_at(_AnyClient, _AnyClient.invitation_id, Invitation),
        col(_AnyClient.side) == Side.CLIENT,
        col(_AnyClient.erased_at).is_not(None),
        col(_AnyClient.done_at).is_not(None),
    )
    return or_(answer_exists(), taken_back)


def unsealed_answer(now: datetime) -> ColumnElement[bool]:
    """Of an invitation: the client answered, and the mirror can still be sealed."""
    sealed = exists().where(
        points_at(_AnyMirror, _AnyMirror.invitation_id, Invitation),
        col(_AnyMirror.side) == Side.REP,
        col(_AnyMirror.sealed_at).is_not(None),
    )
    return and_(col(Invitation.closes_at) > now, ~sealed, answer_exists())


def as_rep_may_see(past: list[Past], half_life: float, voices: float, now: datetime) -> Numbers:
    """A relationship's numbers from what its rep may be shown (core.access decides)."""
    return relate(
        (
            p.moment()
            if rep_picture_includes(
                sealed=p.sealed, open_=p.closes_at > now, visibility=p.visibility, voices=voices
            )
            else Moment(p.held_at)
            for p in past
        ),
        half_life,
    )


def relationship_for(session: Session, viewer: Viewer, relationship_id: UUID) -> RelationshipView:
    """A rep's own, a manager's teams', an owner's organisation's; anybody else's is Missing."""
    where = col(Relationship.id) == relationship_id
    found = relationships(session, viewer.organisation_id, where)
    if not found or not _may_see(viewer, found[0]):
        raise Missing("relationship")
    return found[0]


def relationship_between(
    session: Session, viewer: Viewer, rep_id: UUID, contact_id: UUID
) -> RelationshipView:
    """The relationship of a rep with a contact, for whoever may see it; else Missing."""
    where = (col(Relationship.rep_id) == rep_id) & (col(Relationship.contact_id) == contact_id)
    found = relationships(session, viewer.organisation_id, where)
    if not found or not _may_see(viewer, found[0]):
        raise Missing("relationship")
    return found[0]


def relationships(
    session: Session, organisation_id: UUID, where: ColumnElement[bool]
) -> list[RelationshipView]:
    rows = session.execute(
        select(
            col(Relationship.id), col(User.id), col(User.name), col(User.team_id), col(Contact.id),
            col(Contact.name), col(Contact.role), col(Account.id), col(Account.name), col(Account.review_days),
            col(Relationship.last_meeting_at), *_numbers_columns(),
        )
        .select_from(Relationship)
        .join(User, points_at(Relationship, Relationship.rep_id, User))
        .join(Contact, points_at(Relationship, Relationship.contact_id, Contact))
        .join(Account, points_at(Contact, Contact.account_id, Account))
        .where(col(Relationship.organisation_id) == organisation_id, where)
        .order_by(col(Contact.name))
    )  # fmt: skip
    return [
        RelationshipView(**dict(zip(_ABOUT, row, strict=False)), numbers=_numbers(row[len(_ABOUT) :]))
        for row in rows
    ]


def _may_see(viewer: Viewer, relationship: RelationshipView) -> bool:
    if viewer.is_rep:
        return relationship.rep_id == viewer.id
    return viewer.is_owner or relationship.rep_team_id in viewer.teams


def _stored(session: Session, organisation_id: UUID) -> dict[tuple[UUID, UUID], Numbers]:
    """Stored numbers by (rep_id, contact_id), of people who still work here."""
    rows = session.execute(
        select(col(Relationship.rep_id), col(Relationship.contact_id), *_numbers_columns())
        .join(User, points_at(Relationship, Relationship.rep_id, User))
        .where(col(Relationship.organisation_id) == organisation_id, col(User.ended_at).is_(None))
        .order_by(col(Relationship.id))
    )
    return {(row[0], row[1]): _numbers(row[2:]) for row in rows}


def _numbers_columns() -> list[Any]:
    return [
        col(Relationship.loyalty), col(Relationship.vote), col(Relationship.answers), col(Relationship.both),
        col(Relationship.last_client_at), *_MEANS,
    ]  # fmt: skip


def _numbers(values: Any) -> Numbers:
    loyalty, vote, answers, both, last_client_at = values[:5]
    means = values[5:]
    return Numbers(
        loyalty=loyalty,
        vote=vote,
        points=tuple(means[:_SIX]),
        client=tuple(means[_SIX : 2 * _SIX]),
        mirror=tuple(means[2 * _SIX :]),
        answers=answers,
        both=both,
        last_client_at=last_client_at,
    )
