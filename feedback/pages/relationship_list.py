"""The page about all relationships somebody is responsible for: counts of all of them, and the first of each list.
The database counts and cuts; what has settled since the numbers were stored is added (store.relationships)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, null, select
from sqlmodel import Session, col

from feedback.core.gaps.quadrants import MapPlace, quadrant_point, urgency
from feedback.core.scoring.levels import LEVELS_FROM, Level, level
from feedback.models import Relationship
from feedback.pages.relationship_map import (
    FIRST,
    MOST_DOTS,
    ON_MAP,
    MapCell,
    MapPoint,
    RelationshipMap,
    map_points,
    of_accounts,
    place_of,
)
from feedback.store.handed_over import of_clients_looked_after
from feedback.store.people import Viewer
from feedback.store.relationships import RelationshipView, fresh_relationships, stored_relationships

MOST_LISTED = 20  # of each list that has no pages
_LADDER = list(Level)


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A relationship that changed its level."""

    relationship: RelationshipView
    before: Level
    now: Level
    steps: int  # how many levels up, or down (negative)


@dataclass(frozen=True, slots=True)
class Levels:
    """How many relationships are on each level, now and at an earlier moment."""

    now: Counter[Level]
    before: Counter[Level]
    ups: int
    downs: int
    news: int
    up: list[LevelChange]  # the first of so many, likewise below
    down: list[LevelChange]
    new: list[RelationshipView]  # those without a counted answer before that moment


@dataclass(frozen=True, slots=True)
class RelationshipList:
    """What the page shows, but for the pages of its table."""

    whole: int
    map: RelationshipMap
    levels: Levels
    fine_count: int
    fine: list[RelationshipView]  # whose latest answer is lukewarm, the latest met first
    not_guessed: list[RelationshipView]
    not_heard: list[RelationshipView]


@dataclass(frozen=True, slots=True)
class RelationshipCounts:
    """How many relationships there are."""

    places: Counter[MapPlace]  # on the map and beside it: all of them
    levels: Counter[Level]  # of those with a counted answer
    fine: int  # whose latest answer is lukewarm

    def __add__(self, other: "RelationshipCounts") -> "RelationshipCounts":
        return RelationshipCounts(
            self.places + other.places, self.levels + other.levels, self.fine + other.fine
        )


