"""Relationships and their numbers: stored, and as they are now."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.access import NotFound
from feedback.core.scoring.points import Scoring
from feedback.core.scoring.relationships import Numbers, relationship_numbers
from feedback.db.rows import SixColumns, ViewColumns, views
from feedback.db.tenancy import references
from feedback.models import Account, Contact, HandedOver, Relationship, User
from feedback.store.handed_over import hand_over_of, in_force
from feedback.store.history import Pair, history_of_pairs, one_of_pairs, portions
from feedback.store.people import Viewer, first_name
from feedback.store.settling import settled_by_clock


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
class LastHeard:
    """A relationship's loyalty, and that at the beginning of the week in which its client was last heard: fields of
    core.scoring.relationships.Numbers."""

    loyalty: float
    week_loyalty: float | None
    last_client_at: datetime


@dataclass(frozen=True, slots=True)
class StoredGap:
    """What core.scoring.relationships.Numbers works out of its means, as stored."""

    distance: float | None
    bias: float | None
    real_gap: bool | None


_NowWith = aliased(User, name="now_with")


class _NumbersColumns(ViewColumns):
    view = Numbers


_NUMBERS = _NumbersColumns(
    "numbers", col(Relationship.loyalty), col(Relationship.vote), col(Relationship.answers), col(Relationship.both),
    col(Relationship.last_client_at), col(Relationship.quarter_loyalty), col(Relationship.week_loyalty), col(Relationship.lukewarm),
    SixColumns("client", Relationship, "client_"), SixColumns("mirror", Relationship, "mirror_"),
)  # fmt: skip


def relationships_of_pairs(
    session: Session, viewer: Viewer, pairs: Collection[Pair], now: datetime
) -> dict[Pair, RelationshipView]:
    """Return the relationships of these (rep, contact)."""
    rows = [r for some in portions(pairs) for r in relationships(session, viewer, of_pairs(some), now)]
    return {(r.rep_id, r.contact_id): r for r in rows}


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


def heard_since(
    session: Session,
    organisation_id: UUID,
    scoring: Scoring,
    rep_ids: Collection[UUID],
    since: datetime,
    now: datetime,
) -> dict[Pair, LastHeard]:
    """Return the relationships of these reps whose clients last answered about a meeting at or after `since`, as of
    `now`."""
    columns = (col(Relationship.loyalty), col(Relationship.week_loyalty), col(Relationship.last_client_at))
    rows = session.execute(
        select(col(Relationship.rep_id), col(Relationship.contact_id), *columns).where(
            col(Relationship.organisation_id) == organisation_id,
            col(Relationship.rep_id).in_(rep_ids),
            col(Relationship.last_client_at) >= since,
        )
    )
    found = {(rep_id, contact_id): LastHeard(*numbers) for rep_id, contact_id, *numbers in rows}
    for pair, fresh in fresh_numbers(session, organisation_id, scoring, now).items():
        if (
            pair[0] in rep_ids
            and fresh.loyalty is not None
            and fresh.last_client_at
            and fresh.last_client_at >= since
        ):
            found[pair] = LastHeard(fresh.loyalty, fresh.week_loyalty, fresh.last_client_at)
    return found


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
    found = [
        each
        for some in portions(fresh)
        for each in stored_relationships(session, viewer.organisation_id, of_pairs(some) & where)
    ]
    return [replace(r, numbers=fresh[r.rep_id, r.contact_id]) for r in found]


def of_pairs(pairs: Collection[Pair]) -> ColumnElement[bool]:
    """Return the condition on Relationship that it is one of these."""
    return one_of_pairs(col(Relationship.rep_id), col(Relationship.contact_id), pairs)


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
        .order_by(col(Contact.name), col(Relationship.id))
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
