"""What reps are working on, and whether clients' ratings changed with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from feedback.core.dimensions import DIMENSIONS
from feedback.core.gaps.practices import DimensionChange, PooledChange, change_since, pooled_change
from feedback.db.tenancy import references
from feedback.models import Account, Contact, PracticeChoice, Relationship, User
from feedback.store.handed_over import is_handed_over
from feedback.store.history import PastInvitation, history_of_pairs
from feedback.store.people import Rep, Viewer, of_visible_reps, reps

MOST_OF_A_REP = 15  # practices of one rep that a list of reps looks at
WINDOW = timedelta(weeks=13)  # what ended longer ago is not looked at
_Assigner = aliased(User, name="assigner")


@dataclass(frozen=True, slots=True)
class PracticeInUse:
    """A practice in one relationship."""

    rep_id: UUID
    relationship_id: UUID
    contact_id: UUID
    contact: str
    account: str
    dimension: str
    number: int  # of the practice, from 1
    since: datetime
    ended_at: datetime | None  # when another took its place
    assigned_by: str | None  # the manager; None when the rep chose it
    # what clients' ratings of the dimension did; None until there is one after it
    moved: DimensionChange | None


@dataclass(frozen=True, slots=True)
class DimensionInWork:
    """What a rep works on in one dimension, and what the rep worked on there before, with other clients."""

    dimension: str
    practices: list[
        PracticeInUse
    ]  # of each client the latest; the latest of all first, which is the one that runs
    moved: PooledChange | None  # with all of these clients together


@dataclass(frozen=True, slots=True)
class CoachedRep:
    """A rep, and what this rep works on."""

    rep: Rep
    practices: list[PracticeInUse]  # the latest, at most MOST_OF_A_REP; those that ended in WINDOW, too
    more: int  # how many run beyond these

    @property
    def dimensions(self) -> list[DimensionInWork]:
        """Return what the rep works on by dimension, the latest chosen first."""
        running = dict.fromkeys(each.dimension for each in self.practices if each.ended_at is None)
        return _by_dimension(self.practices, running)


@dataclass(frozen=True, slots=True)
class CoachingList:
    """The reps somebody is responsible for: first those who work on something, then the others."""

    session: Session
    viewer: Viewer
    now: datetime
    working: dict[UUID, int]  # by rep, how many practices are in use
    reps: list[Rep]  # in that order, by name

    def page(self, skip: int, take: int) -> list[CoachedRep]:
        """Return `take` reps after the first `skip`, with what they work on."""
        shown = self.reps[skip : skip + take]
        found = practices_in_use(
            self.session, self.viewer.organisation_id, [rep.id for rep in shown], self.now, self.now - WINDOW,
            most=MOST_OF_A_REP,
        )  # fmt: skip
        by_rep: defaultdict[UUID, list[PracticeInUse]] = defaultdict(list)
        for each in found:
            by_rep[each.rep_id].append(each)
        return [
            CoachedRep(rep, by_rep[rep.id], self.working.get(rep.id, 0) - _running(by_rep[rep.id]))
            for rep in shown
        ]


def _running(practices: list[PracticeInUse]) -> int:
    return sum(each.ended_at is None for each in practices)


def did_it_help(shown: Iterable[CoachedRep]) -> list[DimensionInWork]:
    """Return, by dimension, what the practices of these reps did, of those rated since."""
    every = [each for one in shown for each in one.practices if each.moved]
    return _by_dimension(every, DIMENSIONS)


def _by_dimension(practices: Iterable[PracticeInUse], names: Iterable[str]) -> list[DimensionInWork]:
    """Return these practices by dimension, of each relationship the first; dimensions without any are absent."""
    found: defaultdict[str, dict[UUID, PracticeInUse]] = defaultdict(dict)
    for each in practices:
        found[each.dimension].setdefault(each.relationship_id, each)
    return [
        DimensionInWork(name, mine, _pooled(mine)) for name in names if (mine := list(found[name].values()))
    ]


def _pooled(practices: Iterable[PracticeInUse]) -> PooledChange | None:
    return pooled_change(each.moved for each in practices if each.moved)


def coaching_list(session: Session, viewer: Viewer, now: datetime) -> CoachingList:
    """Return the reps of the coaching page. People are few beside what they do: their names are read, and of their
    practices the number. Raises WorksAgreement."""
    viewer.figures.require_by_person()
    rows = session.execute(
        select(col(Relationship.rep_id), func.count().label("practices"))
        .select_from(PracticeChoice)
        .join(Relationship, references(PracticeChoice, PracticeChoice.relationship_id, Relationship))
        .where(
            col(PracticeChoice.organisation_id) == viewer.organisation_id,
            col(PracticeChoice.ended_at).is_(None),
            of_visible_reps(viewer, col(Relationship.rep_id)),
            ~is_handed_over(),
        )
        .group_by(col(Relationship.rep_id))
    )
    working = {row.rep_id: row.practices for row in rows}
    every = sorted(reps(session, viewer), key=lambda rep: rep.id not in working)
    return CoachingList(session, viewer, now, working, every)


def practices_in_use(
    session: Session,
    organisation_id: UUID,
    rep_ids: Collection[UUID],
    now: datetime,
    ended_since: datetime | None = None,
    most: int | None = None,
) -> list[PracticeInUse]:
    """Return what these reps work on now, the latest first. ended_since: also what they worked on until after
    that time. most: of each rep."""
    ended = col(PracticeChoice.ended_at)
    place = func.row_number().over(
        partition_by=col(Relationship.rep_id),
        order_by=(col(PracticeChoice.created_at).desc(), col(PracticeChoice.id)),
    )
    chosen = (
        select(col(PracticeChoice.id), place.label("place"))
        .join(Relationship, references(PracticeChoice, PracticeChoice.relationship_id, Relationship))
        .where(
            col(PracticeChoice.organisation_id) == organisation_id,
            col(Relationship.rep_id).in_(rep_ids),
            ended.is_(None) if ended_since is None else ended.is_(None) | (ended >= ended_since),
            ~is_handed_over(),
        )
        .subquery()
    )
    ids = select(chosen.c.id).where(chosen.c.place <= most) if most else select(chosen.c.id)
    rows = session.execute(
        select(
            col(Relationship.rep_id), col(Relationship.id).label("relationship_id"), col(Relationship.contact_id),
            col(Contact.name).label("contact"), col(Account.name).label("account"), col(PracticeChoice.dimension),
            col(PracticeChoice.number), col(PracticeChoice.created_at).label("since"), ended,
            col(_Assigner.name).label("assigned_by"),
        )
        .select_from(PracticeChoice)
        .join(Relationship, references(PracticeChoice, PracticeChoice.relationship_id, Relationship))
        .join(Contact, references(Relationship, Relationship.contact_id, Contact))
        .join(Account, references(Contact, Contact.account_id, Account))
        .outerjoin(_Assigner, references(PracticeChoice, PracticeChoice.assigned_by_id, _Assigner))
        .where(
            col(PracticeChoice.organisation_id) == organisation_id, col(PracticeChoice.id).in_(ids)
        )
        .order_by(col(PracticeChoice.created_at).desc(), col(PracticeChoice.id))
    ).all()  # fmt: skip
    past = history_of_pairs(session, organisation_id, {(row.rep_id, row.contact_id) for row in rows}, now)
    return [
        PracticeInUse(
            rep_id=row.rep_id,
            relationship_id=row.relationship_id,
            contact_id=row.contact_id,
            contact=row.contact,
            account=row.account,
            dimension=row.dimension,
            number=row.number,
            since=row.since,
            ended_at=row.ended_at,
            assigned_by=row.assigned_by,
            moved=_moved(past[row.rep_id, row.contact_id], row.dimension, row.since, row.ended_at),
        )
        for row in rows
    ]


def _moved(
    past: list[PastInvitation], dimension: str, since: datetime, ended_at: datetime | None
) -> DimensionChange | None:
    d = DIMENSIONS.index(dimension)
    known = [
        (m.held_at, m.client[d])
        for m in (p.moment() for p in past)
        if ended_at is None or m.held_at <= ended_at
    ]
    return change_since(known, since)