class Move(NamedTuple):
    """Where a relationship came from since the quarter began."""

    before: Level | None  # None without a counted answer then
    now: Level | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Some relationships (a condition on Relationship), at a moment."""

    session: Session
    viewer: Viewer
    where: ColumnElement[bool]
    fresh: Sequence[RelationshipView]  # those of them whose stored numbers are behind
    since: datetime  # the beginning of the quarter


def selection(
    session: Session,
    viewer: Viewer,
    since: datetime,
    now: datetime,
    *,
    team_id: UUID | None = None,
    rep_id: UUID | None = None,
    account_id: UUID | None = None,
) -> Selection:
    """Return the relationships that the viewer may see; of one team, one rep, one account when asked for.
    By who looks after the client now (store.handed_over)."""
    where = of_clients_looked_after(session, viewer, team_id, rep_id)
    if account_id:
        where &= of_accounts(viewer, [account_id])
    return Selection(session, viewer, where, fresh_relationships(session, viewer, where, now), since)


def relationship_list(chosen: Selection) -> RelationshipList:
    """Return what the page shows of these relationships. Raises WorksAgreement."""
    chosen.viewer.figures.require_by_person()
    whole = count_relationships(chosen)
    counts = whole.places
    moves = count_moves(chosen)
    moved = _tally(moves, _direction)
    orders: dict[Any, _Ordered] = {"dots": _placed(take=MOST_DOTS)}
    orders |= {place: _placed(place, FIRST) for place in ON_MAP if counts[place]}
    orders |= {sign: _moved(sign, chosen.since) for sign in (1, 0, -1) if moved[sign]}
    orders |= {place: _apart(place) for place in (MapPlace.NOT_GUESSED, MapPlace.NOT_HEARD) if counts[place]}
    if whole.fine:
        orders["fine"] = _latest_met(col(Relationship.lukewarm).is_(True), lambda r: r.numbers.lukewarm)
    lists = defaultdict[Any, list[RelationshipView]](list, _read(chosen, orders))
    dots = map_points(lists["dots"])
    shown = RelationshipMap(
        counts=counts,
        placed=dots,
        first={place: map_points(lists[place]) for place in ON_MAP},
        cells=_cells(chosen) if sum(counts[place] for place in ON_MAP) > len(dots) else [],
    )
    now: Counter[Level | None] = Counter(whole.levels)
    before = now - _tally(moves, lambda move: move.now) + _tally(moves, lambda move: move.before)
    levels = Levels(
        now=Counter({rung: now[rung] for rung in Level if now[rung]}),
        before=Counter({rung: before[rung] for rung in Level if before[rung]}),
        ups=moved[1],
        downs=moved[-1],
        news=moved[0],
        up=[_change(each, chosen.since) for each in lists[1]],
        down=[_change(each, chosen.since) for each in lists[-1]],
        new=lists[0],
    )
    return RelationshipList(
        whole=counts.total(),
        map=shown,
        levels=levels,
        fine_count=whole.fine,
        fine=lists["fine"],
        not_guessed=lists[MapPlace.NOT_GUESSED],
        not_heard=lists[MapPlace.NOT_HEARD],
    )


def placed_page(chosen: Selection, skip: int, take: int, place: MapPlace | None = None) -> list[MapPoint]:
    """Return `take` relationships on the map, or in one of its fields, after the first `skip`, the most urgent first."""
    return map_points(_read(chosen, {"page": replace(_placed(place, take), skip=skip)})["page"])


def every_relationship(chosen: Selection, skip: int, take: int) -> list[RelationshipView]:
    """Return `take` relationships after the first `skip`, by id: the order in which they began. Raises WorksAgreement."""
    chosen.viewer.figures.require_by_person()
    ids = chosen.session.scalars(
        select(col(Relationship.id))
        .where(col(Relationship.organisation_id) == chosen.viewer.organisation_id, chosen.where)
        .order_by(col(Relationship.id))
        .offset(skip or None)
        .limit(take)
    ).all()
    found = _by_id(chosen, ids) | {each.id: each for each in chosen.fresh}
    return [found[each] for each in ids if each in found]


def relationships_with(chosen: Selection, contact_ids: Collection[UUID]) -> list[RelationshipView]:
    """Return the relationships with these contacts. Raises WorksAgreement."""
    chosen.viewer.figures.require_by_person()
    where = chosen.where & col(Relationship.contact_id).in_(contact_ids)
    return stored_relationships(chosen.session, chosen.viewer.organisation_id, where) if contact_ids else []


def count_relationships(chosen: Selection) -> RelationshipCounts:
    """Count the relationships by place and by level, and the lukewarm ones, in one pass through an index."""
    reaches = [func.sum(case((col(Relationship.loyalty) >= least, 1), else_=0)) for least, _ in LEVELS_FROM]
    rows = chosen.session.execute(
        select(
            col(Relationship.place),
            func.count(),
            func.sum(case((col(Relationship.lukewarm), 1), else_=0)),
            *reaches,
            func.count(col(Relationship.loyalty)),
        )
        .where(*_stored(chosen))
        .group_by(col(Relationship.place))
    )
    found = RelationshipCounts(Counter(), Counter(), 0)
    for place, whole, fine, *reached in rows:
        beyond = [0, *reached]  # how many reach a higher level than this one
        its = {rung: reached[n] - beyond[n] for n, rung in enumerate(reversed(Level))}
        found += RelationshipCounts(Counter({place: whole}), Counter(its), fine)
    for each in chosen.fresh:
        found += counts_of(each)
    return found


def counts_of(relationship: RelationshipView) -> RelationshipCounts:
    """Return what count_relationships adds for one relationship."""
    numbers = relationship.numbers
    its = () if numbers.loyalty is None else (level(numbers.loyalty),)
    return RelationshipCounts(Counter((place_of(relationship),)), Counter(its), int(numbers.lukewarm))


def _cells(chosen: Selection) -> list[MapCell]:
    """Count the relationships on the map by their place, to half a rating."""
    guessed, said = func.round(col(Relationship.guessed) * 2), func.round(col(Relationship.said) * 2)
    rows = chosen.session.execute(
        select(guessed, said, func.count())
        .where(*_stored(chosen), col(Relationship.place).in_(ON_MAP))
        .group_by(guessed, said)
    )
    return [MapCell(float(x) / 2, float(y) / 2, count) for x, y, count in rows]


def count_moves(chosen: Selection) -> Counter[Move]:
    """Count, of the relationships rated since the quarter began, from which level to which they went."""
    columns = (
        _rung(col(Relationship.quarter_loyalty)).label("before"),
        _rung(col(Relationship.loyalty)).label("now"),
    )
    rows = chosen.session.execute(
        select(*columns, func.count())
        .where(*_stored(chosen), col(Relationship.last_client_at) >= chosen.since)
        .group_by(*columns)
    )
    found = Counter[Move]()
    for before, now, count in rows:
        found[Move(_on(before), _on(now))] += count
    found.update(move for each in chosen.fresh if (move := move_of(each, chosen.since)))
    return found


def move_of(relationship: RelationshipView, since: datetime) -> Move | None:
    """Return from which level to which a relationship went; None unless it was rated since the quarter began. Only
    those can have changed."""
    numbers = relationship.numbers
    if numbers.last_client_at is None or numbers.last_client_at < since or numbers.loyalty is None:
        return None
    before = None if numbers.quarter_loyalty is None else level(numbers.quarter_loyalty)
    return Move(before, level(numbers.loyalty))


def _change(relationship: RelationshipView, since: datetime) -> LevelChange:
    move = move_of(relationship, since)
    assert move is not None and move.before is not None and move.now is not None  # noqa: S101, PT018 (it moved)
    return LevelChange(relationship, move.before, move.now, steps_of(move))


def steps_of(move: Move | None) -> int:
    """Return how many levels up, or down (negative)."""
    if move is None or move.now is None or move.before is None:
        return 0
    return _LADDER.index(move.now) - _LADDER.index(move.before)


def _direction(move: Move | None) -> int | None:
    """Return 1 for a rise, -1 for a fall, 0 for one heard for the first time; None when nothing changed."""
    if move is None or move.now is move.before:
        return None
    return 0 if move.before is None else 1 if steps_of(move) > 0 else -1


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A list of relationships, told in both languages: where and order are columns, fits and key functions."""

    where: ColumnElement[bool]
    fits: Callable[[RelationshipView], bool]
    order: tuple[Any, ...]
    key: Callable[[RelationshipView], Any]
    skip: int = 0
    take: int = MOST_LISTED


def _placed(place: MapPlace | None = None, take: int = MOST_LISTED) -> _Ordered:
    """The most urgent first, of one field or of all."""
    urgency_of = col(Relationship.urgency)
    least = 10.0 * ON_MAP.index(place) if place else 0.0
    return _Ordered(
        (urgency_of >= least) & (urgency_of < (least + 10 if place else 10 * len(ON_MAP))),
        lambda r: place_of(r) in ((place,) if place else ON_MAP),
        (urgency_of, col(Relationship.id)),
        lambda r: (_urgency(r), r.id),
        take=take,
    )


def _urgency(relationship: RelationshipView) -> float:
    point = quadrant_point(relationship.numbers.client, relationship.numbers.mirror)
    return urgency(point) if point else 0.0


def _moved(sign: int, since: datetime) -> _Ordered:
    """Those who went up (1) or down (-1) since then, the farthest first; or were heard first (0), the latest
    first."""
    recent = col(Relationship.last_client_at) >= since
    if sign == 0:
        return _Ordered(
            recent & col(Relationship.quarter_loyalty).is_(None),
            lambda r: _direction(move_of(r, since)) == 0,
            (col(Relationship.last_client_at).desc(), col(Relationship.id).desc()),
            lambda r: (-_heard_at(r), -r.id.int),
        )
    rise = _rung(col(Relationship.loyalty)) - _rung(col(Relationship.quarter_loyalty))
    return _Ordered(
        recent & (sign * rise > 0),
        lambda r: _direction(move_of(r, since)) == sign,
        (-sign * rise, col(Relationship.id)),
        lambda r: (-abs(steps_of(move_of(r, since))), r.id),
    )


def _heard_at(relationship: RelationshipView) -> float:
    heard = relationship.numbers.last_client_at
    return heard.timestamp() if heard else 0.0


def _apart(place: MapPlace) -> _Ordered:
    return _latest_met(col(Relationship.place) == place, lambda r: place_of(r) is place)


def _latest_met(where: ColumnElement[bool], fits: Callable[[RelationshipView], bool]) -> _Ordered:
    return _Ordered(
        where,
        fits,
        (col(Relationship.last_meeting_at).desc(), col(Relationship.id)),
        lambda r: (-r.last_meeting_at.timestamp() if r.last_meeting_at else 0.0, r.id),
    )


def _read(chosen: Selection, orders: Mapping[Any, _Ordered]) -> dict[Any, list[RelationshipView]]:
    """Return each list. First the ids of all lists are found, in their indexes; then all their rows are read at
    once. Fresh relationships may stand anywhere between the stored ones, so as many more of these are read."""
    fresh = {name: [each for each in chosen.fresh if order.fits(each)] for name, order in orders.items()}
    first = {name: max(0, order.skip - len(fresh[name])) for name, order in orders.items()}
    ids = {name: _ids(chosen, order, first[name]) for name, order in orders.items()}
    wanted = {each for some in ids.values() for each in some}
    stored = _by_id(chosen, wanted) if wanted else {}
    found = {}
    for name, order in orders.items():
        rows = [stored[each] for each in ids[name] if each in stored]
        merged = sorted([*rows, *fresh[name]], key=order.key) if fresh[name] else rows
        found[name] = merged[order.skip - first[name] :][: order.take]
    return found


def _ids(chosen: Selection, order: _Ordered, first: int) -> Sequence[UUID]:
    return chosen.session.scalars(
        select(col(Relationship.id))
        .where(*_stored(chosen), order.where)
        .order_by(*order.order)
        .offset(first or None)
        .limit(order.skip + order.take - first)
    ).all()


def _by_id(chosen: Selection, ids: Collection[UUID]) -> dict[UUID, RelationshipView]:
    found = stored_relationships(chosen.session, chosen.viewer.organisation_id, col(Relationship.id).in_(ids))
    return {each.id: each for each in found}


def _stored(chosen: Selection) -> list[ColumnElement[bool]]:
    mine = [col(Relationship.organisation_id) == chosen.viewer.organisation_id, chosen.where]
    if chosen.fresh:
        mine.append(col(Relationship.id).not_in([each.id for each in chosen.fresh]))
    return mine


def _rung(loyalty: Any) -> ColumnElement[int]:
    """Return what core.scoring.levels.level computes, as the place in the ladder, 0..3; NULL without a loyalty."""
    steps_up = [(loyalty >= least, _LADDER.index(name)) for least, name in LEVELS_FROM]
    return case((loyalty.is_(None), null()), *steps_up, else_=0)


def _on(rung: int | None) -> Level | None:
    return None if rung is None else _LADDER[rung]


def _tally(classes: Counter[Any], what: Callable[[Any], Any]) -> Counter[Any]:
    found = Counter[Any]()
    for each, count in classes.items():
        found[what(each)] += count
    return found
